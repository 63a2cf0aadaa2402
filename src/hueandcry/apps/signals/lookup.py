"""The hot read path: text in, verdict out. One statement a chunk, no ORM, never a write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import queries, rules
from hueandcry.apps.signals.allow import AllowLists, allow_lists
from hueandcry.apps.signals.ids import domain_keys, key_maker, observable_id, url_keys
from hueandcry.apps.signals.rules import BENIGN, SUSPICIOUS, Code, Decided, Judged, Standing, View
from hueandcry.apps.signals.seats import Sight
from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.guessing import guess
from hueandcry.core.normal.hosts import is_plain
from hueandcry.core.normal.keys import lookups
from hueandcry.core.normal.suffixes import is_known_top, lineage
from hueandcry.core.normal.table import normalise
from hueandcry.core.normal.urls import split
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Audience, Kind, Micros, Signal
from hueandcry.engine import clock
from hueandcry.engine.store.reading import reader

Answer = dict[str, Any]

_COLUMN: Final = {Audience.CLEAR: "v_clear", Audience.GREEN: "v_green", Audience.OWN: "v_own"}
_KEYS: Final = {kind: key_maker(kind) for kind in Kind}
_VERDICTS: Final = tuple(verdict.value for verdict in rules.VERDICTS)
_DOMAIN: Final = Kind.DOMAIN  # a global name is found faster than a member
#: Answers are worked out this many values at a time, so that memory stays bounded.
_PART: Final = 1_000
#: For how long who is trusted is remembered; only verdicts that ran out ask at all.
_REMEMBER: Final[Micros] = SECOND

_CLAIMS: Final = (
    "SELECT s.key, c.claimant_id, c.source, c.verdict, c.label, c.valid_from, c.valid_until "
    "FROM signals_signal s JOIN signals_claim c ON c.signal_id = s.id "
    "WHERE c.state = 0 AND s.key {many}"
)
_OVERRIDES: Final = (
    "SELECT s.key, o.verdict, o.reason, o.until FROM signals_signal s "
    "JOIN signals_override o ON o.signal_id = s.id WHERE o.cleared_at IS NULL AND s.key {many}"
)
_SHIELDS: Final = "SELECT key FROM signals_shield WHERE ended_at IS NULL AND key {many}"


class _Asked(NamedTuple):
    """One readable value, and what to look up for it, most specific first."""

    text: str
    kind: Kind
    kind_text: str
    value: str
    keys: list[bytes]  #: of `core.normal.lookups`, in its order
    names: tuple[str, ...]  #: the host and its parents, for what has a host

    def steps(self) -> Iterable[tuple[bytes, Signal]]:
        """Each key with its signal: spelt out only where something was found."""
        return zip(self.keys, lookups(Signal(self.kind, self.value)), strict=True)


class _Found(NamedTuple):
    """What is stored for one key, as far as this audience may know it."""

    verdict: int
    code: Code
    until: Micros | None


class Lookups:
    """Answers for one audience. Holds no connection: every thread reads through its own."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self._allow: AllowLists = allow_lists()
        self._hosts = self._allow.exact.keys()
        self._sql = (
            f"SELECT key, {_COLUMN[audience]}, verdict_until FROM signals_signal WHERE key {{many}}"
        )
        self._trusted: tuple[Micros, frozenset[int]] = (0, frozenset())

    def one(self, text: str, kind: Kind | None = None) -> Answer:
        """The answer for one value: `{value, kind, canonical, id, verdict, reasons, until}`."""
        return self.many((text,), kind)[0]

    def many(self, texts: Sequence[str], kind: Kind | None = None) -> list[Answer]:
        """Answers in the order asked; what is unreadable is unknown, with the reason why."""
        now = clock.now()
        answers: list[Answer] = []
        for start in range(0, len(texts), _PART):
            some = texts[start : start + _PART]
            answers += self._part([_ask(text, kind) for text in some], now)
        return answers

    def of(self, signals: Sequence[Signal]) -> list[Answer]:
        """Answers about signals, each of its own kind, in the order asked."""
        now = clock.now()
        answers: list[Answer] = []
        for start in range(0, len(signals), _PART):
            some = signals[start : start + _PART]
            answers += self._part([_ask(each.value, each.kind) for each in some], now)
        return answers

    def _part(self, read: Sequence[_Asked | Answer], now: Micros) -> list[Answer]:
        asked = [each for each in read if isinstance(each, _Asked)]
        found = self._find(asked, now)
        answer = self._answer
        return [answer(each, found) if isinstance(each, _Asked) else each for each in read]

    # --- what is stored --------------------------------------------------------------------------

    def _find(self, asked: Sequence[_Asked], now: Micros) -> dict[bytes, _Found]:
        """What is stored for every key that is looked up, recomputed where it ran out."""
        keys = sorted({key for each in asked for key in each.keys})
        if not keys:
            return {}
        found: dict[bytes, _Found] = {}
        again: list[bytes] = []
        for key, packed, until in reader().rows_in(self._sql, keys):
            if until is not None and until <= now:
                again.append(key)
                continue
            verdict, code, told = _unpacked(packed)
            if code and not told and until is not None:
                again.append(key)  # `until` speaks of claims that this audience may not know of
                continue
            found[key] = _Found(verdict, code, until if told else None)
        if again:
            signals = dict(step for each in asked for step in each.steps())
            for key, judged in self.judged({k: signals[k] for k in again}, now).items():
                found[key] = _Found(judged.verdict, judged.code, judged.until)
        return found

    def judged(self, signals: dict[bytes, Signal], now: Micros) -> dict[bytes, Judged]:
        """The verdicts of these signals from their claims, as of `now`, for this audience."""
        keys = list(signals)
        claims: dict[bytes, list[Standing]] = {}
        for key, claimant, source, verdict, label, *times in reader().rows_in(_CLAIMS, keys):
            stands = Standing(claimant, source, verdict, queries.label(label), *times)
            claims.setdefault(key, []).append(stands)
        overrides = {row[0]: Decided(*row[1:]) for row in reader().rows_in(_OVERRIDES, keys)}
        shields = {row[0] for row in reader().rows_in(_SHIELDS, keys)}
        judged = {}
        for key, signal in signals.items():
            allowed = self._allow.of(signal.kind, signal.value)
            view = self._view(claims.get(key, ()), allowed, overrides.get(key), now)
            shown = self._behind_shield(view) if key in shields else view
            judged[key] = rules.judge(shown, self.audience, now)
        return judged

    def _view(
        self, claims: Sequence[Standing], allowed: str, override: Decided | None, now: Micros
    ) -> View:
        """What bears on one signal, as the reader sees it."""
        return View(claims, members.us().id, self._who_is_trusted(now), allowed, override)

    def _behind_shield(self, view: View) -> View:
        """The same of a signal whose holder may be coerced."""
        return replace(view, shielded=True)

    def _who_is_trusted(self, now: Micros) -> frozenset[int]:
        since, trusted = self._trusted
        if not since <= now < since + _REMEMBER:
            trusted = peers.trusted_member_ids(now)
            self._trusted = (now, trusted)
        return trusted

    # --- what is answered ------------------------------------------------------------------------

    def _answer(self, asked: _Asked, found: dict[bytes, _Found]) -> Answer:
        """The most specific signal that is not unknown decides; nothing benign is inherited."""
        hit = found.get(asked.keys[0])
        if hit is not None and hit.verdict:
            return _answer(asked, hit.verdict, hit.code, _NONE, hit.until)
        if found.keys().isdisjoint(asked.keys) and self._hosts.isdisjoint(asked.names):
            return _answer(asked, 0, Code.NO_CLAIMS, _NONE, None)
        return self._walk(asked, found)

    def _walk(self, asked: _Asked, found: dict[bytes, _Found]) -> Answer:
        """Step by step from the value itself to its registrable domain."""
        for place, (key, signal) in enumerate(asked.steps()):
            hit = found.get(key)
            if hit is not None and hit.verdict >= SUSPICIOUS:
                return _inherited(asked, signal, hit) if place else _plain(asked, hit)
            if signal.kind is Kind.DOMAIN:
                if signal.value in self._hosts or self._allow.owner(signal.value):
                    return _answer(asked, *self._allowed(asked, place, signal.value), None)
                if hit is not None and hit.verdict == BENIGN:
                    break  # a local decision on a parent shields from what is above it
        own = found.get(asked.keys[0])
        return _plain(asked, own or _NOTHING)

    def _allowed(self, asked: _Asked, place: int, host: str) -> tuple[int, Code, dict[str, str]]:
        """What an allow-listed host means for the value below it that was asked about."""
        name = self._allow.names(host)
        if not place or (asked.kind is Kind.URL and asked.value == host + "/"):
            return BENIGN, Code.ALLOW_LISTED, {"list": name or self._allow.of(Kind.DOMAIN, host)}
        if owner := self._allow.owner(host):
            return BENIGN, Code.ALLOW_LISTED_PARENT, {"host": owner}
        if asked.kind is Kind.URL and split(asked.value)[1] == host:
            return 0, Code.HOST_ALLOW_LISTED, {"list": name}
        return 0, Code.NO_CLAIMS, _NONE


