"""Requests to other members. What kinds there are needs no node, and opens none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hueandcry.core.errors import NotFound
from hueandcry.core.law import POLICY, Law, describe, told
from hueandcry.core.machine import Side
from hueandcry.doors.cli import form_given, recalls, showing, small_files
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.law_files import law_with
from hueandcry.doors.cli.usage import Usage, instant

MANY: Final = 12  #: roles, beyond which nobody would read the list

Person = Annotated[str, typer.Option("--as", help="login of the person who does it")]
File = Annotated[Path | None, typer.Option("--fields", help="a TOML or JSON file of fields")]
Given = Annotated[list[str] | None, typer.Option("--field", help="NAME=VALUE; repeatable")]
Output = Annotated[Path, typer.Option(help="the file to write")]
Id = Annotated[str, typer.Argument(help="its id, from `request list`")]


def types(
    type: Annotated[str | None, typer.Argument(help="one type, such as PRESERVE")] = None,
    add: Annotated[
        list[Path] | None, typer.Option("--with", help="a file of one more instrument: checked")
    ] = None,
    json: Json = False,
) -> None:
    """The types of request: who may ask whom, under what, by when."""
    law = law_with(add)
    if type is not None and type not in law.types:
        raise NotFound("type", f"There is no type {type!r}", do="Run hueandcry request types")
    chosen = [type] if type else list(law.types)
    if json:
        showing.as_json_lines(describe(law, code) for code in chosen)
    elif type:
        _one(law, type)
    else:
        _all(law)


def _all(law: Law) -> None:
    showing.table(
        ("type", "from", "to", "what"),
        (
            (code, _roles(each.senders), _roles(each.receivers), each.title)
            for code, each in law.types.items()
        ),
    )


def _roles(roles: frozenset[str]) -> str:
    return " ".join(sorted(roles)) if len(roles) < MANY else "any"


def _one(law: Law, code: str) -> None:
    each, shown = law.types[code], describe(law, code)
    showing.out.print(f"{code}: {each.title}\n{each.asks}\n", markup=False)
    for route in each.routes:
        showing.out.print(f"from {told(route)}", markup=False)
    showing.out.print(f"secrecy: {each.secrecy}\noutput: {each.output}", markup=False)
    instruments = ((i["code"], ", ".join(i["articles"]), i["title"]) for i in shown["instruments"])
    _listed(("under", "articles", "title"), instruments)
    _listed(("field", "", "serves", "what"), (_field(law, f) for f in shown["fields"]))
    _listed(("clock", "from", "length", "set by"), (_clock(law, c) for c in shown["clocks"]))
    _listed(("refusal", "", "by", "ground"), (_refusal(law, r) for r in shown["refusals"]))


def _listed(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """A table after an empty line; none where there are no rows."""
    found = list(rows)
    if found:
        showing.out.print()
        showing.table(columns, found)


def _field(law: Law, row: dict[str, Any]) -> tuple[str, ...]:
    sources = ", ".join(_source(law, source) for source in row["serves"])
    return row["name"], "needed" if row["mandatory"] else "", sources, row["what"]


def _clock(law: Law, row: dict[str, Any]) -> tuple[str, ...]:
    length = row["length"] or "the law of the place"
    return row["code"], row["starts"], length, _source(law, row)


def _refusal(law: Law, row: dict[str, Any]) -> tuple[str, ...]:
    return row["code"], "must" if row["must"] else "may", _source(law, row), row["says"]


def _source(law: Law, row: dict[str, Any]) -> str:
    if row["instrument"] == POLICY:
        return "policy"
    return f"{law.instruments[row['instrument']].short} {row['article']}"


# --- on a node: Django is loaded for these alone --------------------------------------------------


def new(
    type: Annotated[str, typer.Argument(help="from `request types`, such as PRESERVE")],
    to: Annotated[str, typer.Option(help="a peer, by name or fingerprint")],
    basis: Annotated[str, typer.Option(help="the instrument that it stands on")],
    fields: File = None,
    field: Given = None,
    camt056: Annotated[
        Path | None,
        typer.Option("--camt056", help="a recall of the bank's own systems: one payment"),
    ] = None,
    hop_of: Annotated[str, typer.Option(help="request to us whose money this one follows")] = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Write a request; what it lacks is told with its article, and asked for when it is signed."""
    recalled = {} if camt056 is None else recalls.form(camt056)
    given = {**recalled, **form_given.read(fields, field or ())}
    from hueandcry.doors.cli import asking

    asking.new(type, to, basis, given, hop_of, person, json)


