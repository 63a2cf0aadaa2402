"""The work pages of the console: what each shows, to whom, and what it refuses."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from console_scene import browser, one_with, person, signed_in
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Access, Member
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.apps.signals.models import Claim
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import seat_terms
from hueandcry.core.types import Kind, Signal, Tlp
from hueandcry.doors.console import values
from hueandcry.doors.console.downloads import csv_line
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import NOW, OtherMember
from receiving_peer import ReceivingPeer

BANK = OtherMember("bank")
PHONE = "+66812345678"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(BANK)
    return node


@pytest.fixture
def bank(node: Node, monkeypatch: pytest.MonkeyPatch) -> ReceivingPeer:
    return ReceivingPeer(node, BANK, monkeypatch)


@pytest.fixture
def analyst(node: Node) -> Client:
    return one_with("analyst")


def opened(client: Client, page: str, status: int = 200, **query: Any) -> str:
    """The text of a page."""
    url = reverse(f"console:{page}") if not page.startswith("/") else page
    response = client.get(url, query, secure=True)
    assert response.status_code == status, response.content.decode()[-3000:]
    return unescape(response.content.decode())


def posted(client: Client, page: str, status: int = 200, **fields: Any) -> str:
    """The text of the page that a form leads to, or its address where it leads elsewhere."""
    url = reverse(f"console:{page}") if not page.startswith("/") else page
    response = client.post(url, fields, secure=True)
    assert response.status_code == status, response.content.decode()[-3000:]
    return (
        str(response.headers["location"]) if status == 302 else unescape(response.content.decode())
    )


def address(value: str, kind: Kind = Kind.DOMAIN, page: str = "signal") -> str:
    return values.url(normalise(kind, value, market="TH"), f"console:{page}")


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def said(**changed: str) -> dict[str, Any]:
    """What the form of a claim holds."""
    fields = {"values": "evil.example", "verdict": "scam", "tlp": "GREEN", "pap": "GREEN"}
    return {**fields, "lure": "", "method": "", **changed}


def claims_held() -> Iterator[tuple[str, str]]:
    for row in Claim.objects.select_related("signal").order_by("id"):
        yield row.signal.value, ("live", "retracted")[row.state]


# --- raising -------------------------------------------------------------------------------------


def test_a_value_is_first_shown_as_it_is_read_and_who_gets_it(analyst: Client) -> None:
    html = text_of(posted(analyst, "raise", **said(values="hxxps://Evil[.]example/x")))
    assert "evil[.]example/x" in html and "Web link" in html
    assert re.search(r"bank Yes", html)
    assert list(claims_held()) == []


def test_what_an_agreement_does_not_cover_is_said_before_it_is_raised(analyst: Client) -> None:
    html = text_of(posted(analyst, "raise", **said(values=PHONE)))
    assert "bank No The agreement does not cover this kind." in html
    html = text_of(posted(analyst, "raise", **said(tlp="RED")))
    assert "bank No TLP:RED never leaves this node." in html


def test_the_confirmed_claim_says_what_the_form_said(analyst: Client) -> None:
    form = said(lure="loan", method="sms", tlp="AMBER", pap="AMBER", confidence="80")
    where = posted(analyst, "raise", 302, step="raise", note="from the hotline", **form)
    assert where == address("evil.example")
    held = signals.dossier(normalise(Kind.DOMAIN, "evil.example"), NOW)
    told = held.claims[0].claim
    assert (told.lure, told.method, told.confidence) == ("loan", "sms", 80)
    assert (told.marking.tlp, told.marking.pap.name) == (Tlp.AMBER, "AMBER")
    assert [note.text for note in held.notes] == ["from the hotline"]
    act = signals.acts()[0]
    assert (act.kind, act.person) == ("raise", "analyst")


def test_an_embargo_and_an_end_are_days_in_the_readers_zone(analyst: Client) -> None:
    form = said(valid_until="2026-10-01", embargo_until="2026-09-25", embargo_case="case 7")
    posted(analyst, "raise", 302, step="raise", **form)
    told = signals.dossier(normalise(Kind.DOMAIN, "evil.example"), NOW).claims[0].claim
    assert told.marking.embargo is not None
    assert told.marking.embargo.case == "case 7"
    day = 86_400_000_000
    assert told.valid_until % day == told.marking.embargo.until % day == 0
    assert (told.valid_until - told.marking.embargo.until) // day == 6


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"valid_until": "2020-01-01"}, "This day is over."),
        ({"embargo_until": "2030-01-01"}, "An embargo names its case."),
        ({"confidence": "101"}, "less than or equal to 100"),
        ({"verdict": "unknown"}, "Select a valid choice"),
        ({"tlp": "PURPLE"}, "Select a valid choice"),
        ({"lure": "'; DROP TABLE"}, "Select a valid choice"),
        ({"values": ""}, "This field is required"),
        ({"values": "a.example\n" * 201, "note": "x"}, "A note goes with at most 200 values."),
        ({"values": "a.example\n" * 5001}, "At most 5000 lines."),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    analyst: Client, wrong: dict[str, str], problem: str
) -> None:
    assert problem in posted(analyst, "raise", 400, step="raise", **said(**wrong))
    assert list(claims_held()) == []


def test_a_thousand_lines_have_an_outcome_each(analyst: Client) -> None:
    lines = [f"n{n}.example" for n in range(1000)]
    text = "\n".join([*lines, "no value at all", "N7.example", "", "hxxp://n8[.]example/x"])
    preview = text_of(posted(analyst, "raise", **said(values=text)))
    assert "1 line was not understood and would be left out." in preview
    assert "1001 values would be raised." in preview and "bank 1001 of 1001" in preview
    done = text_of(posted(analyst, "raise", step="raise", **said(values=text)))
    assert "1001 Raised" in done and "1 Not understood" in done and "1 Repeated" in done
    assert len(list(claims_held())) == 1001
    again = text_of(posted(analyst, "raise", step="raise", **said(values=text)))
    assert "1001 Said before, nothing new" in again


def test_after_a_personal_value_the_form_is_there_for_the_next_one(analyst: Client) -> None:
    where = posted(analyst, "raise", 302, step="raise", **said(values=PHONE, lure="loan"))
    assert where == reverse("console:raise") + "?verdict=scam&lure=loan&tlp=GREEN&pap=GREEN"
    form = opened(analyst, where)
    assert 'value="loan" selected' in form and "Raised. It is on its way" in form
    assert PHONE not in form


def test_a_forged_post_raises_nothing(node: Node) -> None:
    client = signed_in(person("forged", "analyst"), browser(enforce_csrf_checks=True))
    posted(client, "raise", 403, step="raise", **said())
    assert list(claims_held()) == []


# --- one signal ----------------------------------------------------------------------------------


def test_the_page_of_a_signal_says_what_why_and_who_has_it(
    analyst: Client, node: Node, bank: ReceivingPeer
) -> None:
    node.raised("evil.example")
    page = text_of(opened(analyst, address("evil.example")))
    assert "Our own people claim that it is a scam." in page
    assert re.search(r"bank On its way – –", page)
    bank.pushed()
    bank.says_effective(NOW + 2_000_000)
    page = text_of(opened(analyst, address("evil.example")))
    assert re.search(r"bank In effect 2026-09-21 14:13:20 UTC 2026-09-21 14:13:22 UTC", page)
    assert "bank In effect: look-ups answer by it (signed receipt)" in page


def test_a_partners_claim_says_since_when_it_is_here(analyst: Client, node: Node) -> None:
    node.took(BANK, BANK.batch(claim(BANK, "theirs.example")))
    page = text_of(opened(analyst, address("theirs.example")))
    assert "bank here since 2026-09-21 14:13:20 UTC" in page
    assert "A partner under an agreement claims that it is a scam: bank." in page


def test_links_are_defanged_and_the_canonical_value_is_there_to_copy(
    analyst: Client, node: Node
) -> None:
    where = address("https://evil.example/a?b=<script>", Kind.URL)
    html = analyst.get(where, secure=True).content.decode()
    assert "evil[.]example" in html and "<script>" not in html
    assert 'href="https://evil' not in html and 'href="//evil' not in html
    assert re.search(r'<code id="canonical">evil.example/a\?b=[^<]+</code>', html)


def test_a_peers_words_are_text_and_nothing_else(analyst: Client, node: Node) -> None:
    hostile = claim(BANK, "evil.example", source='<img src=x onerror="alert(1)">')
    node.took(BANK, BANK.batch(hostile))
    response = analyst.get(address("evil.example"), secure=True).content.decode()
    assert "<img" not in response and "&lt;img" in response


def test_a_decision_stands_above_the_claims_until_it_is_taken_back(
    analyst: Client, node: Node
) -> None:
    node.raised("shop.example")
    where = address("shop.example", page="decide")
    posted(analyst, where, 302, verdict="benign", reason="our own shop", until="")
    page = text_of(opened(analyst, address("shop.example")))
    assert "Decided: Harmless, because: our own shop" in page
    assert node.verdict("shop.example") == "benign"
    posted(analyst, where, 302, act="clear")
    assert node.verdict("shop.example") == "scam"
    assert "There is no local decision" in posted(analyst, where, 409, act="clear")


def test_a_shield_is_shown_and_lifted_with_a_reason(analyst: Client, node: Node) -> None:
    handle = normalise(Kind.HANDLE, "telegram:lucky_agent")
    request = UUID(int=7)
    with unit_of_work():
        signals.shield([handle.key], request, node.now)
    where = address(handle.value, Kind.HANDLE)
    posted(analyst, where, 303, purpose_asked="GET", purpose="victim", reference="case 7")
    page = text_of(opened(analyst, where))
    assert "Shielded: the person may be coerced" in page and str(request) in page
    decide = address(handle.value, Kind.HANDLE, page="decide")
    refused = posted(analyst, decide, 400, act="lift", **{"lift-reason": ""})
    assert "This field is required" in refused and signals.shielded_by(handle) == (request,)
    posted(analyst, decide, 302, act="lift", **{"lift-reason": "nobody makes her"})
    assert signals.shielded_by(handle) == ()
    again = posted(analyst, decide, 409, act="lift", **{"lift-reason": "once more"})
    assert "Nothing shields" in again


def test_a_decision_says_why(analyst: Client, node: Node) -> None:
    where = address("shop.example", page="decide")
    page = posted(analyst, where, 400, verdict="benign", reason="", until="")
    assert "This field is required" in page and node.verdict("shop.example") == "unknown"


def test_notes_are_kept_as_written(analyst: Client, node: Node) -> None:
    where = address("evil.example", page="note")
    posted(analyst, where, 302, text="first line\n<b>second</b>")
    page = analyst.get(address("evil.example"), secure=True).content.decode()
    assert "first line<br>&lt;b&gt;second&lt;/b&gt;" in page
    posted(analyst, where, 400, text="   ")


@pytest.mark.parametrize(
    "query",
    [
        "?kind=domain&value=",
        "?kind=nonsense&value=evil.example",
        "?kind=domain&value=not%20a%20domain",
        f"?kind=phone&value=%2B{PHONE[1:]}",
        "?sealed=AAAA",
        "",
        "00000000000000000000000000000000/",
    ],
)
def test_an_address_that_names_nothing_is_not_found(analyst: Client, query: str) -> None:
    opened(analyst, reverse("console:signal") + query, 404)


# --- persons' values -----------------------------------------------------------------------------


def test_a_persons_value_is_shown_only_for_a_purpose_which_is_logged(
    analyst: Client, node: Node
) -> None:
    node.raised(PHONE, kind=Kind.PHONE)
    where = address(PHONE, Kind.PHONE)
    assert PHONE not in where and "812345678" not in where
    asked = opened(analyst, where)
    assert "Why do you need this?" in asked and PHONE not in asked
    answer = {"purpose_asked": "GET", "purpose": "victim", "reference": "case 12"}
    assert posted(analyst, where, 303, **answer) is not None
    shown = opened(analyst, where)
    assert f'<code id="canonical">{PHONE}</code>' in shown
    logged = Access.objects.get(action="signal.view")
    assert logged.purpose == "victim: case 12" and logged.person is not None
    assert PHONE not in logged.subject


def test_lists_and_downloads_show_persons_values_only_in_part(analyst: Client, node: Node) -> None:
    node.raised(PHONE, kind=Kind.PHONE)
    for page in ("today", "claims"):
        html = opened(analyst, page)
        assert PHONE not in html and "+668…78" in html
    response = analyst.get(reverse("console:claims"), {"format": "csv"}, secure=True)
    assert PHONE.encode() not in b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_search_never_puts_a_persons_value_into_an_address(analyst: Client, node: Node) -> None:
    where = posted(analyst, "search", 302, q=PHONE)
    assert "812345678" not in where and "Why do you need this?" in opened(analyst, where)
    found = text_of(posted(analyst, "search", q="812345678901234567890x"))
    assert "Nothing holds this." in found


# --- search --------------------------------------------------------------------------------------


def test_a_whole_value_leads_to_its_page_and_a_part_to_what_holds_it(
    analyst: Client, node: Node
) -> None:
    node.raised("bank-login.example")
    assert posted(analyst, "search", 302, q="hxxps://Other[.]example/") == address(
        "https://other.example/", Kind.URL
    )
    found = posted(analyst, "search", q="bank-log")
    assert "bank-login[.]example" in found
    assert f'href="{address("bank-login.example")}"' in found
    assert "at least three letters" in posted(analyst, "search", q="ba")
    assert "Nothing holds this." in posted(analyst, "search", q="no such thing")


# --- my claims -----------------------------------------------------------------------------------


def test_my_claims_are_filtered_by_the_address_and_leafed_through(
    analyst: Client, node: Node
) -> None:
    for n in range(55):
        node.raised(f"n{n}.example")
    node.raised("https://evil.example/x", kind=Kind.URL)
    page = opened(analyst, "claims", kind="domain")
    assert "n54[.]example" in page and "evil[.]example/x" not in page
    older = re.search(r'rel="next" href="(\?[^"]+)"', page)
    assert older is not None and "kind=domain" in older[1]
    page = opened(analyst, reverse("console:claims") + older[1])
    assert "n4[.]example" in page and "n5[.]example" not in page and "n54[" not in page
    assert "No claim is like this." in opened(analyst, "claims", state="retracted")
    ignored: list[dict[str, Any]] = [
        {"kind": "x", "verdict": "y", "state": "z"},
        {"before": "-1"},
        {"before": "x"},
    ]
    for nonsense in ignored:
        assert "n54[.]example" in opened(analyst, "claims", **nonsense)


def test_the_download_is_the_same_list_and_runs_no_formula(analyst: Client, node: Node) -> None:
    node.raised("evil.example")
    node.retracted("evil.example")
    node.raised("good.example")
    response = analyst.get(
        reverse("console:claims"), {"format": "csv", "state": "live"}, secure=True
    )
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["value"], row["tlp"], row["state"]) for row in rows] == [
        ("good.example", "GREEN", "live")
    ]
    assert csv_line(["=1+1", "@x", "-2", "+3", "plain"]) == "'=1+1,'@x,'-2,'+3,plain\r\n"


# --- taking back ---------------------------------------------------------------------------------


def retract_page(value: str, kind: Kind = Kind.DOMAIN) -> str:
    told = signals.dossier(normalise(kind, value), NOW).claims[0].claim
    return (
        f"{reverse('console:claims')}{told.claim_id.hex()[:8]}-"
        + "-".join(told.claim_id.hex()[a:b] for a, b in ((8, 12), (12, 16), (16, 20), (20, 32)))
        + "/retract/"
    )


def test_a_claim_is_taken_back_with_a_reason_and_a_plain_warning(
    analyst: Client, node: Node, bank: ReceivingPeer
) -> None:
    node.raised("evil.example")
    bank.pushed()
    where = retract_page("evil.example")
    page = text_of(opened(analyst, where))
    assert "This cannot be undone." in page and "Peers that have it bank" in page
    assert "Confirm that you know this." in posted(analyst, where, 400, reason="mistake")
    assert "This field is required" in posted(analyst, where, 400, sure="on")
    assert node.verdict("evil.example") == "scam"
    posted(analyst, where, 302, reason="appeal", sure="on")
    assert node.verdict("evil.example") == "unknown"
    page = text_of(opened(analyst, address("evil.example")))
    assert "Retracted: An appeal was upheld" in page
    bank.pushed()
    bank.says_effective(NOW + 1_000_000)
    page = text_of(opened(analyst, address("evil.example")))
    assert "Withdrawn: look-ups no longer answer by it" in page
    posted(analyst, where, 409, reason="appeal", sure="on")


def test_others_claims_and_claims_that_are_not_there_cannot_be_taken_back(
    analyst: Client, node: Node
) -> None:
    node.took(BANK, BANK.batch(claim(BANK, "theirs.example")))
    posted(analyst, retract_page("theirs.example"), 404, reason="appeal", sure="on")
    nobody = reverse("console:claims") + "00000000-0000-0000-0000-000000000000/retract/"
    opened(analyst, nobody, 404)


# --- peers ---------------------------------------------------------------------------------------


def test_the_pages_of_a_peer_show_terms_deliveries_receipts_and_documents(
    analyst: Client, node: Node, bank: ReceivingPeer
) -> None:
    bank.refuses["two.example"] = "future"
    node.raised("one.example", "two.example")
    bank.pushed()
    assert "bank" in opened(analyst, "peers") and "In force" in opened(analyst, "peers")
    number = bank.view.id
    page = text_of(opened(analyst, reverse("console:peer", args=[number])))
    assert "Ceiling TLP:AMBER" in page and "None: personal data stays home" in page
    page = text_of(opened(analyst, reverse("console:handovers", args=[number])))
    assert re.search(r"Claims Website TLP:GREEN 1 1 Dated ahead of its clock: 1", page)
    rows = analyst.get(reverse("console:handovers", args=[number]), {"format": "csv"}, secure=True)
    text = b"".join(rows.streaming_content).decode()  # type: ignore[attr-defined]
    (row,) = csv.DictReader(text.splitlines())
    assert (row["accepted"], row["refused"], row["refusals"]) == ("1", "1", "future=1")
    page = opened(analyst, reverse("console:receipts", args=[number]))
    receipt = re.search(r'href="(/console/receipts/\d+/)"', page)
    assert receipt is not None
    page = text_of(opened(analyst, receipt[1]))
    assert "1 taken, 1 refused" in page
    signed = analyst.get(receipt[1], {"format": "jws"}, secure=True)
    assert signed.headers["content-disposition"].startswith("attachment")
    assert signed.content.count(b".") == 2
    page = text_of(opened(analyst, reverse("console:documents", args=[number])))
    assert "agreement" in page and "Delivered" in page


@pytest.mark.parametrize("path", ["peers/999999/", "receipts/999999999999999999/", "peers/7/x/"])
def test_what_is_not_there_is_not_found(analyst: Client, path: str) -> None:
    opened(analyst, f"/console/{path}", 404)
    opened(analyst, "/console/peers/9999999999999999999999/", 404)


def test_suspending_is_confirmed_and_only_for_who_may(node: Node, analyst: Client) -> None:
    number = peers.must_be(BANK.fingerprint).id
    where = reverse("console:suspend", args=[number])
    posted(analyst, where, 403)
    duty = one_with("duty")
    assert "Nothing passes any more" in opened(duty, where)
    assert peers.summary(number, NOW).state == "in_force"
    posted(duty, where, 302)
    assert peers.summary(number, NOW).state == "suspended"


# --- the ledger ----------------------------------------------------------------------------------


def test_the_ledger_is_read_proved_and_checked_without_content(node: Node) -> None:
    node.raised("evil.example")
    auditor = one_with("auditor")
    for page in ("ledger", "entries", "acts"):
        html = opened(auditor, page)
        assert "evil" not in html
    assert "Not signed yet" in opened(auditor, "entries")
    proof = re.search(r'href="(/console/ledger/\d+/proof/)"', opened(auditor, "acts"))
    assert proof is not None
    assert "No signed head covers" in opened(auditor, proof[1], 409)
    assert "There are no peers yet" not in opened(auditor, "ledger")
    opened(auditor, "/console/ledger/999999/proof/", 404)


# --- sources -------------------------------------------------------------------------------------


@pytest.fixture
def inbox(node: Node) -> Iterator[Path]:
    folder = settings.DATA / "inbox"
    folder.mkdir(exist_ok=True)
    yield folder
    shutil.rmtree(folder)


def test_a_source_is_looked_at_saved_run_paused_and_removed(analyst: Client, inbox: Path) -> None:
    file = inbox / "list.txt"
    file.write_text("one.example\ntwo.example\nno value\n")
    form: dict[str, Any] = {
        "name": "partner-list",
        "what": "file",
        "address": str(file),
        "every": "60",
    }
    form |= {"tlp": "GREEN", "gone": "keep", "lure": "loan"}
    looked = text_of(posted(analyst, "source_new", step="preview", **form))
    assert "New : 2" in looked.replace("New: 2", "New : 2") and "Refused" in looked
    assert "None yet." in opened(analyst, "sources")
    where = posted(analyst, "source_new", 302, step="save", **form)
    assert "partner-list" in opened(analyst, "sources")
    act = where + "act/"
    assert "What a run would change" in posted(analyst, act, act="preview")
    posted(analyst, act, 302, act="run")
    assert "It runs now." in opened(analyst, where)
    posted(analyst, act, 302, act="pause")
    assert "Paused" in opened(analyst, where)
    posted(analyst, act, 302, act="run")
    page = text_of(opened(analyst, where))
    assert re.search(r"Done 3 2 0 0 1", page)
    assert "list : partner-list" in text_of(opened(analyst, address("one.example"))).replace(
        "list: partner-list", "list : partner-list"
    )
    posted(analyst, act, 302, act="resume")
    posted(one_with("duty"), act, 403, act="remove")
    posted(analyst, act, 302, act="remove")
    opened(analyst, where, 404)


def test_a_source_outside_the_folders_for_sources_is_refused(analyst: Client, node: Node) -> None:
    form: dict[str, Any] = {
        "name": "passwd",
        "what": "file",
        "address": "/etc/passwd",
        "every": "60",
    }
    form |= {"tlp": "GREEN", "gone": "keep", "step": "preview"}
    assert "Sources may not read" in posted(analyst, "source_new", 403, **form)
    assert "This field is required" in posted(analyst, "source_new", 400, **{**form, "name": ""})


# --- roles ---------------------------------------------------------------------------------------

PAGES = {
    "today": "administrator analyst duty legal checker guest",
    "search": "analyst duty legal checker guest",
    "claims": "analyst duty guest",
    "raise": "analyst duty",
    "peers": "administrator analyst duty legal checker",
    "sources": "administrator analyst duty",
    "source_new": "administrator analyst",
    "ledger": "administrator analyst duty legal checker auditor",
}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_for_its_roles_and_no_other(node: Node, page: str) -> None:
    other = Member.objects.create(fingerprint=bytes(32), name="Guest", country="TH", hosted=True)
    for role in ("administrator", "analyst", "duty", "legal", "checker", "auditor", "guest"):
        client = one_with(role, member=other.pk if role == "guest" else None)
        status = client.get(reverse(f"console:{page}"), secure=True).status_code
        assert (status == 200) == (role in PAGES[page].split()), (role, status)


def test_a_guest_sees_its_own_members_claims_and_what_the_community_may_know(node: Node) -> None:
    node.raised("ours.example", tlp=Tlp.AMBER)
    node.took(BANK, BANK.batch(claim(BANK, "theirs.example")))
    guest = one_with("guest", member=members.member_id(BANK.fingerprint))
    page = text_of(opened(guest, address("ours.example")))
    assert "Nobody has claimed anything about exactly this value." in page
    assert (
        "Unknown" in page and "Scam" not in page and "bank" not in page.replace("bank", "", 0)[:0]
    )
    page = text_of(opened(guest, address("theirs.example")))
    assert "Scam" in page
    assert "theirs[.]example" in opened(guest, "claims")
    assert "ours[.]example" not in opened(guest, "claims") + opened(guest, "today")
    posted(guest, "raise", 403, step="raise", **said())


def test_a_guest_with_a_seat_raises_and_withdraws_its_own_and_sees_what_the_gate_lets_pass(
    node: Node,
) -> None:
    code = members.code_of(node.fingerprint, "coop")
    own = members.guest_fingerprint(node.fingerprint, code)
    with unit_of_work():
        terms = seat_terms(node.fingerprint, own, NOW, Tlp.GREEN)
        seat = members.open_seat(code, "Coop", "LA", ["bank"], terms, NOW)
    node.raised("ours.example")
    node.raised("amber.example", tlp=Tlp.AMBER)
    guest, analyst = one_with("guest", member=seat.guest), one_with("analyst")
    posted(guest, "raise", 302, step="raise", **said(values="mine.example"))
    assert "mine[.]example" in opened(guest, "claims")
    assert "Coop" in text_of(opened(analyst, address("mine.example")))
    assert "Scam" in text_of(opened(guest, address("mine.example")))
    assert "Scam" in text_of(opened(guest, address("ours.example")))
    hidden = text_of(opened(guest, address("amber.example")))
    assert "Nobody has claimed anything about exactly this value." in hidden
    assert "Scam" not in hidden
    claims = {c.signal.value: c for c in signals.newest_claims(NOW).claims}
    opened(guest, f"/console/claims/{UUID(bytes=claims['ours.example'].claim_id)}/retract/", 404)
    mine = signals.claims_by(seat.guest or 0, NOW).claims[0]
    where = f"/console/claims/{UUID(bytes=mine.claim_id)}/retract/"
    posted(guest, where, 302, reason="mistake", sure="on")
    assert signals.claims_by(seat.guest or 0, NOW).claims[0].state == "retracted"
    assert node.verdict("ours.example") == "scam"


def test_an_administrator_of_accounts_sees_no_content(node: Node) -> None:
    node.raised("evil.example")
    administrator = one_with("administrator")
    assert "evil" not in opened(administrator, "today")
    opened(administrator, address("evil.example"), 403)


def test_values_of_a_sealed_address_come_back_whole(node: Node) -> None:
    signal = Signal(Kind.EMAIL, "someone@mail.example")
    where = values.url(signal)
    sealed = dict(part.split("=", 1) for part in where.partition("?")[2].split("&"))["sealed"]
    assert values.named(None, "", "", sealed) == signal
    assert urlencode({"value": signal.value}) not in where
