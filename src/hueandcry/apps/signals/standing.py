"""Verdict columns from stored claims: what the rules need, put together once a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import queries, shields
from hueandcry.apps.signals.allow import AllowLists, allow_lists
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.apps.signals.rules import (
    KINDS,
    LIVE,
    Columns,
    Decided,
    Standing,
    View,
    columns,
)
from hueandcry.core.types import Kind, Micros, signal_key


class Bench:
    """Judges signals at one instant, with who is trusted looked up once."""

    def __init__(self, at: Micros) -> None:
        self.at = at
        self.us = members.us().id
        self.trusted: frozenset[int] = peers.trusted_member_ids(at)
        self.allow: AllowLists = allow_lists()
        self._shielded = shields.all_keys()
        self._alone: dict[tuple[int, int, int, int], Columns] = {}

    def view(
        self, kind: int, value: str, claims: Iterable[ClaimRow], override: Decided | None = None
    ) -> View:
        """All that bears on one signal; retracted claims do not."""
        standings = tuple(standing(claim) for claim in claims if claim.state == LIVE)
        allowed = self.allow.of(KINDS[kind], value)
        shielded = self._is_shielded(KINDS[kind], value)
        return View(standings, self.us, self.trusted, allowed, override, shielded)

    def stands_apart(self, kind: Kind, value: str) -> bool:
        """Whether more than its claims bears on a signal: an allow-list, or a shield."""
        return bool(self.allow.of(kind, value)) or self._is_shielded(kind, value)

    def _is_shielded(self, kind: Kind, value: str) -> bool:
        return bool(self._shielded) and signal_key(kind, value) in self._shielded

    def columns(
        self, kind: int, value: str, claims: Sequence[ClaimRow], override: Decided | None = None
    ) -> Columns:
        """The verdict columns of a signal with these claims."""
        if len(claims) == 1 and claims[0].state == LIVE and override is None:
            return self.alone(kind, value, claims[0])
        return columns(self.view(kind, value, claims, override), self.at)

    def alone(self, kind: int, value: str, claim: ClaimRow) -> Columns:
        """The columns of a signal whose only claim this is: bulk lists judge each label once."""
        at = self.at
        if not claim.valid_from <= at < claim.valid_until or self.stands_apart(KINDS[kind], value):
            return columns(self.view(kind, value, [claim]), at)
        of = (claim.claimant, claim.source, claim.verdict, claim.label)
        known = self._alone.get(of)
        if known is None:
            endless = claim._replace(valid_until=_NEVER)
            known = self._alone[of] = columns(self.view(kind, "", [endless]), at)
        if known.until != _NEVER:  # an embargo ends before: worked out in full
            return columns(self.view(kind, value, [claim]), at)
        return known._replace(until=claim.valid_until)


_NEVER = 1 << 62


def standing(claim: ClaimRow) -> Standing:
    """A stored claim as the rules see it."""
    return Standing(
        claim.claimant,
        claim.source,
        claim.verdict,
        queries.label(claim.label),
        claim.valid_from,
        claim.valid_until,
    )
