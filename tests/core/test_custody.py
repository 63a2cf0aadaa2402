"""The chain of custody: what is true reads back, and each kind of forged chain has its own code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import jcs, strictjson
from hueandcry.core.custody import (
    ACTIONS,
    BY_AUTHORITY,
    DERIVING,
    OF_CONTENT,
    OPENING,
    SKEW,
    Action,
    Actor,
    Content,
    Counterpart,
    Event,
    Linked,
    NotBefore,
    Tool,
    check_chain,
    check_parent,
    check_transfer,
    content_of,
    facts,
    link,
    message,
    read_record,
    record,
)
from hueandcry.core.errors import HueError, Malformed, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.types import SECOND

START = 1_770_000_000_000_000
THAI, VIET = "7a" * 32, "5b" * 32
FILE = Content(hashlib.sha256(b"chat").hexdigest(), 4)
OTHER = Content(hashlib.sha256(b"note").hexdigest(), 4)


def name(n: int) -> UUID:
    return uuid7(START, n.to_bytes(10, "big"))


EXHIBIT, PARENT, PACKAGE = name(1_000), name(2_000), name(3_000)
FIRST = Event(
    event=name(0),
    exhibit=EXHIBIT,
    number="TH-7A7A7A-2026-000001",
    n=0,
    prev=None,
    action=Action.ACQUIRED,
    at=START,
    actor=Actor(THAI, "p-0123456789abcdef", "investigator"),
    reason="Reported by the victim",
    authority="Warrant 17/2569",
    place="Bangkok",
    tool=Tool("hueandcry", "1.0", ""),
    outputs=(FILE,),
    condition="complete",
    description="Chat of the victim, as exported",
)
GOLDEN = (
    '{"action":"acquired","actor":{"org":"' + THAI + '","person":"p-0123456789abcdef",'
    '"role":"investigator"},"at":"2026-02-02T02:40:00.000000Z","authority":"Warrant 17/2569",'
    '"changes":null,"clock":"node","condition":"complete","counterpart":null,'
    '"description":"Chat of the victim, as exported",'
    '"event":"019c1c38-a400-7000-8000-000000000000","exhibit":"019c1c38-a400-7000-8000-0000000003e8",'
    '"inputs":[],"n":0,"not_before":null,"number":"TH-7A7A7A-2026-000001",'
    '"outputs":[{"sha256":"' + FILE.sha256 + '","size":4}],"parent":null,"place":"Bangkok",'
    '"prev":null,"reason":"Reported by the victim",'
    '"tool":{"name":"hueandcry","settings":"","version":"1.0"},"type":"custody","v":1}'
)


def after(chain: Sequence[Event], action: Action, **changed: Any) -> Event:
    """The event that would follow upon this chain a second later."""
    last = chain[-1]
    plain = Event(
        event=name(len(chain)),
        exhibit=last.exhibit,
        number=last.number,
        n=last.n + 1,
        prev=link(record(last)),
        action=action,
        at=last.at + SECOND,
        actor=Actor(last.actor.org),
        reason="As the work asked for",
        authority="Court of Bangkok" if action in BY_AUTHORITY else None,
        outputs=(FILE,) if action in OF_CONTENT else (),
        counterpart=Counterpart(VIET, None, PACKAGE) if action is Action.TRANSFERRED else None,
    )
    if action is Action.RECEIVED:
        plain = replace(
            plain,
            actor=Actor(VIET),
            counterpart=Counterpart(last.actor.org, last.event, PACKAGE),
            not_before=NotBefore("th.example/log/0", 40, "cd" * 32),
        )
    return replace(plain, **changed)


def chain_of(*actions: Action) -> list[Event]:
    chain = [FIRST]
    for action in actions:
        chain.append(after(chain, action))
    return chain


def check(chain: Sequence[Event]) -> None:
    check_chain([Linked(event, record(event)) for event in chain])


def relinked(chain: Sequence[Event]) -> list[Event]:
    """The chain with all links made right again, as a forger with the key would."""
    right: list[Event] = []
    for event in chain:
        right.append(replace(event, prev=link(record(right[-1])) if right else None))
    return right


WHOLE = chain_of(
    Action.SEALED, Action.ACCESSED, Action.TRANSFERRED, Action.RECEIVED, Action.ANALYSED
)


# --- records --------------------------------------------------------------------------------------


def test_a_record_has_one_form_for_ever() -> None:
    assert record(FIRST).decode() == GOLDEN
    assert read_record(GOLDEN.encode()) == FIRST
    assert message(b"x") == b"hueandcry/custody/v1\nx"
    assert link(b"x") == hashlib.sha256(b"hueandcry/custody/v1\nx").hexdigest()


texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)
contents = st.builds(
    Content, st.binary(min_size=32, max_size=32).map(bytes.hex), st.integers(0, 2**53 - 1)
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event that can be true by itself."""
    n = draw(st.integers(0, 1_000))
    parent = draw(st.booleans()) if n == 0 else False
    wanted = DERIVING if parent else OPENING if n == 0 else ACTIONS
    action = draw(st.sampled_from(sorted(wanted)))
    handed = action in (Action.TRANSFERRED, Action.RECEIVED)
    sent = None if action is Action.TRANSFERRED else name(9)
    return Event(
        event=name(draw(st.integers(0, 2**60))),
        exhibit=EXHIBIT,
        number=draw(st.from_regex(r"[A-Z0-9]([A-Z0-9._-]{0,62}[A-Z0-9])?", fullmatch=True)),
        n=n,
        prev=None if n == 0 else "ef" * 32,
        action=action,
        at=draw(st.integers(0, 4_000_000_000_000_000)),
        actor=Actor(
            THAI, draw(st.none() | st.just("p-00000000000000ff")), draw(st.none() | st.just("lea"))
        ),
        reason=draw(texts),
        authority=draw(texts if action in BY_AUTHORITY else st.none() | texts),
        place=draw(st.none() | texts),
        tool=draw(st.none() | st.builds(Tool, texts, texts, st.just("") | texts)),
        inputs=tuple(draw(st.lists(contents, min_size=int(parent), max_size=3))),
        outputs=tuple(draw(st.lists(contents, min_size=int(action in OF_CONTENT), max_size=3))),
        changes=draw(st.none() | texts),
        condition=draw(st.none() | texts),
        counterpart=Counterpart(VIET, sent, draw(st.none() | st.just(PACKAGE))) if handed else None,
        parent=PARENT if parent else None,
        description=draw(texts) if n == 0 else None,
        not_before=draw(st.none() | st.just(NotBefore("th.example/log/0", 7, "01" * 32))),
    )


