"""Every query on signals and claims: whole chunks at a time, locked in one order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.db import connection

from hueandcry.apps.signals import shields
from hueandcry.apps.signals.models import Claim, Override, Signal, Tombstone
from hueandcry.apps.signals.rules import KINDS, LIVE, Columns, Decided
from hueandcry.core.sharing import Label
from hueandcry.core.types import Micros
from hueandcry.engine.store import interned
from hueandcry.engine.store.dialect import chunks, dialect
from hueandcry.engine.store.reading import reader

LABEL: Final = "label"
SOURCE: Final = "source"
PROFILE: Final = "profile"


class SignalRow(NamedTuple):
    key: bytes
    id: int
    kind: int
    value: str


class ClaimRow(NamedTuple):
    """A claim as it is stored."""

    id: int
    claim_id: bytes
    signal: int
    claimant: int
    source: int
    profile: int
    n: int
    verdict: int
    confidence: int | None
    valid_from: Micros
    valid_until: Micros
    created: Micros
    modified: Micros
    label: int
    state: int
    seq: int
    batch: int | None
    ordinal: int | None


CLAIM_COLUMNS: Final = (
    "id",
    "claim_id",
    "signal_id",
    "claimant_id",
    "source",
    "profile",
    "n",
    "verdict",
    "confidence",
    "valid_from",
    "valid_until",
    "created",
    "modified",
    "label",
    "state",
    "seq",
    "batch",
    "ordinal",
)
#: A new claim of ours is in no batch: the columns of it that are not NULL.
NEW_COLUMNS: Final = CLAIM_COLUMNS[:-2]
_CLAIMS: Final = f"SELECT {', '.join(CLAIM_COLUMNS)} FROM signals_claim WHERE "
_SIGNALS: Final = "SELECT key, id, kind, value FROM signals_signal WHERE "


def others_may_write() -> bool:
    """PostgreSQL lets several writers run; on SQLite an IMMEDIATE transaction is alone."""
    return connection.vendor == "postgresql"


def _locking(sql: str) -> str:
    """Locks rows in the order of their ids, so that two writers never wait for each other."""
    return f"{sql} ORDER BY id FOR UPDATE" if others_may_write() else sql


def signals_by_key(keys: Sequence[bytes]) -> dict[bytes, SignalRow]:
    """The signals that are known, locked: whoever writes a claim holds its signal."""
    sql = _locking(_SIGNALS + "key {values}")
    rows = dialect().select_in(sql, keys, "bytea")
    return {row[0]: SignalRow._make(row) for row in rows}


def signals_by_id(ids: Sequence[int]) -> dict[int, SignalRow]:
    """The signals of these rows, locked."""
    rows = dialect().select_in(_locking(_SIGNALS + "id {values}"), ids, "bigint")
    return {row[1]: SignalRow._make(row) for row in rows}


def add_signals(rows: Sequence[tuple[bytes, int, str, Columns]]) -> dict[bytes, int]:
    """Inserts signals (key, kind, value, verdict) and returns the ids of those that are new.

    One that another writer committed first is left out: the caller must read it again.
    """
    ids = dialect().next_ids(Signal, len(rows))
    ordered = sorted(rows) if others_may_write() else rows
    columns = ("id", "key", "kind", "value", "v_clear", "v_green", "v_own", "verdict_until")
    inserted = [
        (id, key, kind, value, *verdict)
        for id, (key, kind, value, verdict) in zip(ids, ordered, strict=True)
    ]
    dialect().insert(Signal, columns, inserted, "ON CONFLICT (key) DO NOTHING")
    mine = {row[1]: row[0] for row in inserted}
    if not others_may_write():
        return mine
    held = signals_by_key(list(mine))
    return {key: id for key, id in mine.items() if key in held and held[key].id == id}


def set_verdicts(rows: Iterable[tuple[int, Columns]]) -> None:
    """Stores the verdict columns of signals by row id."""
    columns = ("id", "v_clear", "v_green", "v_own", "verdict_until")
    dialect().update(Signal, columns, [(id, *verdict) for id, verdict in rows])


def claims_of_signals(ids: Sequence[int]) -> dict[int, list[ClaimRow]]:
    """Every claim, retracted ones too, by signal row."""
    found: dict[int, list[ClaimRow]] = {}
    for row in dialect().select_in(_CLAIMS + "signal_id {values}", ids, "bigint"):
        found.setdefault(row[2], []).append(ClaimRow._make(row))
    return found


def claims_on(key: bytes) -> list[ClaimRow]:
    """Every claim on the signal of this key, without a lock."""
    sql = _CLAIMS + "signal_id IN (SELECT id FROM signals_signal WHERE key = %s)"
    return [_claim(row) for row in _rows(sql, [key])]


def claims_by_id(claim_ids: Sequence[bytes]) -> dict[bytes, ClaimRow]:
    rows = dialect().select_in(_CLAIMS + "claim_id {values}", claim_ids, "bytea")
    return {row[1]: ClaimRow._make(row) for row in rows}


def claims_by_row(ids: Sequence[int]) -> list[ClaimRow]:
    rows = dialect().select_in(_CLAIMS + "id {values}", ids, "bigint")
    return [ClaimRow._make(row) for row in rows]


def next_claim_ids(n: int) -> Sequence[int]:
    return dialect().next_ids(Claim, n) if n else []


def add_claims(rows: Sequence[Sequence[Any]]) -> None:
    """Inserts claims given as `NEW_COLUMNS`, or as `CLAIM_COLUMNS` where a batch carries them."""
    if rows:
        dialect().insert(Claim, CLAIM_COLUMNS[: len(rows[0])], rows, "")


def replace_claims(rows: Sequence[ClaimRow]) -> None:
    """Stores newer versions of claims that are held, by row id."""
    changing = (0, *range(5, len(CLAIM_COLUMNS)))
    columns = [CLAIM_COLUMNS[i] for i in changing]
    dialect().update(Claim, columns, [[row[i] for i in changing] for row in rows])


def overrides_of(ids: Sequence[int]) -> dict[int, Decided]:
    """The local overrides that are not cleared, by signal row; they may have ended."""
    sql = (
        "SELECT signal_id, verdict, reason, until FROM signals_override "
        "WHERE cleared_at IS NULL AND signal_id {values}"
    )
    return {row[0]: Decided(*row[1:]) for row in dialect().select_in(sql, ids, "bigint")}


def tombstones(claim_ids: Sequence[bytes]) -> set[tuple[bytes, int]]:
    """(claim id, member) of those of the ids that a member retracted before they were seen."""
    if not claim_ids or not Tombstone.objects.exists():
        return set()
    sql = "SELECT claim_id, claimant_id FROM signals_tombstone WHERE claim_id {values}"
    return {(row[0], row[1]) for row in dialect().select_in(sql, claim_ids, "bytea")}


def add_tombstones(rows: Sequence[tuple[bytes, int, Micros, Micros]]) -> None:
    columns = ("claim_id", "claimant_id", "modified", "at")
    dialect().insert(Tombstone, columns, rows, "ON CONFLICT (claim_id, claimant_id) DO NOTHING")


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def pending_labels() -> list[int]:
    """Labels with claims that no batch carries yet: a skip-scan of the partial index."""
    sql = "SELECT MIN(label) FROM signals_claim WHERE batch IS NULL AND label > %s"
    found: list[int] = []
    last = -1
    while (label := _rows(sql, [last])[0][0]) is not None:
        found.append(label)
        last = label
    return found


def pending(label: int, state: int, limit: int) -> list[ClaimRow]:
    """The oldest claims of one label that no batch carries yet; none new on what is shielded."""
    free = f" AND signal_id NOT IN ({shields.ROWS})" if state == LIVE else ""
    sql = f"{_CLAIMS}label = %s AND batch IS NULL AND state = %s{free} ORDER BY id LIMIT %s"
    return [_claim(row) for row in _rows(sql, [label, state, limit])]


def of_batch(batch: int) -> list[ClaimRow]:
    return [_claim(row) for row in _rows(_CLAIMS + "batch = %s", [batch])]


def ordinals_of(batch: int) -> list[int]:
    sql = (
        "SELECT ordinal FROM signals_claim WHERE batch = %s AND state = 0 "
        f"AND signal_id NOT IN ({shields.ROWS}) ORDER BY ordinal"
    )
    return [row[0] for row in _rows(sql, [batch])]


def in_force(batches: Sequence[int], at: Micros) -> dict[int, list[int]]:
    """Batch → ordinals of what is live and has not ended in it, in order; on what is committed."""
    found: dict[int, list[int]] = {}
    for part in chunks(batches):
        sql = (
            "SELECT batch, ordinal FROM signals_claim "
            f"WHERE batch IN ({', '.join(map(str, map(int, part)))}) "
            f"AND state = 0 AND valid_until > ? AND signal_id NOT IN ({shields.ROWS})"
        )
        for batch, ordinal in reader().rows(sql, [at]):
            found.setdefault(batch, []).append(ordinal)
    for ordinals in found.values():
        ordinals.sort()
    return found


def changes(after: int, limit: int) -> list[ClaimRow]:
    sql = _CLAIMS + "seq > %s ORDER BY seq LIMIT %s"
    return [_claim(row) for row in _rows(sql, [after, limit])]


def override_changes(after: int, limit: int) -> list[tuple[int, int]]:
    """(seq, signal row) of overrides set or cleared after a position."""
    rows = Override.objects.filter(seq__gt=after).order_by("seq")
    return list(rows.values_list("seq", "signal_id")[:limit])


def _claim(row: tuple[Any, ...]) -> ClaimRow:
    values = list(row)
    values[1] = bytes(values[1])
    return ClaimRow._make(values)


def claimed_by(claimant: int, after: int, limit: int) -> list[tuple[int, int]]:
    """(claim row, signal row) of this member's live claims beyond a claim row, in order."""
    sql = (
        "SELECT id, signal_id FROM signals_claim "
        "WHERE id > %s AND claimant_id = %s AND state = 0 ORDER BY id LIMIT %s"
    )
    return [(row[0], row[1]) for row in _rows(sql, [after, claimant, limit])]


