"""Traced money in the console: acts, shares, hops as a map, messages of banks, figures."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console_reports import opened, posted, text_of
from console_scene import one_with
from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import MoneyView
from hueandcry.apps.cooperation.models import Request
from hueandcry.core.formats import iso20022
from hueandcry.core.formats.iso20022 import Envelope, Money, Organisation, Outcome, RecallMessage
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, MINUTE, SECOND
from hueandcry.engine.store.work import unit_of_work
from money_chain import NEXT, Chain, stop_payment
from other_member import OtherMember
from requests_scene import Requests

pytestmark = pytest.mark.database

PAGE = "/console/requests/"
UETR = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
PAYMENT = {
    "account": "DE89370400440532013000",
    "amount": "1250.00",
    "currency": "THB",
    "payment_reference": UETR,
    "victim_institution": "BKKBTHBK",
    "beneficiary_institution": "DEUTDEFF",
}
#: What a member says anew of a hop.
OWN = {
    "f-authority_name": "Us",
    "f-contact": "24/7",
    "f-case_ref": "7",
    "f-language": "en",
    "f-liability_statement": "We stand for it",
}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    roles = ("ca", "bank")
    return Requests(monkeypatch, OtherMember("hanoi", roles=roles), roles)


@pytest.fixture
def duty(node: Requests) -> Client:
    return one_with("duty")


def page(request: UUID) -> str:
    return f"{PAGE}{request}/"


def act(client: Client, request: UUID, event: str, status: int = 302, **said: Any) -> str:
    """The act, from the page as it is now unless `seen` is another version."""
    seen = said.pop("seen", Request.objects.get(uuid=request.bytes).version)
    return posted(client, f"{page(request)}act/", status, act=event, seen=seen, **said)


def offered(html: str) -> list[str]:
    """The acts that have a form on the page, in order."""
    return re.findall(r'name="act" value="(\w+)"', html)


def stands(node: Requests, request: UUID) -> MoneyView:
    money = node.view(request).money
    assert money is not None
    return money


def wall(at: int) -> str:
    """An instant as a form of a page has it, to the second (UTC)."""
    return time_text(at)[:19]


def uploaded(client: Client, url: str, **files: bytes) -> tuple[int, str]:
    sent = {name: SimpleUploadedFile(f"{name}.xml", data) for name, data in files.items()}
    answer = client.post(url, sent, secure=True)
    return answer.status_code, answer.content.decode()


# --- acts -----------------------------------------------------------------------------------------


def test_money_is_traced_and_held_by_forms_that_ask_only_what_they_need(
    node: Requests, duty: Client
) -> None:
    request = stop_payment(node)
    html = opened(duty, page(request))
    assert "Money looked for" in html and "Hold the data" not in html
    assert {"trace", "too_late"} < set(offered(html)) and "hold" not in offered(html)
    assert 'id="trace-amount"' in html and 'id="trace-currency"' not in html
    act(duty, request, "trace", amount="1,250.00")
    html = opened(duty, page(request))
    assert 'id="hold-until"' in html and 'value="1250.00"' in html
    act(duty, request, "hold", amount="1 000", until=wall(node.now + DAY))
    money = stands(node, request)
    assert (money.state, money.held, money.until) == ("PROVISIONALLY_HELD", "1000", node.now + DAY)
    text = text_of(opened(duty, page(request)))
    assert "Amount held for now" in text and "Held 1000 THB" in text
    assert "the end of the provisional hold" in text and "Money left the victim" in text


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ({"amount": "1250.01"}, 403, "never the account"),
        ({"amount": "a lot"}, 400, "Write it as 1250.00"),
        ({"amount": "1.001"}, 400, "no finer than the smallest unit"),
        ({"amount": "10", "until": ""}, 400, "hold must say: until"),
        ({"amount": "10", "until": "2020-01-01T00:00:00"}, 409, "limit_of_place"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    node: Requests, duty: Client, said: dict[str, str], code: int, told: str
) -> None:
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250.00")
    whole: dict[str, Any] = {"until": wall(node.now + DAY), **said}
    html = act(duty, request, "hold", code, **whole)
    wrong = re.findall(r'<div class="field wrong">.*?</div>', html, re.S)
    assert len(wrong) == 1 and (told in wrong[0] or told == "limit_of_place")
    assert f'value="{said["amount"]}"' in html
    assert stands(node, request).state == "TRACED"


def test_a_limit_that_a_lawyer_has_ticked_need_not_be_typed(node: Requests, duty: Client) -> None:
    law = b'[place.TH.hold_length]\nvalue = "72 hours"\nsource = "made up"\n'
    ticked = b'checked = 2026-09-01\nchecked_by = "legal desk"'
    with unit_of_work():
        cooperation.import_treaties(node.desk["lek"], "TH.toml", law + ticked, node.now)
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250.00")
    longer: dict[str, Any] = {"amount": "10", "until": wall(node.now + 4 * DAY)}
    html = act(duty, request, "hold", 403, **longer)
    assert "ticked its law" in html and "This was refused" not in html
    act(duty, request, "hold", amount="10")
    assert stands(node, request).until == node.now + 3 * DAY


def test_an_act_upon_money_that_moved_on_changes_nothing(node: Requests, duty: Client) -> None:
    request = stop_payment(node)
    seen = node.view(request).listed.version
    node.did("dao", request, "trace", amount="900")
    html = act(duty, request, "too_late", 409, seen=seen, reasons="It was gone at noon.")
    assert "Somebody moved it on." in html and "It was gone at noon." in html
    assert stands(node, request).state == "TRACED"


def test_who_may_not_decide_reads_who_may(node: Requests) -> None:
    request = stop_payment(node)
    analyst = one_with("analyst")
    html = opened(analyst, page(request))
    assert "trace" not in offered(html) and "Say what was found (" in text_of(html)
    act(analyst, request, "trace", 403, amount="1")
    assert stands(node, request).state == "ALERT"


def test_a_currency_is_asked_for_where_the_request_names_none(node: Requests, duty: Client) -> None:
    request = node.asked("FREEZE")
    assert 'id="trace-currency"' in opened(duty, page(request))
    act(duty, request, "trace", amount="5000", currency="vnd")
    assert (stands(node, request).currency, stands(node, request).traced) == ("VND", "5000")


def test_an_act_of_money_is_none_upon_a_request_that_traces_none(
    node: Requests, duty: Client
) -> None:
    request = node.asked("PRESERVE")
    act(duty, request, "trace", 404, amount="1")


def test_money_that_was_gone_is_told_with_its_line_in_time(node: Requests, duty: Client) -> None:
    request = stop_payment(node)
    act(duty, request, "too_late", reasons="It was paid out at noon.")
    text = text_of(opened(duty, page(request)))
    assert "Why it was too late" in text and "after 15 min" in text
    assert "Nothing more is done with the money." in text


def test_a_wrong_hold_is_released_and_counted(node: Requests, duty: Client) -> None:
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250.00")
    node.did("dao", request, "hold", amount="1000", until=node.now + DAY)
    assert "This field is required." in act(duty, request, "release", 400, wrongly="on")
    act(duty, request, "release", wrongly="on", reasons="A merchant's")
    html = opened(duty, page(request))
    assert offered(html).count("freed") == 1 and 'id="release-' not in html
    act(duty, request, "freed")
    assert "freed" not in offered(opened(duty, page(request)))
    text = text_of(opened(duty, f"{PAGE}figures/"))
    assert "Released because they were wrongly held 1" in text and "1000 THB" in text


def test_a_frozen_amount_is_released_after_the_other_side_was_heard(
    node: Requests, duty: Client
) -> None:
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250.00")
    act(duty, request, "freeze", amount="1250.00", order="Order 7/2026")
    assert "Order 7/2026" in opened(duty, page(request))
    act(duty, request, "propose_release", 400, reasons="The court asks.")
    until = wall(node.now + DAY)
    act(duty, request, "propose_release", reasons="The court asks.", answer_by=until)
    act(duty, request, "confiscate", 400, order="Judgment 3")
    act(duty, request, "confiscate", order="Judgment 3", order_final="on")
    assert stands(node, request).state == "CONFISCATED"


def test_the_asking_side_answers_a_proposal_only_where_there_is_one(
    node: Requests, duty: Client
) -> None:
    ours = node.delivered_to("STOP_PAYMENT", amount="10", currency="THB")
    node.they(ours, "trace", "ALERT", type="money-step", amount="10", currency="THB")
    said: dict[str, Any] = {"amount": "10", "currency": "THB", "order": "O-1"}
    node.they(ours, "freeze", "TRACED", type="money-step", **said)
    assert "answer_release" not in offered(opened(duty, page(ours)))
    said = {"reasons": "Lifted", "answer_by": node.now + DAY}
    node.they(ours, "propose_release", "FROZEN", type="money-step", **said)
    act(duty, ours, "answer_release", reasons="The appeal is open.")
    assert "answer_release" not in offered(opened(duty, page(ours)))


# --- the return -----------------------------------------------------------------------------------


def released(node: Requests) -> UUID:
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250.00")
    node.did("dao", request, "hold", amount="100", until=node.now + DAY)
    node.did("dao", request, "release", reasons="Agreed")
    return request


def test_the_shares_of_a_return_are_looked_at_before_they_are_sent(
    node: Requests, duty: Client
) -> None:
    request = released(node)
    rows = {f"f-victims-{n}-pseudonym": name for n, name in enumerate("abc")}
    rows |= {f"f-victims-{n}-loss": "1,000" for n in range(3)}
    said: dict[str, Any] = {"amount": "100", "agreement": "Letter 3", "f-victims-rows": "3", **rows}
    html = act(duty, request, "agree_return", 200, **said)
    assert "Look at the shares." in html and "33.34 THB" in text_of(html)
    assert stands(node, request).state == "RELEASED"
    [shown] = re.findall(r'name="shown" value="([^"]+)"', html)
    html = act(duty, request, "agree_return", 200, **{**said, "amount": "90"}, shown=shown)
    assert "30.00 THB" in text_of(html)  # other shares than those that were looked at
    assert stands(node, request).state == "RELEASED"
    act(duty, request, "agree_return", **said, shown=shown)
    assert stands(node, request).shares == {"a": "33.34", "b": "33.33", "c": "33.33"}
    assert "Shares of the victims" in opened(duty, page(request))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"f-victims-0-pseudonym": "a"}, "the loss is no amount"),
        ({"f-victims-0-loss": "5"}, "needs the pseudonym"),
        ({"f-victims-0-pseudonym": "a", "f-victims-0-loss": "5"}, "less was lost"),
    ],
)
def test_victims_that_are_not_named_in_full_are_asked_for_again(
    node: Requests, duty: Client, rows: dict[str, str], told: str
) -> None:
    request = released(node)
    said: dict[str, Any] = {"amount": "100", "agreement": "Letter 3", "f-victims-rows": "1", **rows}
    status = 409 if told == "less was lost" else 400
    html = act(duty, request, "agree_return", status, **said)
    assert told in html and 'value="Letter 3"' in html
    more = act(duty, request, "agree_return", 200, more="victims", **said)
    assert 'name="f-victims-2-loss"' in more and 'name="f-currency"' not in more
    assert stands(node, request).state == "RELEASED"


def test_what_went_back_is_read_from_the_message_of_the_bank(node: Requests, duty: Client) -> None:
    request = stop_payment(node, **PAYMENT)
    answer = duty.get(f"{page(request)}camt029/", secure=True)
    [said] = iso20022.read_answer(b"".join(answer)).answers
    assert (said.outcome, said.payment.uetr) == (Outcome.PENDING, UETR)
    assert duty.get(f"{page(request)}pacs004/", secure=True).status_code == 409
    node.did("dao", request, "trace", amount="1250.00")
    node.did("dao", request, "moved", amount="50", hop=NEXT)
    node.did("dao", request, "agree_return", amount="900", agreement="L")
    assert duty.get(f"{page(request)}pacs004/?settlement=X", secure=True).status_code == 400
    answer = duty.get(f"{page(request)}pacs004/?settlement=INDA", secure=True)
    message = b"".join(answer)
    status, html = uploaded(duty, f"{page(request)}returned/", pacs004=message)
    assert status == 200 and 'name="amount" value="900"' in html
    assert stands(node, request).state == "RETURN_AGREED"  # it was read, and nothing more
    recall = iso20022.recall_of({**node.view(request).given, "payment_reference": "E2E-9"}, id="1")
    back = iso20022.Return(recall.payment, Money("10", "THB"))
    other = iso20022.write_return(iso20022.ReturnMessage("m", node.now, "CLRG", (back,)))
    status, html = uploaded(duty, f"{page(request)}returned/", pacs004=other)
    assert status == 400 and "does not return that payment" in html
    act(duty, request, "return", amount="900")
    assert stands(node, request).state == "RETURNED"


def test_a_request_is_written_from_a_recall_of_a_bank(node: Requests, duty: Client) -> None:
    payment = {**PAYMENT, "value_time": time_text(node.now), "fraud_type": "false bank"}
    recall = iso20022.recall_of(payment, id="C-1")
    envelope = Envelope("M-1", Organisation(name="Ours"), Organisation(name="Hanoi"), node.now)
    one, two = (
        iso20022.write_recall(RecallMessage(envelope, recalls))
        for recalls in ((recall,), (recall, recall))
    )
    chosen = f"?to={node.other.fingerprint}&type=STOP_PAYMENT&basis=house"
    assert "camt.056" in opened(duty, f"{PAGE}new/{chosen}")
    status, html = uploaded(duty, f"{PAGE}new/recall/{chosen}", camt056=one)
    assert status == 200 and f'value="{UETR}"' in html and 'value="1250.00"' in html
    assert 'action="/console/requests/new/?to=' in html and not Request.objects.exists()
    status, html = uploaded(duty, f"{PAGE}new/recall/{chosen}", camt056=two)
    assert status == 400 and "recalls 2 payments" in html
    status, html = uploaded(duty, f"{PAGE}new/recall/{chosen}", camt056=b"no message")
    assert status == 400
    assert uploaded(duty, f"{PAGE}new/recall/", camt056=one)[0] == 404


# --- hops -----------------------------------------------------------------------------------------


def test_a_hop_is_followed_by_a_request_that_is_filled_in(node: Requests, duty: Client) -> None:
    chain = Chain(node)
    html = opened(duty, page(chain.request))
    assert "Not followed" in html
    [way] = re.findall(r'href="(/console/requests/new/[^"]+hop_of=[^"]+)"', html)
    way = way.replace("&amp;", "&")
    html = opened(duty, way)
    assert chain.bank.fingerprint in html and NEXT["account"] in html
    whole = f"{way}&to={chain.bank.fingerprint}&basis=reciprocity"
    html = opened(duty, whole)
    assert f'value="{NEXT["account"]}"' in html and 'value="1000"' in html
    form: dict[str, Any] = {
        name: value
        for name, value in re.findall(r'<input[^>]* name="(f-[^"]+)"[^>]* value="([^"]+)"', html)
    }
    form |= {
        "f-facts_summary": "As above",
        "f-payment_reference": "E2E-7",
        "f-no_user_notice": "yes",
    }
    made = posted(duty, whole, step="keep", **{**form, **OWN})
    row = Request.objects.get(uuid=UUID(made.rstrip("/").rpartition("/")[2]).bytes)
    assert row.parent is not None and row.parent.uuid == chain.request.bytes
    html = opened(duty, page(chain.request))
    assert "Not followed" not in html and "hop_of=" not in html
    assert duty.get(way, secure=True).status_code == 409  # one open request for each hop


def test_the_map_shows_the_whole_chain_from_every_request_in_it(
    node: Requests, duty: Client
) -> None:
    chain = Chain(node)
    node.did("dao", chain.request, "hold", amount="250", until=node.now + DAY)
    hop = chain.sent()
    node.now += 5 * MINUTE
    chain.they(hop, "trace", "ALERT", amount="1000", currency="THB")
    beyond = {"account": "GB82WEST12345698765432", "institution": "Fourth Bank"}
    chain.they(hop, "moved", "TRACED", amount="400", currency="THB", hop=beyond)
    until = node.now + DAY
    chain.they(hop, "hold", "MOVED", amount="600", currency="THB", until=until)
    for here, other in ((chain.request, hop), (hop, chain.request)):
        html = opened(duty, page(here))
        tree = html[html.index('<ol class="chain">') :]
        assert tree.count('<li class="hop">') == 3
        assert re.findall(r'href="(/console/requests/[0-9a-f-]{36}/)"', tree)[0] == page(other)
        text = text_of(tree)
        assert "held: 250 THB" in text and "held: 600 THB after 5 min" in text
        assert "gone on: 400 THB" in text and "Told by the member that was asked" in text
        assert text.index("held: 250") < text.index("held: 600") < text.index("Fourth Bank")
    node.did("dao", chain.request, "release", reasons="Found to be lawful")
    chain.receipted()
    assert "release received there" in opened(duty, page(chain.request))
    chain.they(hop, "freed", "RELEASED")
    text = text_of(opened(duty, page(chain.request)))
    assert "named: 1, followed: 1, free again: 1" in text


def test_who_does_not_see_a_request_sees_its_hop_without_a_link(
    node: Requests, duty: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(node)
    hop = chain.sent()
    Request.objects.filter(uuid=hop.bytes).update(type="TIP_REFERRAL")
    assert page(hop) in opened(duty, page(chain.request))
    police = opened(one_with("police"), page(chain.request))
    assert page(hop) not in police and NEXT["account"] in police


def test_nothing_was_counted_before_money_was_traced(node: Requests, duty: Client) -> None:
    assert "No request has traced money yet." in opened(duty, f"{PAGE}figures/")
    stop_payment(node)
    node.now += SECOND
    assert "Requests that trace money 1 0" in text_of(opened(duty, f"{PAGE}figures/"))
