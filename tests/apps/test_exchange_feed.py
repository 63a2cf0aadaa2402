"""One reader's view of our feed: what it gets, what it never gets, and how far it has got."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange import feed, queries, rules, serving
from hueandcry.apps.exchange.feed import Page
from hueandcry.apps.exchange.models import Batch
from hueandcry.apps.exchange.rules import Cursor, Position
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import jcs, jws, tlog
from hueandcry.core.envelopes import Part, decompress, read, read_lines
from hueandcry.core.errors import Malformed
from hueandcry.core.sharing import successor
from hueandcry.core.types import DAY, Embargo, Kind, Lane, Tlp
from hueandcry.engine.ledger import restored
from hueandcry.engine.ledger.models import Restoration
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import NOW, OtherMember, some_of

READER, OTHER, THIRD = OtherMember("reader"), OtherMember("bank"), OtherMember("third")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(READER)
    return node


def reader(member: OtherMember = READER) -> PeerView:
    return peers.must_be(member.fingerprint)


def page(
    node: Node, position: Position | None = None, lane: Lane = Lane.LIVE, to: OtherMember = READER
) -> Page:
    return feed.page(reader(to), lane, position or Position(), node.now)


def parts(page: Page) -> list[Part]:
    return list(read(b"".join(item.frames for item in page.items)))


def values(page: Page) -> list[str]:
    """The canonical values on a page, each proved to be what its claimant signed."""
    found = []
    for part, item in zip(parts(page), page.items, strict=True):
        assert part.digest == item.about
        if part.retraction:
            found.append("retraction")
            continue
        body = rules.read_batch_body(jws.open_document(part.document).stated.body)
        rules.check_inclusion(part, body, [tlog.leaf_hash(line) for line in part.lines])
        found += [str(jcs.parse(line, max_bytes=99_999)["pattern"]) for line in part.lines]
    return [text.split("'")[1] if "'" in text else text for text in found]


def to_the_end(
    node: Node, position: Position, lane: Lane = Lane.LIVE
) -> tuple[list[str], Position]:
    found: list[str] = []
    while True:
        next_page = page(node, position)
        found += values(next_page)
        position = next_page.position
        if not next_page.more:
            return found, position


# --- what a page holds ---------------------------------------------------------------------------


def test_a_reader_gets_what_its_label_allows_in_order(node: Node) -> None:
    for value, marking in (
        ("one.example", Tlp.GREEN),
        ("red.example", Tlp.RED),
        ("two.example", Tlp.AMBER),
        ("strict.example", Tlp.AMBER_STRICT),
        ("three.example", Tlp.CLEAR),
    ):
        node.raised(value, tlp=marking)
        node.published()
    node.raised("+66812345678", kind=Kind.PHONE)
    node.published()
    assert values(page(node)) == ["one.example", "two.example", "three.example"]


def test_what_nobody_may_have_is_not_even_signed(node: Node) -> None:
    node.raised("red.example", tlp=Tlp.RED)
    node.raised("+66812345678", kind=Kind.PHONE)
    node.published()
    assert not Batch.objects.exists()


def test_a_page_that_was_read_is_not_read_again(node: Node) -> None:
    node.raised("one.example")
    node.published()
    first = page(node)
    assert page(node, first.position).items == []
    assert page(node, first.position).position == first.position
    node.raised("two.example")
    node.published()
    assert values(page(node, first.position)) == ["two.example"]


def test_pages_are_bounded_and_nothing_is_lost_between_them(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "OBJECTS", 2)
    monkeypatch.setattr(feed, "ENTRIES", 3)
    wanted = [f"h{n}.example" for n in range(8)]
    for value in wanted:
        node.raised(value)
        node.published()
    first = page(node)
    assert (len(first.items), first.more) == (2, True)
    assert to_the_end(node, Position())[0] == wanted


def test_bulk_and_live_are_read_apart(node: Node) -> None:
    node.raised("live.example")
    node.joined(OTHER)
    node.took(OTHER, OTHER.batch(claim(OTHER, "bulk.example"), lane=Lane.BULK))
    node.published()
    assert values(page(node)) == ["live.example"]
    assert values(page(node, lane=Lane.BULK)) == ["bulk.example"]


def test_nobody_is_sent_what_it_said_itself(node: Node) -> None:
    node.joined(OTHER)
    node.took(OTHER, OTHER.batch(claim(OTHER, "theirs.example")))
    assert values(page(node, to=READER)) == ["theirs.example"]
    assert values(page(node, to=OTHER)) == []


def test_a_third_members_claim_goes_out_with_its_card_and_under_its_signature(node: Node) -> None:
    node.joined(OTHER)
    sent = OTHER.batch(claim(OTHER, "theirs.example"))
    node.took(OTHER, sent)
    (part,) = parts(page(node))
    assert part == replace(sent, card=OTHER.signed_card())


def test_without_terms_a_page_is_empty(node: Node) -> None:
    node.added(THIRD)
    node.raised("one.example")
    node.published()
    assert page(node, to=THIRD).items == []


# --- superseded and retracted --------------------------------------------------------------------


def test_a_batch_of_which_some_is_superseded_goes_out_with_paths(node: Node) -> None:
    node.raised("one.example", "two.example", "three.example")
    node.published()
    node.now += DAY
    node.raised("two.example", tlp=Tlp.CLEAR)
    node.published()
    first, second = parts(page(node))
    assert (first.ordinals is not None, second.ordinals) == (True, None)
    assert sorted(values(page(node))[:2]) == ["one.example", "three.example"]
    assert values(page(node))[2:] == ["two.example"]


def test_a_batch_of_which_nothing_is_left_does_not_go_out(node: Node) -> None:
    node.raised("one.example")
    node.published()
    node.now += DAY
    node.retracted("one.example")
    node.published()
    assert values(page(node)) == ["retraction"]


def test_a_part_of_a_part_still_verifies(node: Node) -> None:
    node.joined(OTHER)
    claims = [claim(OTHER, f"h{n}.example") for n in range(6)]
    node.took(OTHER, some_of(OTHER.batch(*claims), 1, 3, 4))
    assert values(page(node)) == ["h1.example", "h3.example", "h4.example"]
    node.took(OTHER, OTHER.retraction((claims[3].id, NOW)))
    found = values(page(node))
    assert found == ["h1.example", "h4.example", "retraction"]


def test_a_retraction_reaches_a_reader_that_has_read_the_claim(node: Node) -> None:
    node.raised("one.example")
    node.published()
    position = page(node).position
    node.now += 10
    node.retracted("one.example")
    node.published()
    (part,) = parts(page(node, position))
    assert part.retraction
    reason, claims = rules.read_retraction_body(jws.open_document(part.document).stated.body)
    assert reason == "mistake" and len(claims) == 1


# --- what opens later ----------------------------------------------------------------------------


def test_an_embargo_that_passes_lets_go_what_it_held(node: Node) -> None:
    until = NOW + DAY
    node.raised("open.example")
    node.raised("held.example", embargo=Embargo("case 7", until))
    node.published()
    found, position = to_the_end(node, Position())
    assert found == ["open.example"]
    node.raised("later.example")
    node.published()
    node.now = until
    node.published()
    found, position = to_the_end(node, position)
    assert sorted(found) == ["held.example", "later.example"]
    assert to_the_end(node, position) == ([], position)


def test_an_embargoed_claim_of_a_third_member_goes_on_when_it_may(node: Node) -> None:
    node.joined(OTHER)
    embargo = Embargo("case 7", NOW + DAY)
    held = claim(OTHER, "held.example", embargo=embargo)
    assert node.took(OTHER, OTHER.batch(held)) == [["refused", "not_permitted"]]
    node.now += DAY
    assert node.took(OTHER, OTHER.batch(held, at=node.now)) == [["accepted"]]
    assert values(page(node)) == ["held.example"]


def test_wider_terms_replay_only_what_they_open(node: Node) -> None:
    narrow(node)
    node.joined(OTHER)  # may have both, so that both are signed
    node.raised("https://page.example/x", kind=Kind.URL)
    node.published()
    node.raised("domain.example")
    node.published()
    found, position = to_the_end(node, Position())
    assert found == ["domain.example"]
    widen_again(node)
    found, after = to_the_end(node, position)
    assert len(found) == 1 and "page.example" in found[0]
    assert to_the_end(node, after) == ([], after)
    assert (after.seq, after.replay) == (position.seq, None)
    node.raised("next.example")
    node.published()
    assert to_the_end(node, after)[0] == ["next.example"]


def test_a_replay_goes_page_by_page(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "ENTRIES", 2)
    narrow(node)
    node.joined(OTHER)
    for n in range(5):
        node.raised(f"https://page.example/{n}", kind=Kind.URL)
        node.published()
    node.raised("domain.example")
    node.published()
    found, position = to_the_end(node, Position())
    assert found == ["domain.example"]
    widen_again(node)
    first = page(node, position)
    assert (len(first.items), first.more, first.position.seq) == (2, True, position.seq)
    assert first.position.replay is not None
    node.raised("new.example")
    node.published()
    found, after = to_the_end(node, position)
    assert [text.rsplit("/", 1)[-1] for text in found] == ["0", "1", "2", "3", "4", "new.example"]
    assert to_the_end(node, after) == ([], after)


def narrow(node: Node) -> None:
    """Terms of domains only, by the reader's signature alone."""
    held = peers.terms(reader().id)
    assert held is not None
    kinds = frozenset({Kind.DOMAIN})
    node.posted(READER, node.signed(READER, successor(held, kinds=kinds)))
    assert reader().state == "in_force"
    node.delivered(reader())