def sources_of(batch: int) -> list[int]:
    sql = "SELECT DISTINCT source FROM signals_claim WHERE batch = %s AND source <> 0"
    return [row[0] for row in _rows(sql, [batch])]


def of_source(claimant: int, source: int, after: int, limit: int) -> list[ClaimRow]:
    """This member's live claims of one source beyond a claim row, in order."""
    where = "id > %s AND claimant_id = %s AND source = %s AND state = 0"
    sql = f"{_CLAIMS}{where} ORDER BY id LIMIT %s"
    return [_claim(row) for row in _rows(sql, [after, claimant, source, limit])]


def signal_ids(after: int, limit: int) -> list[tuple[int, int]]:
    """(signal row, the same) of the signals beyond a row, in order."""
    sql = "SELECT id FROM signals_signal WHERE id > %s ORDER BY id LIMIT %s"
    return [(row[0], row[0]) for row in _rows(sql, [after, limit])]


# --- for people to leaf through --------------------------------------------------------------

#: Beyond every position of the feed.
_TOP: Final = 2**62


def said_by(claimant: int, before: int | None, limit: int) -> list[ClaimRow]:
    """What the people of one member claim below a feed position, the newest change first."""
    sql = _CLAIMS + "source = 0 AND seq < %s AND claimant_id = %s ORDER BY seq DESC LIMIT %s"
    return [_claim(row) for row in _rows(sql, [before or _TOP, claimant, limit])]