@given(events())
def test_a_record_reads_back_as_what_was_recorded(event: Event) -> None:
    raw = record(event)
    assert read_record(raw) == event
    assert raw == jcs.canonical({"v": 1, "type": "custody", **facts(event)})  # as the ledger writes


@given(events(), st.data())
def test_no_other_bytes_read_as_the_same_record(event: Event, data: st.DataObject) -> None:
    raw = record(event)
    at = data.draw(st.integers(0, len(raw) - 1))
    bent = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    with suppress(Malformed):
        assert read_record(bent) != event
    with pytest.raises(Malformed):
        read_record(json.dumps(json.loads(raw)).encode())  # with blanks


def bent(**changed: Any) -> bytes:
    said = json.loads(GOLDEN) | changed
    return strictjson.canonical({name: each for name, each in said.items() if each is not ...})


WRONG: dict[str, Any] = {
    "v": [2, True, "1"],
    "type": ["receipt", None],
    "event": ["019c1c38-a400-4000-8000-000000000000", "", None, 7],
    "exhibit": ["019C1C38-A400-7000-8000-0000000003E8", None],
    "number": ["", "..", "a", "A/B", "A ", "-A", "A.", "A" * 65, None, 1],
    "n": [-1, 1, True, "0", None],
    "prev": ["ab" * 32, 0, ""],
    "action": ["stolen", "sealed", "received", "redacted", "", None, 3],
    "at": ["2026-02-02T02:40:00Z", 1, None],
    "clock": ["wall", None],
    "actor": [None, {}, {"org": THAI}, {"org": "x", "person": None, "role": None}],
    "authority": ["", " ", "a\x00b", "x" * 4_001, 1],
    "reason": ["", None, "\x1b[2J"],
    "place": ["", 5],
    "tool": ["openssl", {"name": "x", "version": "1"}, []],
    "inputs": [None, [1], {}],
    "outputs": [None, [], [{"sha256": "ab" * 32}], [{"sha256": "AB" * 32, "size": 1}]],
    "changes": [""],
    "condition": [""],
    "counterpart": [{"org": VIET, "event": None, "package": None}, VIET],
    "parent": [str(PARENT), "x"],
    "description": [None, "", "x" * 4_001],
    "not_before": [{"origin": "a b", "size": 1, "root": "ab" * 32}, 4],
    "name": ["a member more"],
}