def widen_again(node: Node) -> None:
    """Terms as our own template gives them, which both sides sign."""
    held = peers.terms(reader().id)
    assert held is not None
    kinds = node.terms(READER).kinds
    said = node.posted(READER, node.signed(READER, successor(held, kinds=kinds)))
    assert said["outcome"] == "accepted"
    node.delivered(reader())


# --- how far a reader has got --------------------------------------------------------------------


def test_a_position_moves_only_from_where_it_was(node: Node) -> None:
    id, start = reader().id, Position()
    one, two = replace_seq(start, 1), replace_seq(start, 2)
    assert queries.move(id, Lane.LIVE, start, one)
    assert not queries.move(id, Lane.LIVE, start, two)
    assert queries.position(id, Lane.LIVE) == one
    assert queries.move(id, Lane.LIVE, one, two)
    assert queries.move(id, Lane.LIVE, two, two)
    assert queries.position(id, Lane.BULK) == start


def replace_seq(position: Position, seq: int) -> Position:
    return Position(seq, position.agreement, position.at, position.replay)


def served(node: Node, cursor: str = "", to: OtherMember = READER) -> tuple[dict[str, object], int]:
    """(head line, parts) of one answer of the feed."""
    body, _ = exchange.serve(reader(to), cursor, node.now)
    head, _, rest = decompress(body).partition(b"\n")
    return jcs.parse(head, max_bytes=9_999), len(list(read_lines(rest.split(b"\n"))))