def said_from(claimant: int, source: int, before: int | None, limit: int) -> list[ClaimRow]:
    """As `said_by`, of one source of this member: a guest's. No index serves it alone."""
    where = "source = %s AND seq < %s AND claimant_id = %s"
    sql = f"{_CLAIMS}{where} ORDER BY seq DESC LIMIT %s"
    return [_claim(row) for row in _rows(sql, [source, before or _TOP, claimant, limit])]


def said(but: int | None, before: int | None, limit: int) -> list[ClaimRow]:
    """As `said_by`, of every member but one."""
    sql = _CLAIMS + "source = 0 AND seq < %s AND claimant_id <> %s ORDER BY seq DESC LIMIT %s"
    return [_claim(row) for row in _rows(sql, [before or _TOP, but or 0, limit])]


def said_with(part: str, kinds: Sequence[int], window: int, limit: int) -> list[SignalRow]:
    """Signals whose value contains `part`, among those of the `window` newest claims of people.

    Those that begin with it come first, then the newest.
    """
    if not kinds:
        return []
    plain = part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    like = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
    sql = (
        "SELECT s.key, s.id, s.kind, s.value FROM "
        "(SELECT signal_id, seq FROM signals_claim WHERE source = 0 ORDER BY seq DESC LIMIT %s) c "
        "JOIN signals_signal s ON s.id = c.signal_id "
        f"WHERE s.kind IN ({', '.join(['%s'] * len(kinds))}) AND s.value {like} %s ESCAPE '!' "
        "GROUP BY s.key, s.id, s.kind, s.value "
        f"ORDER BY MAX(CASE WHEN s.value {like} %s ESCAPE '!' THEN 1 ELSE 0 END) DESC, "
        "MAX(c.seq) DESC LIMIT %s"
    )
    found = _rows(sql, [window, *kinds, f"%{plain}%", f"{plain}%", limit])
    return [SignalRow(bytes(row[0]), *row[1:]) for row in found]


def signals_of(ids: Iterable[int]) -> dict[int, SignalRow]:
    """The signals of these rows, without a lock."""
    rows = dialect().select_in(_SIGNALS + "id {values}", list(ids), "bigint")
    return {row[1]: SignalRow(bytes(row[0]), *row[1:]) for row in rows}


def signal_of(key: bytes) -> SignalRow | None:
    """The signal of this key, without a lock."""
    rows = _rows(_SIGNALS + "key = %s", [key])
    return SignalRow(bytes(rows[0][0]), *rows[0][1:]) if rows else None


# --- interned texts ------------------------------------------------------------------------------


def source_number(source: str) -> int:
    """0 for a member's own people, else the number of the feed."""
    return interned.number(SOURCE, source) if source else 0


def source_text(number: int) -> str:
    return interned.text(number) if number else ""


def profile_number(lure: str, method: str) -> int:
    """0 when neither is said."""
    return interned.number(PROFILE, f"{lure}\n{method}") if lure or method else 0


def profile_text(number: int) -> tuple[str, str]:
    lure, _, method = interned.text(number).partition("\n") if number else ("", "", "")
    return lure, method


def label_number(label: Label) -> int:
    return interned.number(LABEL, label.text())


def labels_of_kinds(kinds: Collection[int]) -> list[int]:
    """The numbers of every label of these kinds."""
    wanted = {KINDS[kind] for kind in kinds}
    return [n for n, text in interned.numbers(LABEL).items() if _parsed(text).kind in wanted]


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Label:
    return Label.from_text(text)


def label(number: int) -> Label:
    """The label that a number stands for."""
    return _parsed(interned.text(number))