@pytest.mark.parametrize("member", WRONG)
def test_a_record_with_a_member_of_another_form_is_refused(member: str) -> None:
    for value in WRONG[member]:
        with pytest.raises(Malformed):
            read_record(bent(**{member: value}))
    if member != "name":
        with pytest.raises(Malformed):
            read_record(bent(**{member: ...}))


@pytest.mark.parametrize(
    "event",
    [
        replace(FIRST, outputs=()),
        after([FIRST], Action.SEALED, authority=None),
        after([FIRST], Action.DESTROYED, authority=None),
        after([FIRST], Action.ACCESSED, description="again"),
        after([FIRST], Action.ACCESSED, parent=PARENT, inputs=(FILE,)),
        after([FIRST], Action.ACCESSED, counterpart=Counterpart(VIET, None, None)),
        after([FIRST], Action.TRANSFERRED, counterpart=None),
        after([FIRST], Action.TRANSFERRED, counterpart=Counterpart(THAI, None, None)),
        after([FIRST], Action.TRANSFERRED, counterpart=Counterpart(VIET, name(5), None)),
        after([FIRST], Action.RECEIVED, counterpart=Counterpart(THAI, None, None)),
        replace(FIRST, action=Action.REDACTED),
        replace(FIRST, action=Action.ANALYSED, parent=PARENT),
    ],
)
def test_what_cannot_be_true_is_never_written(event: Event) -> None:
    with pytest.raises(Malformed) as refused:
        record(event)
    assert refused.value.code == "custody_record"


# --- chains ---------------------------------------------------------------------------------------


def test_a_whole_story_holds_over_two_members() -> None:
    check(WHOLE)
    check(chain_of(Action.TRANSFERRED, Action.ACCESSED, Action.DESTROYED))
    assert content_of(WHOLE) == (FILE,)


STEPS = [Action.ACCESSED, Action.SEALED, Action.ANALYSED, Action.COPIED, Action.RELEASED]


@given(st.lists(st.sampled_from([*STEPS, Action.TRANSFERRED]), max_size=8), st.booleans())
def test_whatever_a_holder_does_in_order_holds(actions: list[Action], destroyed: bool) -> None:
    check(chain_of(*actions, *[Action.DESTROYED] * destroyed))


def test_a_chain_may_begin_before_its_bytes_are_known() -> None:
    seen = replace(FIRST, action=Action.IDENTIFIED, outputs=())
    chain = [seen]
    chain.append(after(chain, Action.COLLECTED))
    chain.append(after(chain, Action.ACQUIRED))
    check(chain)
    assert content_of(chain) == (FILE,)


def changed(n: int, **values: Any) -> list[Event]:
    """The whole story with one event told otherwise, and every link made right again."""
    return relinked([*WHOLE[:n], replace(WHOLE[n], **values), *WHOLE[n + 1 :]])


def renumbered(chain: Sequence[Event]) -> list[Event]:
    return relinked([replace(event, n=n) for n, event in enumerate(chain)])