class GuestLookups(Lookups):
    """Answers for a guest: from its own claims, and from what the gate lets it see of the others.

    Worked out afresh: the stored verdicts are those of our own audiences.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(Audience.OWN)
        self._sight = sight

    def _find(self, asked: Sequence[_Asked], now: Micros) -> dict[bytes, _Found]:
        signals = dict(step for each in asked for step in each.steps())
        judged = self.judged(signals, now)
        return {
            key: _Found(each.verdict, each.code, each.until)
            for key, each in judged.items()
            if each.code is not Code.NO_CLAIMS
        }

    def _view(
        self, claims: Sequence[Standing], allowed: str, override: Decided | None, now: Micros
    ) -> View:
        """The guest is who asks, and its home a member that it trusts."""
        sight, home = self._sight, members.us().id
        shown = [sight.own(c) for c in claims if sight.sees(c.claimant, c.source, c.label, now)]
        trusted = self._who_is_trusted(now) | {home}
        return View(shown, sight.guest, trusted, allowed, override)

    def _behind_shield(self, view: View) -> View:
        """A guest knows what it said itself, and no more than that."""
        return rules.unsaid(view, but=self._sight.guest)


def _plain(asked: _Asked, hit: _Found) -> Answer:
    return _answer(asked, hit.verdict, hit.code, _NONE, hit.until)


def _inherited(asked: _Asked, parent: Signal, hit: _Found) -> Answer:
    """What a parent gives, with a second reason that names it."""
    answer = _plain(asked, hit)
    params = {"kind": parent.kind.value, "value": parent.value}
    parent_match = {"code": Code.PARENT_MATCH.text, "params": params}
    return {**answer, "reasons": [*answer["reasons"], parent_match]}


_NONE: Final[dict[str, Any]] = {}
_NOTHING: Final = _Found(0, Code.NO_CLAIMS, None)
_unpacked = lru_cache(maxsize=256)(rules.unpack)
_time = lru_cache(maxsize=4096)(time_text)
#: Reasons without parameters are the same object in every answer: whoever adds makes a new list.
_REASONS: Final = {code: [{"code": code.text, "params": {}}] for code in Code}


def _answer(
    asked: _Asked, verdict: int, code: Code, params: dict[str, Any], until: Micros | None
) -> Answer:
    text, kind, kind_text, value, _, _ = asked
    return {
        "value": text,
        "kind": kind_text,
        "canonical": value,
        "id": observable_id(kind, value),
        "verdict": _VERDICTS[verdict],
        "reasons": [{"code": code.text, "params": params}] if params else _REASONS[code],
        "until": None if until is None else _time(until),
    }


def _ask(text: str, kind: Kind | None) -> _Asked | Answer:
    """The value read and its look-ups, or the answer for what cannot be read."""
    if is_plain(text) and (kind is _DOMAIN or (kind is None and is_known_top(text))):
        return _ask_domain(text, text)
    try:
        signal = guess(text) if kind is None else normalise(kind, text)
    except Unreadable as error:
        return _unreadable(text, kind, error)
    kind, value = signal.kind, signal.value
    if kind is _DOMAIN:
        return _ask_domain(text, value)
    if kind is Kind.URL:
        keys, names = url_keys(value)
        return _Asked(text, kind, "url", value, keys, names)
    return _Asked(text, kind, kind.value, value, [_KEYS[kind](value)], ())


def _ask_domain(text: str, value: str) -> _Asked:
    names = lineage(value)
    return _Asked(text, _DOMAIN, "domain", value, domain_keys(names), names)


def _unreadable(text: str, kind: Kind | None, error: Unreadable) -> Answer:
    params = {"error": error.code, "what": error.what}
    return {
        "value": text,
        "kind": kind.value if kind else None,
        "canonical": None,
        "id": None,
        "verdict": "unknown",
        "reasons": [{"code": Code.UNREADABLE.text, "params": params}],
        "until": None,
    }


def signal_of(answer: Answer) -> Signal | None:
    """The signal that an answer is about, if its value could be read."""
    return Signal(Kind(answer["kind"]), answer["canonical"]) if answer["canonical"] else None
