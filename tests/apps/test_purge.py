"""What must not be kept any longer is gone from every byte, and nobody brings it back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange import payloads, purging
from hueandcry.apps.exchange.models import Batch
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Access
from hueandcry.apps.signals import face as signals
from hueandcry.apps.signals.models import Act, Note, Signal
from hueandcry.core import tlog
from hueandcry.core.errors import Conflict
from hueandcry.core.normal import normalise
from hueandcry.core.types import DAY, Actor, Audience, Kind, Verdict
from hueandcry.engine.ledger.verify import LogKeys, verify
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.purge.models import Erased, Purge
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline.models import Hop
from node_scene import Node, claim
from other_member import NOW, OtherMember

OTHER = OtherMember("bank")
PHONE, MAIL = "+66812345678", "somebody.real@example.org"
SECRETS = (PHONE.encode(), PHONE[1:].encode(), MAIL.encode())


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def after(node: Node, days: int) -> None:
    node.now = NOW + days * DAY


def run(node: Node) -> dict[str, int]:
    return purge.run(node.now).counts


def database_bytes() -> bytes:
    """Every byte in which the database keeps anything: its file and the log beside it.

    Read by another process: to close such a file here would drop the locks that SQLite has on it.
    """
    path = Path(str(connection.settings_dict["NAME"]))
    files = [each for each in (path, Path(f"{path}-wal")) if each.exists()]
    return subprocess.run(["cat", *files], capture_output=True, check=True).stdout


def every_value() -> str:
    """What every text and bytes column of every table holds."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


def lines(batch: Batch) -> list[bytes]:
    return payloads.lines_of(batch)


def test_a_personal_signal_goes_when_its_claims_have_long_ended(node: Node) -> None:
    node.joined(OTHER, "personal")
    node.raised(PHONE, kind=Kind.PHONE)
    node.raised("shop.example")
    node.published()
    assert run(node) == {}
    assert Signal.objects.get(value=PHONE).purge_after == NOW + (30 + 90) * DAY
    after(node, 121)
    assert purge.due(node.now).counts["signals"] == 1
    assert run(node)["signals"] == 1
    assert not Signal.objects.filter(value=PHONE).exists()
    assert Signal.objects.filter(value="shop.example").exists()
    assert run(node) == {}
    (row,) = Purge.objects.all()
    assert row.counts["signals"] == 1 and row.log_index is not None


def test_no_byte_of_it_is_left(node: Node) -> None:
    node.joined(OTHER, "personal")
    node.raised(PHONE, kind=Kind.PHONE)
    node.raised(MAIL, kind=Kind.EMAIL)
    node.published()
    with unit_of_work():
        signals.set_override(
            Actor(node.fingerprint),
            normalise(Kind.EMAIL, MAIL),
            Verdict.BENIGN,
            f"{MAIL} is innocent",
            node.now,
            node.now + DAY,
        )
    assert MAIL in every_value()
    copy = settings.DATA / "lists" / "misp-own" / "event.json"
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(MAIL)
    after(node, 200)
    run(node)
    assert not copy.exists()
    left = every_value()
    assert PHONE not in left and MAIL not in left
    for batch in Batch.objects.all():
        assert not any(secret in line for line in lines(batch) for secret in SECRETS)
    if connection.vendor == "sqlite":
        assert not any(secret in database_bytes() for secret in SECRETS)


def test_nothing_that_is_left_can_be_tried_out_against_every_number(node: Node) -> None:
    node.joined(OTHER, "personal")
    node.raised(PHONE, kind=Kind.PHONE)
    node.published()
    id = signals.claim_ids(normalise(Kind.PHONE, PHONE))[0]
    assert Hop.objects.filter(root=id).exists()
    after(node, 200)
    run(node)
    assert not Hop.objects.filter(root=id).exists()
    assert not Act.objects.exclude(log_record=None).filter(kind="raise", count=1).exists()
    assert not Batch.objects.exclude(log_record=None).filter(held=0).exists()
    assert id not in [bytes(row.mac) for row in Erased.objects.all()]
    assert repr(id) not in every_value()
    keys = LogKeys("centre.example", members.log_keys(node.fingerprint), lambda *_: True)
    assert verify(settings.DATA, keys).counts == {}


