"""The one table of the JSON API: routes, rights, checks, OpenAPI and documentation come from it."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.reports.face import MAX_FILE
from hueandcry.client import answers, records, reported, requests
from hueandcry.doors.api import claims, reports, signals, sources, standing, webhooks
from hueandcry.doors.api.endpoint import Endpoint

#: Tag → what its endpoints are about, in the order of the documentation.
TAGS: Final[dict[str, str]] = {
    "you": "The token that asks.",
    "checks": "Verdicts on values: what a bank or a telco asks before it acts.",
    "signals": "Signals, every claim about them that the token may see, and what changes.",
    "claims": "What the token's own member claims.",
    "reports": "What happened to people, as institutions report it, and what came of it.",
    "lists": "Block lists, to be fetched page by page and kept up to date by the change feed.",
    "peers": "Members that this node talks to: on what terms, what waits, what was receipted.",
    "sources": "Lists of others that this node takes by itself.",
    "ledger": "The transparency log, and proofs of what a token did.",
    "statistics": "Figures of this node.",
    "webhooks": "Signed notices of what changed, sent to an address of yours.",
}

# A table is read by rows.
# fmt: off
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    Endpoint(
        "me", "GET", "/me", "you", "What this token is and opens", "", standing.me, answers.Me,
    ),
    Endpoint(
        "check", "POST", "/checks", "checks",
        "Check up to 10 000 values", "lookup", signals.check, answers.CheckAnswer,
        body=requests.CheckRequest, statuses=(413,),
        about="One result for each value, in order. A value that cannot be read is `unknown`.",
    ),
    Endpoint(
        "signal", "GET", "/signal", "signals",
        "One signal with every claim, and why the verdict", "signals:read", signals.one,
        answers.SignalView, query=requests.SignalQuery, statuses=(422,),
        about="A value that nobody ever spoke of is answered too, as `unknown`: to a reader, "
        "absent and forbidden are the same. Kinds that name a person (phone, email, bank-"
        "account, handle) need a `purpose`, which is logged.",
    ),
    Endpoint(
        "search", "GET", "/signals", "signals",
        "Search by a value or a part of one", "signals:read", signals.search,
        answers.SearchAnswer, query=requests.SearchQuery, statuses=(422,), cost=20,
        about="By part only among the newest that people claim; lists are found by whole "
        "values. Values that name a person are searched only when `kind` and `purpose` "
        "are given.",
    ),
    Endpoint(
        "changes", "GET", "/changes", "signals",
        "What changed after a cursor", "signals:read", signals.changes, answers.Changes,
        query=requests.ChangesQuery, cost=2,
        about="Keep `next` and ask again with it: at once while `more` is true, else when you "
        "like. An empty page costs one indexed read.",
    ),
    Endpoint(
        "claims", "GET", "/claims", "claims",
        "List the claims of the token's member", "signals:read", claims.mine, answers.ClaimPage,
        query=requests.ClaimsQuery,
        about="What its people and tools claimed; lists that were ingested in bulk are left "
        "out.",
    ),
    Endpoint(
        "claim", "GET", "/claims/{claim}", "claims",
        "One claim", "signals:read", claims.one, answers.Claim, query=requests.ClaimQuery,
        statuses=(404, 422),
        about="Another member's claim on what names a person needs a `purpose`, which is "
        "logged.",
    ),
    Endpoint(
        "raise_claim", "POST", "/claims", "claims",
        "Raise a claim", "claims:write", claims.raise_one, answers.Raised, body=requests.NewClaim,
        status=201, writes=True, codes=("no_seat",),
        about="It is effective and on its way to partners when the answer comes. Said again it "
        "revises or merges.",
    ),
    Endpoint(
        "raise_claims", "POST", "/claims/bulk", "claims",
        "Raise up to 1 000 claims in one transaction", "claims:write", claims.raise_many,
        answers.RaisedMany, body=requests.NewClaims, writes=True, cost=20, codes=("no_seat",),
        about="Each is answered in order. What cannot be read is `refused` with a code; the "
        "others are raised all the same.",
    ),
    Endpoint(
        "retract", "POST", "/claims/retract", "claims",
        "Withdraw the own claims on a value, for ever", "claims:write", claims.retract,
        answers.Retracted, body=requests.Retraction, writes=True, statuses=(404,),
        codes=("no_seat", "no_claim"),
        about="It reaches every copy, with receipts. The value can be claimed again.",
    ),
    Endpoint(
        "submit_report", "POST", "/reports", "reports",
        "Bring a report", "reports:write", reports.submit, reported.Accepted,
        body=reported.NewReport, status=201, writes=True, codes=("report_empty", "wording"),
        about="It is kept when the answer comes, and read right after. The same `reference` "
        "again is the same report.",
    ),
    Endpoint(
        "submit_reports", "POST", "/reports/bulk", "reports",
        "Bring up to 200 reports in one transaction", "reports:write", reports.submit_many,
        reported.AcceptedMany, body=reported.NewReports, writes=True, cost=20,
        about="Each is answered in order. What cannot be taken is `refused` with a code; the "
        "others are kept all the same.",
    ),
    Endpoint(
        "add_report_file", "POST", "/reports/{report}/files", "reports",
        "Add a file to a report that this token brought", "reports:write", reports.add_file,
        reported.FileAdded, query=reported.FileQuery, file=MAX_FILE, status=201, writes=True,
        cost=20, statuses=(404,),
        codes=(
            *("file_empty", "file_sort", "file_two_in_one", "file_too_large", "report_files"),
            *("withdrawn", "report_purged"),
        ),
        about="The body is the file, and `Content-Disposition` may name it. Pictures, recordings, "
        "PDF, e-mail and plain text are taken, by what their bytes are; ten to a report. "
        "Pictures and e-mails are read soon after. The same bytes again are the same file. "
        "An intimate or unlawful picture is sent with `quarantine=true`: nothing reads or shows "
        "it, and only the police open it; so are all files of a report marked `intimate`.",
    ),
    Endpoint(
        "reports", "GET", "/reports", "reports",
        "List what this token brought", "reports:read", reports.mine, reported.ReportPage,
        query=reported.ReportsQuery,
    ),
    Endpoint(
        "report", "GET", "/reports/{report}", "reports",
        "One report that this token brought", "reports:read", reports.one, reported.ReportView,
        statuses=(404,),
        about="With what was read of it and the claims that came of it; without its words.",
    ),
    Endpoint(
        "lists", "GET", "/lists", "lists",
        "The lists that there are", "lists:read", signals.lists, answers.ListsAnswer,
    ),
    Endpoint(
        "entries", "GET", "/lists/{kind}", "lists",
        "A page of a list: what is a scam, for the token's audience", "lists:read",
        signals.list_page, answers.ListPage, query=requests.ListQuery, statuses=(404,), cost=20,
        about="A page may hold fewer entries than asked for, even none, before the last: go on "
        "while `next` is given.",
    ),
    Endpoint(
        "peers", "GET", "/peers", "peers",
        "Every peer", "peers:read", standing.all_peers, records.Peers, ours=True,
    ),
    Endpoint(
        "peer", "GET", "/peers/{fingerprint}", "peers",
        "One peer with its agreements", "peers:read", standing.peer, records.PeerView, ours=True,
        statuses=(404,),
    ),
    Endpoint(
        "deliveries", "GET", "/peers/{fingerprint}/deliveries", "peers",
        "Documents on their way to a peer", "peers:read", standing.deliveries,
        records.DeliveryPage, query=requests.PageQuery, ours=True, statuses=(404,),
    ),
    Endpoint(
        "handovers", "GET", "/peers/{fingerprint}/handovers", "peers",
        "Claims and retractions that were handed to a peer", "peers:read", standing.handovers,
        records.HandoverPage, query=requests.PageQuery, statuses=(404,), ours=True,
    ),
    Endpoint(
        "reach", "GET", "/claims/{claim}/reach", "peers",
        "Which peers have a claim, since when it counts there, and why not", "peers:read",
        standing.reach, records.Reach, statuses=(404,), ours=True,
    ),
    Endpoint(
        "receipts", "GET", "/peers/{fingerprint}/receipts", "peers",
        "Receipts between this node and a peer", "peers:read", standing.receipts,
        records.ReceiptPage, query=requests.PageQuery, ours=True, statuses=(404,),
    ),
    Endpoint(
        "receipt", "GET", "/receipts/{number}", "peers",
        "One receipt with the signed document", "peers:read", standing.receipt,
        records.ReceiptView, ours=True, statuses=(404,),
    ),
    Endpoint(
        "sources", "GET", "/sources", "sources",
        "Every source", "sources:write", sources.every, records.Sources, ours=True,
    ),
    Endpoint(
        "source", "GET", "/sources/{source}", "sources",
        "One source with its last run", "sources:write", sources.one, records.Source,
        statuses=(404,), ours=True,
    ),
    Endpoint(
        "source_runs", "GET", "/sources/{source}/runs", "sources",
        "Its runs, each with an account of every row", "sources:write", sources.runs,
        records.SourceRunPage, query=requests.PageQuery, statuses=(404,), ours=True,
    ),
    Endpoint(
        "run_source", "POST", "/sources/{source}/run", "sources",
        "Run it as soon as its loop turns", "sources:write", sources.run, records.Source,
        status=202, statuses=(404,), writes=True, ours=True, codes=("state",),
    ),
    Endpoint(
        "pause_source", "POST", "/sources/{source}/pause", "sources",
        "Stop its schedule", "sources:write", sources.pause, records.Source,
        statuses=(404,), writes=True, ours=True, codes=("state",),
    ),
    Endpoint(
        "resume_source", "POST", "/sources/{source}/resume", "sources",
        "Take up its schedule", "sources:write", sources.resume, records.Source,
        statuses=(404,), writes=True, ours=True, codes=("state",),
    ),
    Endpoint(
        "ledger", "GET", "/ledger", "ledger",
        "The head of the ledger", "ledger:read", standing.head, records.Ledger,
    ),
    Endpoint(
        "acts", "GET", "/ledger/acts", "ledger",
        "What this token did, with the index of each entry", "ledger:read", standing.acts,
        records.ActPage, query=requests.PageQuery,
    ),
    Endpoint(
        "proof", "GET", "/ledger/entries/{index}", "ledger",
        "Proof that an entry is in the ledger", "ledger:read", standing.proof, records.Proof,
        statuses=(404, 409), codes=("not_published",),
        about="`record` and `salt` open the commitment; they are given only for acts of the "
        "very token that asks.",
    ),
    Endpoint(
        "statistics", "GET", "/statistics", "statistics",
        "Figures, at most a minute old", "signals:read", standing.statistics, answers.Statistics,
    ),
    Endpoint(
        "webhooks", "GET", "/webhooks", "webhooks",
        "Every webhook of this token", "webhooks:write", webhooks.every, records.Webhooks,
    ),
    Endpoint(
        "add_webhook", "POST", "/webhooks", "webhooks",
        "Subscribe", "webhooks:write", webhooks.add, records.WebhookMade,
        body=requests.NewWebhook, status=201, writes=True,
        codes=("private_address", "not_https", "webhooks"),
        about="From now on, with what the token's audience may see. The secret is shown here "
        "and never again. The address must be https; one in a private range must be on "
        "the operator's list (setting `webhooks.private`).",
    ),
    Endpoint(
        "webhook", "GET", "/webhooks/{number}", "webhooks",
        "One webhook", "webhooks:write", webhooks.one, records.Webhook, statuses=(404,),
    ),
    Endpoint(
        "change_webhook", "PATCH", "/webhooks/{number}", "webhooks",
        "Change a webhook, or begin again after a pause", "webhooks:write", webhooks.change,
        records.Webhook, body=requests.WebhookChange, writes=True, statuses=(404, 409),
        about="Begun again, it goes on from where it was: nothing is left out.",
    ),
    Endpoint(
        "remove_webhook", "DELETE", "/webhooks/{number}", "webhooks",
        "Unsubscribe", "webhooks:write", webhooks.remove, None, status=204, writes=True,
        statuses=(404,),
        about="What waits for it is never sent.",
    ),
    Endpoint(
        "renew_webhook_secret", "POST", "/webhooks/{number}/secret", "webhooks",
        "A new secret", "webhooks:write", webhooks.renew_secret, records.WebhookMade, writes=True,
        statuses=(404,),
        about="For a day notices carry signatures by both.",
    ),
    Endpoint(
        "test_webhook", "POST", "/webhooks/{number}/test", "webhooks",
        "Send a notice of type `webhook.test`", "webhooks:write", webhooks.test,
        records.WebhookDelivery, status=202, writes=True, statuses=(404,), codes=("paused",),
    ),
    Endpoint(
        "webhook_deliveries", "GET", "/webhooks/{number}/deliveries", "webhooks",
        "What was and is to be sent", "webhooks:write", webhooks.deliveries,
        records.WebhookDeliveryPage, query=requests.PageQuery, statuses=(404,),
    ),
    Endpoint(
        "redeliver", "POST", "/webhooks/{number}/deliveries/{delivery}/redeliver", "webhooks",
        "Send an event again, under the same id", "webhooks:write", webhooks.redeliver,
        records.WebhookDelivery, status=202, writes=True, statuses=(404,), codes=("waiting",),
    ),
)
# fmt: on