FORGED: dict[str, list[Callable[[], Sequence[Event]]]] = {
    "custody_empty": [lambda: []],
    "custody_start": [lambda: WHOLE[1:]],
    "custody_exhibit": [
        lambda: changed(2, exhibit=PARENT),
        lambda: changed(2, number="TH-7A7A7A-2026-000002"),
    ],
    "custody_gap": [
        lambda: [*WHOLE[:2], *WHOLE[3:]],  # dropped
        lambda: [*WHOLE[:3], WHOLE[2], *WHOLE[3:]],  # doubled
        lambda: [*WHOLE[:1], WHOLE[2], WHOLE[1], *WHOLE[3:]],  # swapped
    ],
    "custody_link": [
        lambda: [*WHOLE[:2], replace(WHOLE[2], reason="Another one"), *WHOLE[3:]],
        lambda: [replace(FIRST, place="Hanoi"), *WHOLE[1:]],
        lambda: [*WHOLE[:2], replace(WHOLE[2], prev="00" * 32)],
    ],
    "custody_destroyed": [lambda: chain_of(Action.DESTROYED, Action.ACCESSED)],
    "custody_transfer": [
        lambda: chain_of(Action.RECEIVED),  # nobody handed it over
        lambda: changed(4, outputs=(OTHER,)),
        lambda: changed(4, actor=Actor("33" * 32)),
        lambda: changed(4, counterpart=Counterpart(THAI, name(99), PACKAGE)),
        lambda: changed(4, counterpart=Counterpart(THAI, WHOLE[3].event, None)),
        lambda: changed(4, counterpart=Counterpart("33" * 32, WHOLE[3].event, PACKAGE)),
        lambda: renumbered([*WHOLE[:4], after(WHOLE[:4], Action.ACCESSED), *WHOLE[4:]]),
    ],
    "custody_holder": [
        lambda: changed(2, actor=Actor(VIET)),  # before it was handed over
        lambda: renumbered([*WHOLE[:4], WHOLE[5]]),  # without having taken it over
        lambda: changed(5, actor=Actor(THAI)),  # after it was handed on, in the other's chain
    ],
    "custody_time": [
        lambda: changed(2, at=START),
        lambda: changed(4, at=WHOLE[3].at - SKEW - 1),
    ],
    "custody_content": [
        lambda: changed(1, outputs=(OTHER,)),
        lambda: changed(2, inputs=(OTHER,)),
        lambda: changed(5, outputs=(FILE, OTHER)),
    ],
    "custody_event": [lambda: changed(5, event=WHOLE[2].event)],
}


@pytest.mark.parametrize("code", FORGED)
def test_each_forged_chain_is_refused_with_its_own_code(code: str) -> None:
    for forge in FORGED[code]:
        with pytest.raises(Untrusted) as refused:
            check(forge())
        assert refused.value.code == code


@given(st.data())
def test_no_event_of_a_chain_can_be_told_otherwise(data: st.DataObject) -> None:
    """Whoever changes, drops, doubles or moves a record without signing anew is found out."""
    at = data.draw(st.integers(0, len(WHOLE) - 2))
    to = data.draw(st.integers(0, len(WHOLE) - 1).filter(lambda to: to != at))
    word = data.draw(texts.filter(lambda text: text != WHOLE[at].reason))
    moved = [event for n, event in enumerate(WHOLE) if n != at]
    moved.insert(to, WHOLE[at])
    forgeries = (
        [*WHOLE[:at], *WHOLE[at + 1 :]],
        [*WHOLE[: at + 1], *WHOLE[at:]],
        [*WHOLE[:at], replace(WHOLE[at], reason=word), *WHOLE[at + 1 :]],
        moved,
    )
    for forged in forgeries:
        with pytest.raises(Untrusted):
            check(forged)


def test_two_clocks_may_differ_at_a_hand_over_as_far_as_in_a_signed_call() -> None:
    skewed = changed(4, at=WHOLE[3].at - SKEW)
    check(skewed[:5])


def test_a_sender_sees_whether_the_receivers_event_is_the_other_half() -> None:
    sent, received = WHOLE[3], WHOLE[4]
    check_transfer(sent, received)
    for one, other in ((received, sent), (WHOLE[2], received), (sent, WHOLE[5])):
        with pytest.raises(HueError) as refused:
            check_transfer(one, other)
        assert refused.value.code == "custody_transfer"


# --- children -------------------------------------------------------------------------------------


def child(**values: Any) -> Event:
    made = replace(
        FIRST,
        exhibit=PARENT,
        number="TH-7A7A7A-2026-000002",
        action=Action.REDACTED,
        at=START + SECOND,
        parent=EXHIBIT,
        inputs=(FILE,),
        outputs=(OTHER,),
        changes="Names of third persons blacked out",
    )
    return replace(made, **values)


def test_a_child_names_its_parent_and_the_bytes_that_it_was_made_of() -> None:
    check([child()])
    check_parent([child()], WHOLE)
    forgeries = (
        child(parent=PACKAGE),
        child(inputs=(OTHER,)),
        child(at=START - SKEW - 1),
        replace(FIRST, exhibit=PARENT),
    )
    for forged in forgeries:
        with pytest.raises(Untrusted) as refused:
            check_parent([forged], WHOLE)
        assert refused.value.code == "custody_parent"