def test_the_other_lines_of_a_batch_stay_proved(node: Node) -> None:
    node.joined(OTHER, "personal")
    values = [f"+6681234567{n}" for n in range(7)]
    node.raised(*values, kind=Kind.PHONE)
    node.published()
    (batch,) = Batch.objects.filter(from_peer=None)
    root = payloads_root(batch)
    with unit_of_work():
        signals.hold(
            Actor(node.fingerprint),
            normalise(Kind.PHONE, values[3]),
            NOW + 900 * DAY,
            "court order 7",
            node.now,
        )
    after(node, 200)
    assert run(node)["signals"] == 6
    batch.refresh_from_db()
    assert (batch.count, [bool(line) for line in lines(batch)].count(True)) == (7, 1)
    part = payloads.partial(batch, [3], None)
    (line,), (path,) = part.lines, part.paths or ()
    assert values[3].encode() in line
    tlog.verify_inclusion(3, 7, tlog.leaf_hash(line), path, root)


def payloads_root(batch: Batch) -> bytes:
    return tlog.root([tlog.leaf_hash(line) for line in lines(batch)])


def test_a_hold_keeps_it_until_it_ends(node: Node) -> None:
    node.raised(PHONE, kind=Kind.PHONE)
    value = normalise(Kind.PHONE, PHONE)
    us = Actor(node.fingerprint)
    with unit_of_work():
        number = signals.hold(us, value, NOW + 500 * DAY, "court order 7", node.now)
    after(node, 300)
    assert run(node) == {}
    with pytest.raises(Conflict):
        purging.erase_value(us, value, "asked for", node.now)
    with unit_of_work():
        signals.end_hold(us, number, node.now)
    assert run(node)["signals"] == 1
    assert signals.holds() == []


def test_a_purged_claim_does_not_come_back_but_a_newer_one_may(node: Node) -> None:
    node.joined(OTHER, "personal")
    first = claim(OTHER, PHONE, kind=Kind.PHONE)
    assert node.took(OTHER, OTHER.batch(first)) == [["accepted"]]
    after(node, 121)
    assert run(node)["signals"] == 1
    again = OTHER.batch(first, claim(OTHER, "+66812345679", kind=Kind.PHONE))
    assert node.took(OTHER, again) == [["merged"], ["accepted"]]
    assert not Signal.objects.filter(value=PHONE).exists()
    assert PHONE not in every_value()
    newer = claim(OTHER, PHONE, kind=Kind.PHONE, modified=NOW + 120 * DAY)
    assert node.took(OTHER, OTHER.batch(newer)) == [["accepted"]]


def test_a_purged_retraction_is_for_ever(node: Node) -> None:
    node.joined(OTHER, "personal")
    theirs = claim(OTHER, PHONE, kind=Kind.PHONE)
    node.took(OTHER, OTHER.batch(theirs))
    node.took(OTHER, OTHER.retraction((theirs.id, NOW)))
    node.raised(MAIL, kind=Kind.EMAIL)
    with unit_of_work():
        signals.retract(Actor(node.fingerprint), normalise(Kind.EMAIL, MAIL), "mistake", node.now)
    ours = signals.claim_ids(normalise(Kind.EMAIL, MAIL))
    after(node, 121)
    assert run(node)["signals"] == 2
    newer = claim(OTHER, PHONE, kind=Kind.PHONE, modified=NOW + 120 * DAY)
    assert node.took(OTHER, OTHER.batch(newer)) == [["refused", "retracted"]]
    # A list does not raise again what was taken back; a person does, under an id never used.
    rows = [signals.Row(1, MAIL)]
    listing = signals.Listing(kind=Kind.EMAIL)
    with unit_of_work():
        report = signals.ingest_chunk(Actor(node.fingerprint), rows, listing, node.now)
    assert (report.rejected, dict(report.reasons)) == (1, {"retracted": 1})
    assert not Signal.objects.filter(value=MAIL).exists()
    node.raised(MAIL, kind=Kind.EMAIL)
    now = signals.claim_ids(normalise(Kind.EMAIL, MAIL))
    assert len(now) == 1 and now != ours


