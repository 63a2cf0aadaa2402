"""A report in words for people at a terminal, or as JSON for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from hueandcry.verifier.results import Check, Report, Result

_WIDTH = 88
_INDENT = " " * 18


def told(report: Report) -> str:
    """The ten checks, each with its reason and meaning, and what comes of them."""
    return "".join(f"{line}\n" for line in _lines(report))


def as_json(report: Report) -> str:
    """The report as one JSON document on one line, in ASCII, so that any terminal keeps it."""
    return json.dumps(report.value()) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for check in report.checks:
        needed = "" if check.n in report.required else "  (not required)"
        yield f"{check.n:>2}  {check.result.value:<11}   {check.name}{needed}"
        yield from _wrapped(check.meaning)
        yield from _wrapped(check.reason)
    yield ""
    yield from textwrap.wrap(_outcome(report), _WIDTH)


def _wrapped(text: str) -> list[str]:
    # Whatever a package says of itself is shown without the signs that move a cursor.
    plain = "".join(sign if sign.isprintable() else "?" for sign in text)
    return textwrap.wrap(
        plain, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )


def _outcome(report: Report) -> str:
    if report.accepted:
        return "ACCEPTED: every check that the policy requires passed."
    if not report.trusted:
        return "REFUSED: without a policy (--policy FILE) nobody is known who could be believed."
    return f"REFUSED: {'; '.join(map(_unmet, _against(report)))}."


def _against(report: Report) -> list[Check]:
    return [
        check
        for check in report.checks
        if check.result is Result.FAIL
        or (check.n in report.required and check.result is not Result.PASS)
    ]


def _unmet(check: Check) -> str:
    word = "failed" if check.result is Result.FAIL else "is required and could not be made"
    return f"check {check.n} ({check.name}) {word}"
