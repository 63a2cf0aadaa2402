"""From the data files to `Law`: strict, and only when every part fits every other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from hueandcry.core.clocks import read_span
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.law.forms import article_of
from hueandcry.core.law.rows import Row, parsed
from hueandcry.core.law.tables import (
    KINDS,
    Article,
    ClockRule,
    Field,
    Instrument,
    Law,
    Refusal,
    RequestType,
    Route,
)

#: Roles of members, as the directory has them (PROTOCOL 1).
ROLES: Final = frozenset(
    (
        *("asc", "lea", "ca", "p24", "fiu", "bank", "vasp", "telco", "platform", "registrar"),
        *("regulator", "support", "protection", "consular", "auditor", "io"),
    )
)
#: Kinds of fields; `record` and `records` have members.
FIELD_KINDS: Final = frozenset(
    (
        *("text", "texts", "yes-no", "choice", "number", "amount", "instant", "period"),
        *("digest", "digests", "record", "records"),
    )
)
CATEGORIES: Final = frozenset({"subscriber", "traffic", "content", "other"})
MACHINES: Final = frozenset({"", "hold", "money"})
#: What a clock can start at; each is a moment that the record of a request knows.
STARTS: Final = frozenset(
    (
        *("asked", "sent", "delivered", "received", "served", "held", "ordered"),
        *("released", "value-time"),
    )
)
BOUNDS: Final = frozenset({"least", "most", "aim"})
#: In place of a length: how long is told by the registry, for the place.
BY_PLACE: Final = "set by the law of the place"
#: Words that no code of refusal may carry (Hanoi 40(23), (24); UNTOC 18(8), (22)).
NO_GROUND: Final = ("fiscal", "secrecy")


def read_law(fields: bytes, types: bytes, instruments: Mapping[str, bytes]) -> Law:
    """The law of these files; Malformed names the place where one does not fit."""
    table = parsed("fields.toml", fields)
    sets = Row("fields.toml, sets", table.table("sets"))
    known = {name: _field(name, row) for name, row in table.named("field").items()}
    always, may = sets.texts("always", needed=True), sets.texts("may", needed=True)
    _known(sets, "always", always, known)
    _known(sets, "may", may, known)
    sets.close()
    table.close()
    groups, kinds = _types(parsed("types.toml", types), known)
    return with_instruments(Law(known, always, may, groups, kinds), instruments)


def with_instruments(law: Law, files: Mapping[str, bytes]) -> Law:
    """The same law with more instruments, by code; one that is there already is refused."""
    found = dict(law.instruments)
    for code, data in files.items():
        row = parsed(f"{code}.toml", data)
        if code in found:
            raise row.refused(code, "is there already")
        found[code] = _instrument(code, row, law)
    rank = {kind: n for n, kind in enumerate(KINDS)}
    ordered = sorted(found.values(), key=lambda each: (rank[each.kind], each.code))
    whole = replace(law, instruments={each.code: each for each in ordered})
    _refuse_doubles(whole)
    for code in files:
        _refuse_unexplained(whole, code)
    return whole


def _field(name: str, row: Row) -> Field:
    found = Field(
        name,
        row.text("what"),
        row.text("kind"),
        row.texts("choices"),
        row.texts("members"),
        row.texts("also"),
    )
    _known(row, "kind", (found.kind,), FIELD_KINDS)
    if (found.kind == "choice") != bool(found.choices):
        raise row.refused("choices", "belongs to a choice, and only there")
    if found.kind.startswith("record") != bool(found.members or found.also):
        raise row.refused("members", "belongs to a record or records, and only there")
    row.close()
    return found


def _types(
    table: Row, fields: Mapping[str, Field]
) -> tuple[dict[str, str], dict[str, RequestType]]:
    groups: dict[str, str] = {}
    article_40: set[str] = set()
    for name, row in table.named("group").items():
        groups[name] = row.text("title")
        if row.flag("article_40"):
            article_40.add(name)
        row.close()
    rows = table.named("type")
    table.close()
    found = {code: _type(code, row, groups, article_40, fields) for code, row in rows.items()}
    return groups, found


def _type(
    code: str, row: Row, groups: Iterable[str], article_40: set[str], fields: Mapping[str, Field]
) -> RequestType:
    group = row.text("group")
    found = RequestType(
        code,
        group,
        row.text("title"),
        row.text("asks"),
        group in article_40,
        tuple(_route(each) for each in row.tables("routes")),
        row.texts("needs", needed=True),
        row.texts("takes"),
        frozenset(row.texts("returns")),
        row.text("secrecy"),
        row.text("output"),
        row.flag("one_may_send"),
        row.flag("second_factor"),
        row.text("machine", ""),
    )
    _known(row, "group", (group,), groups)
    _known(row, "needs", found.needs, fields)
    _known(row, "takes", found.takes, fields)
    _known(row, "returns", found.returns, CATEGORIES)
    _known(row, "machine", (found.machine,), MACHINES)
    if not found.routes:
        raise row.refused("routes", "must name who may send it to whom")
    if both := set(found.needs) & set(found.takes):
        raise row.refused("takes", f"names {min(both)!r}, which it needs")
    row.close()
    return found


def _route(row: Row) -> Route:
    senders, receivers = row.texts("from", needed=True), row.texts("to", needed=True)
    _known(row, "from", senders, ROLES)
    _known(row, "to", receivers, ROLES)
    found = Route(
        frozenset(senders), frozenset(receivers), row.flag("domestic"), row.flag("urgent")
    )
    row.close()
    return found


def _instrument(code: str, row: Row, law: Law) -> Instrument:
    articles = {
        number: Article(code, number, str(says), read)
        for table, read in (("articles", True), ("articles_unverified", False))
        for number, says in row.table(table).items()
    }
    cited = _Articles(row, articles)
    found = Instrument(
        code,
        row.text("title"),
        row.text("short"),
        row.text("kind"),
        row.text("source"),
        row.text("form", ""),
        frozenset(row.texts("roles")),
        tuple(articles[number] for number in cited.names("no_ground", row.texts("no_ground"))),
        cited.names("general", row.texts("general")),
        articles,
        cited.lists("serves", law.types),
        cited.lists("fields", law.fields),
        tuple(_refusal(each, cited, law) for each in row.tables("refusal")),
        tuple(_clock(each, cited, law) for each in row.tables("clock")),
    )
    _known(row, "kind", (found.kind,), KINDS)
    _known(row, "roles", found.roles, ROLES)
    _refuse_idle(row, found)
    row.close()
    return found


def _refuse_idle(row: Row, found: Instrument) -> None:
    """An article that serves no type can ask for no field: its line would be lost in silence."""
    serving = {article.number for each in found.serves.values() for article in each}
    for name, articles in found.fields.items():
        for article in articles:
            if not any(article.under(number) for number in serving.union(found.general)):
                raise row.refused(
                    name, f"is asked for by {article.number}, neither in serves nor in general"
                )


class _Articles:
    """The articles of one instrument, by which every reference in its file is looked up."""

    def __init__(self, row: Row, articles: Mapping[str, Article]) -> None:
        self._row = row
        self._articles = articles

    def lists(self, name: str, allowed: Iterable[str]) -> dict[str, tuple[Article, ...]]:
        """A table of lists of articles whose keys are names of another file."""
        rows = Row(f"{self._row.place}, {name}", self._row.table(name))
        keys = rows.names()
        _known(rows, name, keys, allowed)
        return {
            key: tuple(self[number] for number in self.names(key, rows.texts(key, needed=True)))
            for key in keys
        }

    def names(self, member: str, numbers: Iterable[str]) -> tuple[str, ...]:
        _known(self._row, member, numbers, self._articles)
        return tuple(numbers)

    def __getitem__(self, number: str) -> Article:
        self.names("article", (number,))
        return self._articles[number]


def _refusal(row: Row, articles: _Articles, law: Law) -> Refusal:
    found = Refusal(
        row.text("code"),
        articles[row.text("article")],
        row.text("says"),
        _for_types(row, law),
        _must(row),
        frozenset(row.texts("by")),
        row.flag("in_words"),
        row.flag("route"),
    )
    _known(row, "by", found.by, ROLES)
    if any(word in found.code.lower() for word in NO_GROUND):
        raise row.refused("code", "is no ground: bank secrecy and fiscal matters never are")
    row.close()
    return found


def _must(row: Row) -> bool:
    force = row.text("force", "may")
    _known(row, "force", (force,), ("may", "must"))
    return force == "must"


def _clock(row: Row, articles: _Articles, law: Law) -> ClockRule:
    length = row.text("length")
    found = ClockRule(
        row.text("code"),
        articles[row.text("article")],
        row.text("what"),
        row.text("says"),
        _for_types(row, law),
        row.text("starts"),
        "" if length == BY_PLACE else length,
        row.text("bound"),
        row.texts("alarms"),
        row.flag("pauses"),
        row.text("renewal", ""),
        row.text("escalates_to", ""),
    )
    _known(row, "starts", (found.starts,), STARTS)
    _known(row, "bound", (found.bound,), BOUNDS)
    if found.escalates_to:
        _known(row, "escalates_to", (found.escalates_to,), law.types)
    _spans(row, found)
    row.close()
    return found


def _spans(row: Row, clock: ClockRule) -> None:
    for text in filter(None, (clock.length, clock.renewal, *clock.alarms)):
        try:
            read_span(text)
        except HueError as error:
            raise row.refused("length", error.what) from None


def _for_types(row: Row, law: Law) -> frozenset[str]:
    groups, types = row.texts("groups"), row.texts("types")
    _known(row, "groups", groups, law.groups)
    _known(row, "types", types, law.types)
    if not groups and not types:
        raise row.refused("types", "or groups must be given")
    return frozenset(types) | {each.code for each in law.types.values() if each.group in groups}


def _refuse_doubles(law: Law) -> None:
    """A code stands once in all files: people cite it without its instrument."""
    seen: set[str] = set()
    for each in law.instruments.values():
        if each.form and each.form not in law.instruments:
            raise Row(f"{each.code}.toml", {}).refused("form", f"names no instrument: {each.form}")
        for code in (*(r.code for r in each.refusals), *(c.code for c in each.clocks)):
            if code in seen:
                raise Row(f"{each.code}.toml", {}).refused(code, "stands twice")
            seen.add(code)


def _refuse_unexplained(law: Law, code: str) -> None:
    """Every field of every type that an instrument serves must be asked for by some article."""
    for type in law.instruments[code].serves:
        for field in (*law.mandatory(type), *law.optional(type)):
            try:
                article_of(law, type, field, code)
            except Malformed:
                raise Row(f"{code}.toml", {}).refused(
                    type,
                    f"states {field!r}, for which there is no article: name one under [fields], "
                    'or the instrument whose form is used, as in form = "hanoi"',
                ) from None


def _known(row: Row, member: str, names: Iterable[str], allowed: Iterable[str]) -> None:
    known = set(allowed)
    for name in names:
        if name not in known:
            raise row.refused(member, f"names {name!r}, which nothing defines")
