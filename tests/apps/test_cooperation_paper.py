"""Requests on paper: they go as letters, and what comes back is entered with its scan."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import purging
from hueandcry.apps.cooperation.models import Paper, Request, Transition, Translation
from hueandcry.core import tlog
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, NotPermitted
from hueandcry.core.machine import REQUEST, Side
from hueandcry.core.types import DAY
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.models import Blob
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from papers_scene import HOUR, NAME, SCAN, Papers
from papers_walked import walked
from requests_scene import codes, refused
from requests_walked import LEGAL
from sheet_text import squeezed, words_of

pytestmark = pytest.mark.database


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Papers:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc"))
    return Papers(monkeypatch, other, ("ca", "p24", "asc"))


def files() -> int:
    return Blob.objects.count()


def test_a_request_to_an_authority_without_a_node_goes_as_a_letter_and_runs_to_its_end(
    node: Papers,
) -> None:
    request = node.written()
    refused(Conflict, "no_node", node.did, "som", request, "approve")
    view = node.lettered("som", request, "approve_outside", carried_by="Ms K., embassy")
    assert (view.listed.state, view.outside) == ("SENT_OUTSIDE", True)
    assert view.listed.peer_name == NAME and len(set(view.signers)) == 2
    assert node.on_the_way() == []
    assert view.open_to_them == []
    node.lettered("ann", request, "deliver_outside", data=SCAN + b"receipt")
    assert node.view(request).open_to_them == ["open", "cannot_keep_secret"]
    for event in ("open", "take_up", "accept", "execute", "complete"):
        node.lettered("lek", request, event, data=SCAN + event.encode())
    node.lettered("lek", request, "send_result", package="ab" * 32)
    node.did("ann", request, "accept_result", package="ab" * 32)
    view = node.did("ann", request, "close")
    assert view.listed.state == "CLOSED"
    [accepted] = [each for each in view.acts if each.event == "accept"]
    assert accepted.side == "requested" and accepted.paper is not None
    assert accepted.paper.channel == "courier" and accepted.paper.entered.startswith("p-")
    told, data = cooperation.paper(request, accepted.n)
    assert (told, data) == (accepted.paper, SCAN + b"accept")
    assert accepted.document == blobs.get(_paper(request, accepted.n).blob).sha256.hex()
    assert node.on_the_way() == []


def _paper(request: UUID, n: int) -> Paper:
    return Paper.objects.get(transition__request__uuid=request.bytes, transition__n=n)


def test_a_peer_whose_node_is_down_is_written_to_as_well(node: Papers) -> None:
    request = node.drafted("MLA_STORED")
    node.did("ann", request, "sign")
    view = node.lettered("som", request, "approve_outside")
    assert view.listed.state == "SENT_OUTSIDE" and node.on_the_way() == []
    node.lettered("ann", request, "deliver_outside")
    node.now += HOUR
    with pytest.raises(HueError) as late:  # what its node says by wire is about no document
        node.came(node.stepped(request, "open", "DELIVERED", re=["ab" * 32]))
    assert late.value.code == "other_request"


def test_what_the_other_side_did_is_entered_with_its_letter_or_not_at_all(node: Papers) -> None:
    request = node.gone()
    refused(Conflict, "proof_outside", node.did, "lek", request, "open")
    refused(NotPermitted, "role", node.lettered, "ann", request, "open")
    node.desk["lek"] = replace(node.desk["lek"], second_factor=False)
    refused(NotPermitted, "second_factor", node.lettered, "lek", request, "open")
    before = files()
    node.desk["lek"] = replace(node.desk["lek"], second_factor=True)
    refused(Malformed, "letter", node.lettered, "lek", request, "open", data=b"MZ no letter")
    refused(Malformed, "channel", node.lettered, "lek", request, "open", channel="pigeon")
    refused(Malformed, "carrier", node.lettered, "lek", request, "open", carried_by=" ")
    refused(Malformed, "dated", node.lettered, "lek", request, "open", dated=node.now + 2 * HOUR)
    refused(Conflict, "moved_on", node.lettered, "lek", request, "accept")
    assert files() == before


def test_no_letter_tells_that_they_entered_or_countersigned_anything(node: Papers) -> None:
    ours = node.gone()
    refused(Conflict, "no_letter", node.lettered, "lek", ours, "entered_wrongly", reasons="A slip")
    theirs = node.entered("lek", "PRESERVE")
    refused(Conflict, "no_letter", node.lettered, "dao", theirs, "countersign")


def test_a_refusal_on_paper_keeps_the_rules_of_consultation_and_codes(node: Papers) -> None:
    request = node.gone()
    for event in ("open", "take_up"):
        node.lettered("lek", request, event)
    said: dict[str, Any] = {"code": codes("MLA_STORED")[0], "reasons": "It would harm."}
    refused(Conflict, "consultation_not_needed", node.lettered, "lek", request, "refuse", **said)
    node.lettered("lek", request, "consult", reasons="Too wide", answer_by=node.now + DAY)
    node.did("ann", request, "answer_consultation", reasons="We narrow it.")
    assert node.lettered("lek", request, "refuse", **said).listed.state == "REFUSED"


def test_a_letter_counts_from_its_date_and_never_from_before_the_last_act(node: Papers) -> None:
    request = node.gone()
    delivered = node.view(request).acts[-1].at
    node.now += 3 * DAY
    view = node.lettered("lek", request, "open", dated=delivered + DAY)
    assert view.acts[-1].at == delivered + DAY
    view = node.lettered("lek", request, "take_up", dated=delivered)
    assert view.acts[-1].at == delivered + DAY
    assert view.acts[-1].paper is not None and view.acts[-1].paper.dated == delivered


def test_a_hold_is_entered_from_a_letter_and_its_clock_runs(node: Papers) -> None:
    request = node.gone("PRESERVE")
    assert node.view(request).hold == "REQUESTED"
    until = node.now + 70 * DAY
    view = node.lettered("lek", request, "hold", until=until)
    assert (view.hold, view.hold_until) == ("HELD", until)
    assert view.acts[-1].side == "requested" and view.acts[-1].machine == "hold"
    assert [each.due for each in view.clocks if each.rule.endswith("60d")] == [until]


def test_a_letter_is_no_way_around_for_what_goes_from_node_to_node(node: Papers) -> None:
    request = node.delivered_to("MLA_STORED")
    refused(Malformed, "letter", node.lettered, "ann", request, "withdraw")
    theirs = node.asked("MLA_STORED")
    refused(Malformed, "letter", node.lettered, "lek", theirs, "open")


def test_an_authority_without_a_node_is_noted_once_by_who_answers_for_the_registry(
    node: Papers,
) -> None:
    node.noted()
    with pytest.raises(Conflict):
        node.noted()
    wrongs: list[dict[str, Any]] = [{"country": "Laos"}, {"roles": ["king"]}, {"roles": []}]
    for wrong in (*wrongs, {"name": " "}):
        said: dict[str, Any] = {"name": "N", "country": "LA", "roles": ["ca"], **wrong}
        with pytest.raises(Malformed), unit_of_work():
            cooperation.add_authority(node.desk["lek"], address="", at=node.now, **said)
    with pytest.raises(NotPermitted), unit_of_work():
        cooperation.add_authority(node.desk["ann"], "N", "LA", ["ca"], "", node.now)
    nobody: tuple[Any, ...] = ("STATUS", "00" * 32, "house", {}, node.now)
    refused(NotPermitted, "not_a_peer", cooperation.draft, node.desk["ann"], *nobody)


def test_a_printed_letter_is_the_same_sheet_before_and_after_it_arrived(node: Papers) -> None:
    request = node.written()
    node.lettered("som", request, "approve_outside")
    sheet = words_of(cooperation.letter(request))
    node.now += 20 * DAY
    node.lettered("ann", request, "deliver_outside", data=SCAN + b"receipt")
    assert words_of(cooperation.letter(request)) == sheet


# --- walks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_walk_on_paper_takes_legal_edges_alone_and_every_act_of_theirs_has_its_scan(
    node: Papers, seed: int
) -> None:
    request = node.gone()
    walked(node, "MLA_STORED", request, Random(seed))
    row = Request.objects.get(uuid=request.bytes)
    acts = list(Transition.objects.filter(request=row).order_by("n"))
    assert {(each.source, each.target) for each in acts} <= LEGAL | {("", "DRAFT")}
    assert [each.n for each in acts] == list(range(row.version + 1))
    assert [each.at for each in acts] == sorted(each.at for each in acts)
    held = {each.transition_id: each for each in Paper.objects.all()}
    for each in acts:
        record, salt, index = ledger.opening(each)
        assert Entry.objects.get(index=index).entry == tlog.commitment(record, salt)
        edge = REQUEST.edges.get((each.event, each.source))
        if each.side == Side.REQUESTED or (edge and "outside" in edge.event):
            assert each.document is not None and each.document.hex() in record.decode()
            assert blobs.get(held[each.pk].blob).sha256 == each.document


# --- letters and translations ---------------------------------------------------------------------


def test_a_letter_is_printed_for_the_hand_before_it_goes_and_says_what_went(node: Papers) -> None:
    request = node.written()
    text = words_of(cooperation.letter(request))
    assert squeezed("Signed and sealed by hand") in text and squeezed(NAME) in text
    assert squeezed("Reciprocity or comity") in text and "Vientiane" in text
    assert cooperation.letter(request) == cooperation.letter(request)
    sent = node.sent("MLA_STORED")
    view = node.view(sent)
    text = words_of(cooperation.letter(sent))
    assert view.document and view.document in text
    assert all(each in text for each in view.signers)
    assert f"Entryintheledger{view.acts[-1].log_index}" in text


def test_a_letter_of_their_request_tells_their_basis_as_a_claim(node: Papers) -> None:
    request = node.asked("MLA_STORED", "hanoi")
    text = words_of(cooperation.letter(request))
    assert squeezed("The asking side names as the basis: United Nations Convention") in text
    assert squeezed("not in force on that day") in text


def test_no_letter_shows_a_translation_that_no_officer_has_certified(node: Papers) -> None:
    request = node.sent("MLA_STORED", facts_summary="The victim paid.", language="en")
    text = {"facts_summary": "Nạn nhân đã trả tiền."}

    def attach(who: str = "ann", **more: Any) -> None:
        said = {"language": "vi", "text": text, "translator": "Sworn 12", **more}
        with unit_of_work():
            cooperation.attach_translation(node.desk[who], request, at=node.now, **said)

    def certify(who: str) -> None:
        with unit_of_work():
            cooperation.certify_translation(node.desk[who], request, "vi", node.now)

    with pytest.raises(NotFound):
        certify("som")
    wrongs: list[dict[str, Any]] = [{"language": "V!"}, {"translator": ""}, {"text": {}}]
    for wrong in (*wrongs, {"text": {"king": "x"}}):
        with pytest.raises(Malformed):
            attach(**wrong)
    attach("lek")
    with pytest.raises(NotPermitted) as barred:
        cooperation.letter(request, "vi")
    assert barred.value.code == "uncertified" and "no officer" in barred.value.why
    assert squeezed(text["facts_summary"]) not in words_of(
        cooperation.letter(request, "vi", translated=False)
    )
    for who, code in (("lek", "checker_is_not_maker"), ("ann", "role")):
        with pytest.raises(NotPermitted) as no:
            certify(who)
        assert no.value.code == code
    certify("som")
    with pytest.raises(Conflict):
        certify("som")
    shown = words_of(cooperation.letter(request, "vi"))
    assert squeezed(text["facts_summary"]) in shown and "Thevictimpaid." in shown
    assert squeezed("bản gốc có giá trị") in shown
    [view] = node.view(request).translations
    assert (view.translator, view.certified_at, view.current) == ("Sworn 12", node.now, True)
    attach()  # a newer one takes its place, and is certified anew
    with pytest.raises(NotPermitted):
        cooperation.letter(request, "vi")
    assert Translation.objects.filter(log_index=None).count() == 0


def test_a_translation_of_what_a_request_said_before_is_shown_in_no_letter(node: Papers) -> None:
    request = node.drafted("MLA_STORED")
    with unit_of_work():
        cooperation.attach_translation(
            node.desk["ann"], request, "vi", {"purpose": "Mục đích"}, "Sworn 12", node.now
        )
    node.did("ann", request, "sign")
    with unit_of_work():
        cooperation.certify_translation(node.desk["som"], request, "vi", node.now)
    node.did("som", request, "revise", given={"purpose": "Another purpose"})
    with pytest.raises(Conflict) as old:
        cooperation.letter(request, "vi")
    assert old.value.code == "outdated"
    assert node.view(request).translations[0].current is False


def test_letters_scans_and_translations_go_with_what_the_request_said(node: Papers) -> None:
    request = node.gone()
    with unit_of_work():
        cooperation.attach_translation(
            node.desk["ann"], request, "th", {"purpose": "วัตถุประสงค์"}, "Sworn 12", node.now
        )
    node.did("lek", request, "withdraw")
    assert files() == 2
    with unit_of_work():
        assert purging.step(node.now + 3_000 * DAY, 10) == 1
    assert files() == 0
    with pytest.raises(NotFound):
        cooperation.paper(request, 2)
    with pytest.raises(NotFound):
        cooperation.letter(request)
    assert list(Translation.objects.values_list("text", "log_record")) == [("", None)]
    assert node.view(request).translations == []