def test_what_an_agreement_lets_us_keep_no_longer_goes(node: Node) -> None:
    node.joined(OTHER)
    node.took(OTHER, OTHER.batch(claim(OTHER, "old.example"), claim(OTHER, "both.example")))
    node.raised("both.example")
    after(node, 364)
    assert purge.due(node.now).counts["received"] == 0
    after(node, 366)
    assert purge.due(node.now).counts["received"] == 2
    assert run(node)["received"] == 2
    assert not Signal.objects.filter(value="old.example").exists()
    assert Signal.objects.filter(value="both.example").exists()
    (batch,) = Batch.objects.exclude(from_peer=None)
    assert (batch.held, batch.payload) == (0, b"")
    assert run(node) == {}


def test_one_value_is_erased_at_once_and_again_after_a_restore(node: Node) -> None:
    node.raised(PHONE, kind=Kind.PHONE)
    value = normalise(Kind.PHONE, PHONE)
    assert purging.erase_value(Actor(node.fingerprint), value, "asked for", node.now) == 1
    assert PHONE not in every_value()
    file = settings.DATA / purge.FILE
    written = file.read_text()
    assert PHONE not in written and value.key.hex() not in written
    node.raised(PHONE, kind=Kind.PHONE)  # as a backup from before would bring it back
    assert purging.erase_again(purge.read_erasures(file), node.now) == 1
    assert PHONE not in every_value()
    file.unlink()


def test_old_notes_of_the_access_log_go_unless_they_are_held(node: Node) -> None:
    with unit_of_work():
        for n in range(3):
            members.log_access(members.AccessNote("look", f"s{n}"), node.now)
    Access.objects.filter(subject="s1").update(held_until=NOW + 900 * DAY)
    days = policy.number("access_log.days")
    after(node, days)
    assert run(node)["accesses"] == 2
    assert [row.subject for row in Access.objects.all()] == ["s1"]


def test_a_renewed_claim_puts_the_purge_off(node: Node) -> None:
    node.raised(PHONE, kind=Kind.PHONE)
    run(node)
    after(node, 40)
    node.raised(PHONE, kind=Kind.PHONE)
    after(node, 121)
    assert run(node) == {}
    assert Signal.objects.get(value=PHONE).purge_after == NOW + (40 + 30 + 90) * DAY


def test_clients_find_what_is_left_under_its_date(node: Node) -> None:
    values = [f"+6681234567{n}" for n in range(5)]
    node.joined(OTHER, "personal")
    node.raised(*values, kind=Kind.PHONE)
    node.published()
    with unit_of_work():
        gone = normalise(Kind.PHONE, values[1])
        signals.retract(Actor(node.fingerprint), gone, "mistake", node.now)
    node.published()
    before = exchange.page(Audience.OWN, 0, 1_000, node.now).objects
    assert any(b"revoked" in each.body for each in before)
    for value in values[1:4]:
        asked = normalise(Kind.PHONE, value)
        purging.erase_value(Actor(node.fingerprint), asked, "asked for", node.now)
    after = exchange.page(Audience.OWN, 0, 1_000, node.now).objects
    dates = {each.body: each.added for each in before}
    assert all(each.body and dates[each.body] == each.added for each in after)
    left = [v for v in values if any(v.encode() in each.body for each in after)]
    assert left == [values[0], values[4]]
    (settings.DATA / purge.FILE).unlink()


def test_what_colleagues_noted_about_a_value_goes_with_it(node: Node) -> None:
    node.raised(PHONE, kind=Kind.PHONE)
    Note.objects.create(signal=Signal.objects.get(value=PHONE), text=f"called {PHONE}", at=NOW)
    after(node, 200)
    run(node)
    assert PHONE not in every_value()