def enter(
    type: Annotated[str, typer.Argument(help="from `request types`, such as MLA_STORED")],
    sender: Annotated[str, typer.Option("--from", help="who asks: an authority or a peer")],
    basis: Annotated[str, typer.Option(help="the instrument that the letter names")],
    letter: Annotated[Path, typer.Option(help="the letter or its scan: PDF, JPEG, PNG or TIFF")],
    channel: Annotated[str, typer.Option(help="by which the letter came")] = "",
    carried_by: Annotated[str, typer.Option(help="who brought it")] = "",
    dated: Annotated[str, typer.Option(help="when it came: RFC 3339; else now")] = "",
    fields: File = None,
    field: Given = None,
    person: Person = "",
    json: Json = False,
) -> None:
    """Enter a request that came on paper; what its letter leaves out may stay out."""
    given = form_given.read(fields, field or ())
    came = instant("dated", dated) if dated else None
    from hueandcry.doors.cli import asking, papers

    paper = asking.Paper(letter, channel, carried_by, came)
    papers.enter(type, sender, basis, given, paper, person, json)


def list_(
    side: Annotated[str, typer.Option(help="requesting or requested; else both")] = "",
    ended: Annotated[bool, typer.Option("--ended", help="those that have ended as well")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    json: Json = False,
) -> None:
    """Requests, the newest first, each with its next deadline."""
    if side not in ("", *Side):
        raise Usage("side", f"There is no side {side!r}", do=f"Use one of: {', '.join(Side)}")
    from hueandcry.doors.cli import asking

    asking.list_(side, ended, limit, json)


def show(request: Id, json: Json = False) -> None:
    """One request: its fields, clocks and acts, and what may be done next."""
    from hueandcry.doors.cli import asking

    asking.show(request, json)


def closed(
    request: Id,
    out: Annotated[Path, typer.Option(help="where the age file goes; nothing may be there")],
    person: Person = "",
) -> None:
    """What only the protection desk can read of a referral, as it rests: sealed to its key."""
    from hueandcry.doors.cli import asking

    asking.closed(request, out, person)


def act(
    request: Id,
    action: Annotated[str, typer.Argument(help="such as sign, approve, open, accept, refuse")],
    reasons: Annotated[str, typer.Option(help="why")] = "",
    code: Annotated[str, typer.Option(help="of a refusal, from `request types TYPE`")] = "",
    route: Annotated[str, typer.Option(help="that is open instead of what is refused")] = "",
    holder: Annotated[str, typer.Option(help="to whom it is forwarded")] = "",
    package: Annotated[str, typer.Option(help="SHA-256 of the result")] = "",
    missing: Annotated[list[str] | None, typer.Option(help="a field; repeatable")] = None,
    fields: File = None,
    field: Given = None,
    answer_by: Annotated[str, typer.Option(help="until when to answer: RFC 3339")] = "",
    review_at: Annotated[str, typer.Option(help="when it is looked at again: RFC 3339")] = "",
    until: Annotated[str, typer.Option(help="until when data are held: RFC 3339")] = "",
    linked: Annotated[str, typer.Option(help="request for assistance that a hold waits for")] = "",
    amount: Annotated[str, typer.Option(help="of money, such as 1250.00")] = "",
    currency: Annotated[str, typer.Option(help="if the request names none")] = "",
    next_: Annotated[str, typer.Option("--next", help="account to which money went on")] = "",
    institution: Annotated[str, typer.Option(help="who holds that account")] = "",
    went: Annotated[str, typer.Option(help="when the money went on: RFC 3339")] = "",
    order: Annotated[str, typer.Option(help="reference of the order on money")] = "",
    final: Annotated[bool, typer.Option("--final", help="the order is final")] = False,
    agreement: Annotated[str, typer.Option(help="reference of an agreed return")] = "",
    victim: Annotated[list[str] | None, typer.Option(help="PSEUDONYM=LOSS; repeatable")] = None,
    pacs004: Annotated[
        Path | None, typer.Option("--pacs004", help="the return of the bank's own systems")
    ] = None,
    seen: Annotated[int | None, typer.Option(help="version that you looked at")] = None,
    letter: Annotated[
        Path | None, typer.Option(help="signed letter or scan: PDF, JPEG, PNG or TIFF")
    ] = None,
    channel: Annotated[str, typer.Option(help="by which the letter went or came")] = "",
    carried_by: Annotated[str, typer.Option(help="who took the letter there, or brought it")] = "",
    dated: Annotated[str, typer.Option(help="the letter's time: RFC 3339; else now")] = "",
    theirs: Annotated[
        bool, typer.Option("--theirs", help="it is their act, where either side may do it")
    ] = False,
    person: Person = "",
    json: Json = False,
) -> None:
    """Act upon a request; `request show` says which acts are possible."""
    given = form_given.read(fields, field or ())
    instants = {"answer-by": answer_by, "review-at": review_at, "until": until, "went": went}
    at = {name: instant(name, text) if text else None for name, text in instants.items()}
    from hueandcry.doors.cli import asking

    said = {
        "reasons": reasons,
        "code": code,
        "route": route,
        "holder": holder,
        "package": package,
        "missing": tuple(missing or ()),
        "given": given,
        "answer_by": at["answer-by"],
        "review_at": at["review-at"],
        "until": at["until"],
        "linked": linked,
        "amount": amount,
        "currency": currency,
        "hop": form_given.hop(next_, institution, at["went"]),
        "order": order,
        "order_final": final,
        "agreement": agreement,
        "victims": form_given.victims(victim or ()),
    }
    if pacs004 is not None and amount:
        raise Usage("pacs004", "The amount is named twice: by --amount and by the message")
    returned = None if pacs004 is None else small_files.read(pacs004)
    at_the_letter = instant("dated", dated) if dated else None
    paper = asking.Paper(letter, channel, carried_by, at_the_letter, theirs)
    asking.act(request, action, said, returned, seen, paper, person, json)


def answer_file(
    request: Id,
    out: Annotated[Path, typer.Option("--out", help="the file to write; never over another")],
    pacs004: Annotated[
        bool, typer.Option("--pacs004", help="the return of the money, not the answer")
    ] = False,
    settlement: Annotated[
        str, typer.Option(help="how a return is settled: CLRG, INDA, INGA or COVE")
    ] = "CLRG",
) -> None:
    """Write what became of a stop-payment for a bank's own systems: camt.029, or pacs.004."""
    from hueandcry.doors.cli import asking

    asking.answer_file(request, out, settlement if pacs004 else "")


def figures(json: Json = False) -> None:
    """Traced money in numbers: minutes to hold, amounts held and returned, wrongly held."""
    from hueandcry.doors.cli import asking

    asking.figures(json)


def letter(
    request: Id,
    output: Output,
    language: Annotated[str, typer.Option(help="of its fixed words, such as th")] = "en",
    translation: Annotated[
        bool, typer.Option(help="with the certified translation into that language, if any")
    ] = True,
) -> None:
    """Print a request as a letter, PDF: its fields, each with its article, and its basis."""
    from hueandcry.doors.cli import papers

    papers.letter(request, output, language, translation)


def paper(
    request: Id,
    act: Annotated[int, typer.Argument(help="number of the act, from `request show`")],
    output: Output,
) -> None:
    """Give out the letter or scan that an act was entered from, in the bytes in which it came."""
    from hueandcry.doors.cli import papers

    papers.paper(request, act, output)


def translate(
    request: Id,
    language: Annotated[str, typer.Option(help="BCP 47, such as th")],
    translator: Annotated[str, typer.Option(help="who translated it")],
    fields: File = None,
    field: Given = None,
    person: Person = "",
    json: Json = False,
) -> None:
    """Attach a translation of fields of a request; no letter shows it before it is certified."""
    given = form_given.read(fields, field or ())
    from hueandcry.doors.cli import papers

    papers.translate(request, language, given, translator, person, json)


def certify(
    request: Id,
    language: Annotated[str, typer.Option(help="of the translation, such as th")],
    person: Person = "",
    json: Json = False,
) -> None:
    """Answer as an officer for a translation that somebody else attached."""
    from hueandcry.doors.cli import papers

    papers.certify(request, language, person, json)


def authority(
    name: Annotated[str | None, typer.Argument(help="as it is to stand in letters")] = None,
    country: Annotated[str, typer.Option(help="ISO 3166, such as LA")] = "",
    role: Annotated[list[str] | None, typer.Option(help="such as ca; repeatable")] = None,
    address: Annotated[str, typer.Option(help="where its letters go")] = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Note an authority without a node, which letters reach; without a name: list those noted."""
    from hueandcry.doors.cli import papers

    papers.authority(name, country, role or [], address, person, json)


def export(request: Id, output: Output, json: Json = False) -> None:
    """Write all that we signed about one request into a file, sealed for the other side."""
    from hueandcry.doors.cli import papers

    papers.export(request, output, json)


def import_(
    file: Annotated[Path, typer.Argument(help="a file that the other side wrote for us")],
    answer: Annotated[
        Path | None, typer.Option(help="write our receipts into this file, for the way back")
    ] = None,
    person: Person = "",
    json: Json = False,
) -> None:
    """Take in a file as if it had come over the peer door; exit 1 if anything was refused."""
    from hueandcry.doors.cli import papers

    papers.import_(file, answer, person, json)


COMMANDS = {
    "request": group(
        types=types,
        new=new,
        enter=enter,
        list=list_,
        show=show,
        act=act,
        closed=closed,
        figures=figures,
        letter=letter,
        paper=paper,
        translate=translate,
        certify=certify,
        authority=authority,
        export=export,
        **{"answer-file": answer_file},
        **{"import": import_},
    )
}
