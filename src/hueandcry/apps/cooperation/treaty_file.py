"""The file by which the treaty registry is told what is in force. Pure: read strictly, or refused.

Whoever writes it is a lawyer: every refusal names the table and says what belongs there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from hueandcry.core.errors import HueError
from hueandcry.core.law import BY_REGISTRY, LAW, InForce, refuse_overlap
from hueandcry.core.law.rows import Row, parsed

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_BILATERAL: Final = "bilateral"


@dataclass(frozen=True, slots=True)
class TreatyRow:
    """What is known of one instrument and one party, for one span of days."""

    instrument: str
    party: str
    with_party: str
    signed: date | None
    since: date | None  #: None: it is not in force
    until: date | None
    excluded: tuple[str, ...]
    reservations: str
    declarations: str
    authority: str
    languages: tuple[str, ...]
    point: str
    source: str

    @property
    def about(self) -> tuple[str, str, str]:
        """What a file replaces as a whole: all spans of one instrument and party."""
        return self.instrument, self.party, self.with_party

    @property
    def in_force(self) -> InForce | None:
        if self.since is None:
            return None
        excluded = frozenset(self.excluded)
        return InForce(
            self.instrument, self.party, self.since, self.until, self.with_party, excluded
        )


def read(name: str, data: bytes) -> tuple[date, tuple[TreatyRow, ...]]:
    """(when it was looked up, its rows); Malformed, or Conflict for two rows of one day."""
    whole = parsed(name, data)
    checked = whole.day("checked")
    if checked is None:
        raise whole.refused("checked", "must say on which day this was looked up")
    rows, held = [], list[InForce]()
    for each in whole.tables("treaty"):
        row = _row(each)
        rows.append(row)
        try:
            if (span := row.in_force) is not None:
                refuse_overlap(held, span)
                held.append(span)
        except HueError as fault:
            raise type(fault)(fault.code, f"{each.place}: {fault.what}", do=fault.do) from None
    whole.close()
    if not rows:
        raise whole.refused("treaty", "must be a list of at least one table")
    return checked, tuple(rows)


def _row(each: Row) -> TreatyRow:
    row = TreatyRow(
        each.text("instrument"),
        each.text("party"),
        each.text("with", ""),
        each.day("signed"),
        each.day("since"),
        each.day("until"),
        each.texts("excluded"),
        each.text("reservations", ""),
        each.text("declarations", ""),
        each.text("authority", ""),
        each.texts("languages"),
        each.text("point", ""),
        each.text("source"),
    )
    each.close()
    _check(each, row)
    return row


def _check(each: Row, row: TreatyRow) -> None:
    known = LAW.instruments.get(row.instrument)
    if known is None or known.kind not in BY_REGISTRY:
        raise each.refused("instrument", f"{row.instrument!r} is no treaty of the law files")
    for name, country in (("party", row.party), ("with", row.with_party)):
        if country and not _COUNTRY.fullmatch(country):
            raise each.refused(name, "must be a country in two capital letters, such as TH")
    if (known.kind == _BILATERAL) != bool(row.with_party) or row.with_party == row.party:
        raise each.refused("with", "names the other party of a bilateral treaty, and no other")
    if row.until is not None and row.since is None:
        raise each.refused("until", "ends what has no beginning: say since when")
    for article in row.excluded:
        if article not in known.articles:
            raise each.refused("excluded", f"names {article!r}, which is no article here")