def test_the_feed_is_read_by_a_cursor_to_its_end(node: Node) -> None:
    node.raised("one.example")
    node.published()
    head, count = served(node)
    assert (head["more"], count) == (False, 1)
    again, count = served(node, str(head["cursor"]))
    assert (again, count) == ({"cursor": head["cursor"], "more": False}, 0)


def test_bulk_waits_until_live_is_read(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "ENTRIES", 1)
    node.joined(OTHER)
    node.took(OTHER, OTHER.batch(claim(OTHER, "bulk.example"), lane=Lane.BULK))
    node.raised("live.example")
    node.published()
    head, _ = served(node)
    cursor = exchange.open_cursor(reader(), str(head["cursor"]))
    assert (head["more"], cursor.bulk.seq) == (True, 0)
    while head["more"]:
        head, _ = served(node, str(head["cursor"]))
    assert exchange.open_cursor(reader(), str(head["cursor"])).bulk.seq > 0


def test_a_cursor_is_opaque_and_for_one_reader_only(node: Node) -> None:
    node.joined(OTHER)
    text = str(served(node)[0]["cursor"])
    assert "seq" not in text and exchange.open_cursor(reader(), text)
    middle = len(text) // 2
    changed = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    for bad in (changed, text[:-4], "%", "A" * 40):
        with pytest.raises(Malformed) as caught:
            exchange.open_cursor(reader(), bad)
        assert caught.value.code == "cursor"
    with pytest.raises(Malformed) as caught:
        exchange.open_cursor(reader(OTHER), text)
    assert caught.value.code == "cursor"


def test_a_cursor_goes_back_to_where_a_restored_feed_ended(node: Node) -> None:
    node.raised("kept.example")
    node.published()
    kept = exchange.open_cursor(reader(), str(served(node)[0]["cursor"]))
    with unit_of_work():
        row = restored.mark(node.now, bytes(32), node.now)
        restored.settle(row, Restoration.State.CONTINUED, node.now)
    # What came after the backup was made, and is lost: the reader has seen it all the same.
    beyond = Cursor(0, msgspec.structs.replace(kept.live, seq=row.feed + 7), kept.bulk)
    restored.forget()
    text = serving.sealed(reader(), beyond)
    opened = exchange.open_cursor(reader(), text)
    assert (opened.epoch, opened.live.seq) == (1, row.feed)
    before = Cursor(0, kept.live, kept.bulk)
    assert exchange.open_cursor(reader(), serving.sealed(reader(), before)).live == kept.live
    node.raised("after.example")
    node.published()
    page, _ = exchange.serve(reader(), text, node.now)
    assert "after.example" in decompress(page).decode()


def test_a_cursor_of_a_feed_that_is_yet_to_come_is_refused(node: Node) -> None:
    cursor = Cursor(1, rules.Position(), rules.Position())
    with pytest.raises(Malformed, match="not usable"):
        exchange.open_cursor(reader(), serving.sealed(reader(), cursor))


def test_what_a_reader_shows_as_read_is_not_pushed_again(node: Node) -> None:
    node.raised("one.example")
    node.published()
    text = str(served(node)[0]["cursor"])
    cursor = exchange.open_cursor(reader(), text)
    assert exchange.behind(reader(), cursor)
    with unit_of_work():
        assert exchange.acknowledge(reader(), cursor)
    assert queries.position(reader().id, Lane.LIVE) == cursor.live
    assert not exchange.behind(reader(), cursor)
    with unit_of_work():
        assert not exchange.acknowledge(reader(), cursor)


def test_an_old_cursor_takes_nothing_back(node: Node) -> None:
    node.raised("one.example")
    node.published()
    old = exchange.open_cursor(reader(), str(served(node)[0]["cursor"]))
    node.raised("two.example")
    node.published()
    new = exchange.open_cursor(reader(), str(served(node)[0]["cursor"]))
    with unit_of_work():
        exchange.acknowledge(reader(), new)
        assert not exchange.acknowledge(reader(), old)
    assert queries.position(reader().id, Lane.LIVE) == new.live
