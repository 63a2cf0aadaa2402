"""One method for each endpoint of the JSON API; pages become iterators."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar

import msgspec

from hueandcry.client import answers, records, reported, requests
from hueandcry.client.errors import Unreachable
from hueandcry.client.transport import File, Transport
from hueandcry.client.words import (
    ClaimState,
    Embargo,
    EventType,
    Kind,
    Pap,
    Purpose,
    Said,
    Tlp,
)

T = TypeVar("T")

#: Values of one request, and bytes; more are asked for in several.
CHECK_STEP = 10_000
RAISE_STEP = 1_000
REPORT_STEP = 200
MAX_BYTES = 900_000


class Client:
    """A node, as one token sees it. Any thread may use it."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._transport = Transport(url, token, timeout=timeout, retries=retries, context=context)

    def close(self) -> None:
        """Ends this thread's connection."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- you, checks, signals ---

    def me(self) -> answers.Me:
        """What the token is and opens."""
        return self._get("/me", answers.Me)

    def check(self, values: Sequence[str], kind: Kind | None = None) -> list[answers.Checked]:
        """The verdict on each value, in order, however many there are."""
        found: list[answers.Checked] = []
        for part in _parts(values, CHECK_STEP):
            body = requests.CheckRequest(values=part, kind=_or_unset(kind))
            found += self._post("/checks", body, answers.CheckAnswer, key=None).results
        return found

    def signal(
        self, value: str, kind: Kind | None = None, *, purpose: str | None = None
    ) -> answers.SignalView:
        """A signal with every claim that the token may see, and why the verdict."""
        query = {"value": value, "kind": kind, "purpose": purpose}
        return self._get("/signal", answers.SignalView, query)

    def search(
        self, text: str, kind: Kind | None = None, *, purpose: str | None = None
    ) -> answers.SearchAnswer:
        """Signals by a value or a part of one."""
        query = {"q": text, "kind": kind, "purpose": purpose}
        return self._get("/signals", answers.SearchAnswer, query)

    def changes(
        self, cursor: str | None = None, *, start: str | None = None, limit: int | None = None
    ) -> answers.Changes:
        """One page of what changed; keep its `next`."""
        query = {"cursor": cursor, "start": start, "limit": limit}
        return self._get("/changes", answers.Changes, query)

    def follow(self, cursor: str | None = None) -> Iterator[answers.Changes]:
        """Pages of what changed until there is no more for now; keep `next` of each when done."""
        while True:
            page = self.changes(cursor, limit=500)
            yield page
            if not page.more:
                return
            cursor = page.next

    # --- claims ---

    def claims(
        self,
        *,
        kind: Kind | None = None,
        verdict: Said | None = None,
        state: ClaimState | None = None,
    ) -> Iterator[answers.Claim]:
        """The claims of the token's member, the newest change first."""
        query = {"kind": kind, "verdict": verdict, "state": state}
        return self._pages("/claims", answers.ClaimPage, query)

    def claim(self, claim: str, *, purpose: str | None = None) -> answers.Claim:
        """One claim."""
        return self._get(f"/claims/{claim}", answers.Claim, {"purpose": purpose})

    def raise_claim(
        self,
        value: str,
        *,
        kind: Kind | None = None,
        verdict: Said = "scam",
        lure: str = "",
        method: str = "",
        confidence: int | None = None,
        tlp: Tlp = "GREEN",
        pap: Pap = "GREEN",
        purposes: Sequence[Purpose] = (),
        embargo: Embargo | None = None,
        until: str | None = None,
        key: str | None = None,
    ) -> answers.Raised:
        """Raises a claim. With the same `key` it is done once, even from another process."""
        body = requests.NewClaim(
            value=value,
            kind=_or_unset(kind),
            verdict=verdict,
            lure=lure,
            method=method,
            confidence=confidence,
            tlp=tlp,
            pap=pap,
            purposes=list(purposes),
            embargo=embargo,
            until=_or_unset(until),
        )
        return self._post("/claims", body, answers.Raised, key=key or _new_key())

    def raise_claims(
        self, claims: Iterable[requests.NewClaim], *, key: str | None = None
    ) -> list[answers.RaisedOne]:
        """Raises many, a thousand to a transaction; one result for each, in order."""
        found, base = list[answers.RaisedOne](), key or _new_key()
        for number, part in enumerate(_parts(claims, RAISE_STEP)):
            body, name = requests.NewClaims(claims=part), f"{base}/{number}"
            found += self._post("/claims/bulk", body, answers.RaisedMany, key=name).results
        return found

    def retract(
        self, value: str, reason: str, *, kind: Kind | None = None, key: str | None = None
    ) -> answers.Retracted:
        """Withdraws the own claims on a value, for ever."""
        body = requests.Retraction(value=value, reason=reason, kind=_or_unset(kind))
        return self._post("/claims/retract", body, answers.Retracted, key=key or _new_key())

    # --- reports ---

    def submit_report(
        self, report: reported.NewReport, *, key: str | None = None
    ) -> reported.Accepted:
        """Brings a report. With the same `key` it is done once, even from another process."""
        return self._post("/reports", report, reported.Accepted, key=key or _new_key())

    def submit_reports(
        self, reports: Iterable[reported.NewReport], *, key: str | None = None
    ) -> list[reported.AcceptedOne]:
        """Brings many, 200 to a transaction; one result for each, in order."""
        found, base = list[reported.AcceptedOne](), key or _new_key()
        for number, part in enumerate(_parts(reports, REPORT_STEP)):
            body, name = reported.NewReports(reports=part), f"{base}/{number}"
            found += self._post("/reports/bulk", body, reported.AcceptedMany, key=name).results
        return found

    def reports(self, *, state: reported.State | None = None) -> Iterator[reported.ReportLine]:
        """What this token brought, the newest first."""
        return self._pages("/reports", reported.ReportPage, {"state": state})

    def report(self, report: str) -> reported.ReportView:
        """One report that this token brought."""
        return self._get(f"/reports/{report}", reported.ReportView)

    def add_report_file(
        self,
        report: str,
        data: bytes,
        name: str = "",
        *,
        quarantine: bool = False,
        key: str | None = None,
    ) -> reported.FileAdded:
        """Adds a file to a report that this token brought; the same bytes again change nothing."""
        file = File(data, name)
        query = {"quarantine": "true"} if quarantine else None
        path = f"/api/v1/reports/{report}/files"
        reply = self._transport.ask("POST", path, query=query, body=file, key=key or _new_key())
        return _decoded(reply.body, reported.FileAdded)

    # --- lists ---

    def lists(self) -> list[answers.ListRef]:
        """The lists that there are."""
        return self._get("/lists", answers.ListsAnswer).lists

    def entries(self, name: Kind) -> Iterator[answers.ListEntry]:
        """Every value of a list."""
        return self._pages(f"/lists/{name}", answers.ListPage, {"limit": 5_000})

    # --- peers ---

    def peers(self) -> list[records.Peer]:
        """Every peer."""
        return self._get("/peers", records.Peers).items

    def peer(self, fingerprint: str) -> records.PeerView:
        """One peer with its agreements."""
        return self._get(f"/peers/{fingerprint}", records.PeerView)

    def deliveries(self, fingerprint: str) -> Iterator[records.Delivery]:
        """Documents on their way to a peer, newest first."""
        return self._pages(f"/peers/{fingerprint}/deliveries", records.DeliveryPage)

    def handovers(self, fingerprint: str) -> Iterator[records.Handover]:
        """Claims and retractions that were handed to a peer, newest first."""
        return self._pages(f"/peers/{fingerprint}/handovers", records.HandoverPage)

    def reach(self, claim: str) -> list[records.Reached]:
        """Which peers have a claim, since when it counts there, and why not."""
        return self._get(f"/claims/{claim}/reach", records.Reach).items

    def receipts(self, fingerprint: str) -> Iterator[records.Receipt]:
        """Receipts between the node and a peer, newest first."""
        return self._pages(f"/peers/{fingerprint}/receipts", records.ReceiptPage)

    def receipt(self, number: int) -> records.ReceiptView:
        """One receipt with the signed document."""
        return self._get(f"/receipts/{number}", records.ReceiptView)

    # --- sources ---

    def sources(self) -> list[records.Source]:
        """Every source."""
        return self._get("/sources", records.Sources).items

    def source(self, name: str) -> records.Source:
        """One source with its last run."""
        return self._get(f"/sources/{name}", records.Source)

    def source_runs(self, name: str) -> Iterator[records.SourceRun]:
        """Its runs, newest first."""
        return self._pages(f"/sources/{name}/runs", records.SourceRunPage)

    def run_source(self, name: str, *, key: str | None = None) -> records.Source:
        """Runs it as soon as its loop turns."""
        return self._post(f"/sources/{name}/run", None, records.Source, key=key or _new_key())

    def pause_source(self, name: str, *, key: str | None = None) -> records.Source:
        """Stops its schedule."""
        return self._post(f"/sources/{name}/pause", None, records.Source, key=key or _new_key())

    def resume_source(self, name: str, *, key: str | None = None) -> records.Source:
        """Takes up its schedule."""
        return self._post(f"/sources/{name}/resume", None, records.Source, key=key or _new_key())

    # --- ledger, figures ---

    def ledger(self) -> records.Ledger:
        """The head of the ledger."""
        return self._get("/ledger", records.Ledger)

    def acts(self) -> Iterator[records.Act]:
        """What this token did, newest first."""
        return self._pages("/ledger/acts", records.ActPage)

    def proof(self, index: int) -> records.Proof:
        """Proof that an entry is in the ledger."""
        return self._get(f"/ledger/entries/{index}", records.Proof)

    def statistics(self) -> answers.Statistics:
        """Figures, at most a minute old."""
        return self._get("/statistics", answers.Statistics)

    # --- webhooks ---

    def webhooks(self) -> list[records.Webhook]:
        """Every webhook of this token."""
        return self._get("/webhooks", records.Webhooks).items

    def add_webhook(
        self,
        url: str,
        events: Sequence[EventType],
        *,
        kinds: Sequence[Kind] = (),
        note: str = "",
        key: str | None = None,
    ) -> records.WebhookMade:
        """Subscribes an address; the secret is shown here and never again."""
        body = requests.NewWebhook(url=url, events=list(events), kinds=list(kinds), note=note)
        return self._post("/webhooks", body, records.WebhookMade, key=key or _new_key())

    def webhook(self, number: int) -> records.Webhook:
        """One webhook."""
        return self._get(f"/webhooks/{number}", records.Webhook)

    def change_webhook(self, number: int, change: requests.WebhookChange) -> records.Webhook:
        """Changes what is given."""
        reply = self._transport.ask("PATCH", f"/api/v1/webhooks/{number}", body=change)
        return _decoded(reply.body, records.Webhook)

    def remove_webhook(self, number: int) -> None:
        """Unsubscribes."""
        self._transport.ask("DELETE", f"/api/v1/webhooks/{number}")

    def renew_webhook_secret(self, number: int, *, key: str | None = None) -> records.WebhookMade:
        """A new secret; for a day notices are signed by both."""
        path = f"/webhooks/{number}/secret"
        return self._post(path, None, records.WebhookMade, key=key or _new_key())

    def test_webhook(self, number: int, *, key: str | None = None) -> records.WebhookDelivery:
        """Puts a notice of type `webhook.test` on its way."""
        path = f"/webhooks/{number}/test"
        return self._post(path, None, records.WebhookDelivery, key=key or _new_key())

    def webhook_deliveries(self, number: int) -> Iterator[records.WebhookDelivery]:
        """What was and is to be sent, newest first."""
        return self._pages(f"/webhooks/{number}/deliveries", records.WebhookDeliveryPage)

    def redeliver(
        self, number: int, delivery: int, *, key: str | None = None
    ) -> records.WebhookDelivery:
        """Sends an event again, under the same id."""
        path = f"/webhooks/{number}/deliveries/{delivery}/redeliver"
        return self._post(path, None, records.WebhookDelivery, key=key or _new_key())

    # --- how ---

    def _get(self, path: str, shape: type[T], query: dict[str, Any] | None = None) -> T:
        return _decoded(self._transport.ask("GET", "/api/v1" + path, query=query).body, shape)

    def _post(self, path: str, body: Any, shape: type[T], *, key: str | None) -> T:
        return _decoded(
            self._transport.ask("POST", "/api/v1" + path, body=body, key=key).body, shape
        )

    def _pages(self, path: str, shape: Any, query: dict[str, Any] | None = None) -> Iterator[Any]:
        asked = {"limit": 200, **(query or {})}
        while True:
            page = self._get(path, shape, asked)
            yield from page.items
            if page.next is None:
                return
            asked["cursor"] = page.next


def _parts(items: Iterable[T], most: int) -> Iterator[list[T]]:
    """The items in lists that one request takes, by number and by bytes; cut alike each time."""
    part, size = list[T](), 0
    for item in items:
        length = len(msgspec.json.encode(item)) + 1
        if part and (len(part) == most or size + length > MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def _new_key() -> str:
    return str(uuid.uuid4())


def _or_unset(value: Any) -> Any:
    return msgspec.UNSET if value is None else value


def _decoded(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as wrong:
        raise Unreachable(
            f"the answer is in another form than this client knows: {wrong}"
        ) from wrong
