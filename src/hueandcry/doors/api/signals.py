"""Checks, signals and the change feed."""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.client import answers, requests
from hueandcry.core import normal
from hueandcry.core.errors import Malformed, NotFound
from hueandcry.core.types import PERSONAL, Audience, Kind, Signal
from hueandcry.doors.api import cursors, shown
from hueandcry.doors.api.endpoint import Asked
from hueandcry.doors.api.reading import visible
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.addresses import client_address
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work

#: What a search by part goes through when no kind is named.
_IMPERSONAL: Final = frozenset(Kind) - PERSONAL


def check(asked: Asked) -> dict[str, Any]:
    """Verdicts on many values, straight from the look-ups."""
    body: requests.CheckRequest = asked.body
    cost = limits.bulk_cost(len(body.values)) - 1
    limits.client(asked.environ, asked.caller.token, cost)
    return {"results": signals.Lookups(asked.audience).many(body.values, _kind(body.kind))}


def _kind(text: str | UnsetType) -> Kind | None:
    return None if isinstance(text, UnsetType) else Kind(text)


def read(value: str, kind: str | UnsetType) -> Signal:
    """One value as a signal, national numbers by this node's country; raises Unreadable."""
    market, wanted = members.us().country, _kind(kind)
    if wanted is None:
        return normal.guess(value, market=market)
    return normal.normalise(wanted, value, market=market)


def one(asked: Asked) -> answers.SignalView:
    """A signal with every claim that the audience may see, and why the verdict."""
    query: requests.SignalQuery = asked.query
    found = read(query.value, query.kind)
    note_person(asked, found.kind, query.purpose)
    seen = signals.seen(found, asked.audience, asked.at)
    return answers.SignalView(
        signal=shown.signal(found),
        checked=shown.checked(seen.answer),
        claims=[shown.claim(told, asked) for told in seen.claims],
        left_out=seen.left_out,
    )


def note_person(asked: Asked, kind: Kind | None, purpose: str | UnsetType) -> None:
    """Who looks at what names a person says why, and it is logged; the value itself is not."""
    if kind not in PERSONAL:
        return
    if purpose is UNSET or not str(purpose).strip():
        raise Malformed(
            "purpose",
            f"A {kind} names a person",
            do="Say in `purpose` what it is needed for; it is logged",
        )
    note_access(asked, "api.signal", f"a {kind}", visible("purpose", str(purpose)))


def note_access(asked: Asked, action: str, subject: str, purpose: str) -> None:
    """One line of the access log."""
    note = members.AccessNote(
        action,
        subject,
        purpose=purpose,
        token=asked.caller.token,
        address=client_address(asked.environ),
    )
    with unit_of_work():
        members.log_access(note, asked.at)


def search(asked: Asked) -> answers.SearchAnswer:
    """Exact by what the text reads as, and by part; persons' values only when they are named."""
    query: requests.SearchQuery = asked.query
    kind = _kind(query.kind)
    if kind is not None:
        note_person(asked, kind, query.purpose)
    found = signals.search(
        query.q,
        kind=kind,
        market=members.us().country,
        within=_IMPERSONAL if kind is None else frozenset({kind}),
        audience=asked.audience,
    )
    exact = found.answer
    if kind is None and found.signal is not None and found.signal.kind in PERSONAL:
        note_person(asked, found.signal.kind, query.purpose)
    parts = signals.known_to([hit.answer for hit in found.hits], asked.audience, asked.at)
    return answers.SearchAnswer(
        exact=None if exact is None else shown.checked(exact),
        parts=[shown.checked(each) for each in parts],
        looked_for_parts=found.looked,
    )


# --- changes -------------------------------------------------------------------------------------


def changes(asked: Asked) -> answers.Changes:
    """What changed after a cursor, as far as the audience may know."""
    query: requests.ChangesQuery = asked.query
    after = cursors.read("changes", asked.caller, query.cursor)
    if after is None:
        after = feed.position(feed.FEED) if query.start == "now" else 0
    page = signals.changes_seen(asked.audience, after, query.limit, asked.at)
    persons = sum(each.signal.kind in PERSONAL for each in page.changes)
    if persons:
        note_access(asked, "api.changes", f"{persons} values that name persons", "the change feed")
    verdicts = _verdicts([each.signal for each in page.changes], asked.audience)
    return answers.Changes(
        items=[_change(each, verdicts[each.signal]) for each in page.changes],
        next=cursors.seal("changes", asked.caller, page.position),
        more=page.more,
    )


def _change(change: signals.SeenChange, answer: dict[str, Any]) -> answers.Change:
    claim = change.claim
    return answers.Change(
        type=_type(claim),
        claim=None if claim is None else shown.uuid_text(claim.claim_id),
        claimant=None if claim is None else shown.member(claim.claimant, claim.name),
        checked=shown.checked(answer),
    )


def _type(claim: signals.Claimed | None) -> Literal["claim", "retraction", "decision"]:
    if claim is None:
        return "decision"
    return "retraction" if claim.state == "retracted" else "claim"


def _verdicts(found: list[Signal], audience: Audience) -> dict[Signal, dict[str, Any]]:
    """The verdict of now on each signal, asked together for each kind."""
    lookups = signals.Lookups(audience)
    answered: dict[Signal, dict[str, Any]] = {}
    for kind in {each.kind for each in found}:
        values = list(dict.fromkeys(each.value for each in found if each.kind is kind))
        for value, answer in zip(values, lookups.many(values, kind), strict=True):
            answered[Signal(kind, value)] = answer
    return answered


# --- lists ---------------------------------------------------------------------------------------


def lists(asked: Asked) -> answers.ListsAnswer:
    """One list for each kind."""
    return answers.ListsAnswer(
        lists=[answers.ListRef(name=k.value, url=f"/api/v1/lists/{k.value}") for k in Kind]
    )


def list_page(asked: Asked) -> answers.ListPage:
    """A page of what is a scam, for the audience."""
    query: requests.ListQuery = asked.query
    kind = _named(asked.path["kind"])
    what = f"list/{kind}"
    after = cursors.read(what, asked.caller, query.cursor) or 0
    found, following = signals.scams(kind, asked.audience, after, query.limit, asked.at)
    if kind in PERSONAL and found:
        note_access(asked, "api.list", f"{len(found)} of {kind}", "a block list")
    return answers.ListPage(
        name=kind.value,
        items=[answers.ListEntry(value=e.value, until=shown.time(e.until)) for e in found],
        next=None if following is None else cursors.seal(what, asked.caller, following),
    )


def _named(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise NotFound("list", f"There is no list {name}", do="See /api/v1/lists") from None
