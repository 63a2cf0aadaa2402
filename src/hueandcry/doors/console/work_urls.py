"""Addresses of the pages that people work on."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path, register_converter

from hueandcry.doors.console import (
    claims,
    dossier,
    duty_page,
    exhibit_acts,
    exhibit_chat,
    exhibit_derive,
    exhibit_list,
    exhibit_look,
    exhibit_new,
    exhibit_note,
    exhibit_page,
    exhibit_upload,
    hotline,
    incoming_new,
    incoming_pages,
    intakes,
    ledger_pages,
    package_new,
    package_pages,
    peer_pages,
    raising,
    report_acts,
    report_files,
    report_hold,
    report_import,
    report_page,
    report_queue,
    request_acts,
    request_desk,
    request_list,
    request_new,
    request_page,
    retracting,
    searching,
    source_pages,
    today,
)


class Number:
    """A row's number: never one that a database cannot hold."""

    regex = "[0-9]{1,18}"

    def to_python(self, text: str) -> int:
        return int(text)

    def to_url(self, number: int) -> str:
        return str(number)


register_converter(Number, "number")
_KEY = "signal/(?P<key>[0-9a-f]{32})/"
_FILE = "reports/<number:number>/files/<number:file>/"
_LOCKED = "quarantine/<number:number>/<number:file>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", today.today, name="today"),
    path("duty/", duty_page.show, name="duty"),
    path("duty/notes/", duty_page.leave, name="duty_note"),
    path("duty/notes/<number:number>/take/", duty_page.take, name="duty_take"),
    path(
        "duty/calls/<number:number>/acknowledge/",
        duty_page.acknowledge,
        name="duty_acknowledge",
    ),
    path("search/", searching.search, name="search"),
    path("signal/", dossier.show, name="signal"),
    re_path(rf"^{_KEY}$", dossier.show, name="signal"),
    path("signal/decide/", dossier.decide, name="decide"),
    re_path(rf"^{_KEY}decide/$", dossier.decide, name="decide"),
    path("signal/note/", dossier.note, name="note"),
    re_path(rf"^{_KEY}note/$", dossier.note, name="note"),
    path("raise/", raising.raise_claims, name="raise"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<uuid:claim_id>/retract/", retracting.retract, name="retract"),
    path("reports/", report_queue.queue, name="reports"),
    path("reports/import/", report_import.bring, name="report_import"),
    path("reports/import/rejects/", report_import.rejects, name="report_rejects"),
    path("reports/<number:number>/", report_page.show, name="report"),
    path("reports/<number:number>/whole/", report_page.whole, name="report_whole"),
    path("reports/<number:number>/reporter/", report_page.reporter, name="report_reporter"),
    path("reports/<number:number>/confirm/", report_acts.confirm, name="report_confirm"),
    path("reports/<number:number>/act/", report_acts.act, name="report_act"),
    path("reports/<number:number>/hold/", report_hold.hold, name="report_hold"),
    path("reports/<number:number>/call/", hotline.promise, name="report_call"),
    path(_FILE, report_files.download, name="report_file"),
    path(f"{_FILE}preview/", report_files.preview, name="report_preview"),
    path(f"{_FILE}lock/", report_files.lock, name="report_lock"),
    path(f"{_FILE}exhibit/", report_files.keep, name="report_exhibit"),
    path("quarantine/", report_files.locked, name="quarantine"),
    path(_LOCKED, report_files.open_locked, name="quarantine_open"),
    path(f"{_LOCKED}unlock/", report_files.unlock, name="quarantine_unlock"),
    path("hotline/", hotline.call, name="hotline"),
    path("hotline/calls/", hotline.calls, name="calls"),
    path("hotline/calls/<number:number>/", hotline.call_done, name="call_done"),
    path("exhibits/", exhibit_list.listed, name="exhibits"),
    path("exhibits/new/", exhibit_new.add, name="exhibit_new"),
    path("exhibits/uploads/", exhibit_upload.begin, name="exhibit_upload"),
    path("exhibits/uploads/<uuid:upload>/", exhibit_upload.piece, name="exhibit_piece"),
    path("exhibits/uploads/<uuid:upload>/drop/", exhibit_upload.drop, name="exhibit_drop"),
    path("exhibits/<uuid:exhibit>/", exhibit_page.show, name="exhibit"),
    path("exhibits/<uuid:exhibit>/read/", exhibit_page.read, name="exhibit_read"),
    path("exhibits/<uuid:exhibit>/look/", exhibit_look.look, name="exhibit_look"),
    path("exhibits/<uuid:exhibit>/chat/", exhibit_chat.read, name="exhibit_chat"),
    path("exhibits/<uuid:exhibit>/note/", exhibit_note.note, name="exhibit_note"),
    path("exhibits/<uuid:exhibit>/derive/", exhibit_derive.derive, name="exhibit_derive"),
    path("exhibits/<uuid:exhibit>/act/", exhibit_acts.act, name="exhibit_act"),
    path(
        "exhibits/<uuid:exhibit>/custody/<number:number>/",
        exhibit_page.proof,
        name="exhibit_proof",
    ),
    path("packages/", package_pages.listed, name="packages"),
    path("packages/new/", package_new.pack, name="package_new"),
    path("packages/<uuid:package>/", package_pages.show, name="package"),
    path(
        "packages/<uuid:package>/certificate/<slug:language>/",
        package_pages.certificate,
        name="package_certificate",
    ),
    path("packages/<uuid:package>/send/", package_pages.send, name="package_send"),
    path("packages/<uuid:package>/copy/", package_pages.take_along, name="package_copy"),
    path("packages/incoming/", incoming_pages.listed, name="incoming"),
    path("packages/incoming/new/", incoming_new.bring, name="incoming_new"),
    path("packages/incoming/<number:number>/", incoming_pages.show, name="incoming_one"),
    path("requests/", request_list.listed, name="requests"),
    path("requests/new/", request_new.new, name="request_new"),
    path("requests/<uuid:uuid>/", request_page.show, name="request"),
    path("requests/<uuid:uuid>/act/", request_acts.act, name="request_act"),
    path("desk/", request_desk.desk, name="request_desk"),
    path("desk/pulse/", request_desk.pulse, name="request_pulse"),
    path("intakes/", intakes.rule, name="intakes"),
    path("intakes/change/", intakes.change, name="intakes_change"),
    path("peers/", peer_pages.every, name="peers"),
    path("peers/<number:number>/", peer_pages.one, name="peer"),
    path("peers/<number:number>/handovers/", peer_pages.handovers, name="handovers"),
    path("peers/<number:number>/receipts/", peer_pages.receipts, name="receipts"),
    path("peers/<number:number>/documents/", peer_pages.documents, name="documents"),
    path("peers/<number:number>/suspend/", peer_pages.suspend, name="suspend"),
    path("receipts/<number:number>/", peer_pages.receipt, name="receipt"),
    path("sources/", source_pages.every, name="sources"),
    path("sources/new/", source_pages.add, name="source_new"),
    path("sources/named/<str:name>/", source_pages.one, name="source"),
    path("sources/named/<str:name>/act/", source_pages.act, name="source_act"),
    path("ledger/", ledger_pages.overview, name="ledger"),
    path("ledger/witnesses/", ledger_pages.witnesses, name="witnesses"),
    path("ledger/forks/<number:number>/clear/", ledger_pages.clear, name="fork_clear"),
    path("ledger/entries/", ledger_pages.entries, name="entries"),
    path("ledger/acts/", ledger_pages.acts, name="acts"),
    path("ledger/<number:index>/proof/", ledger_pages.proof, name="proof"),
    path("ledger/verify/", ledger_pages.verify, name="verify"),
]
