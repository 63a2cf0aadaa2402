"""The ten checks over one package, in the order in which one needs the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hueandcry.core.errors import HueError
from hueandcry.core.packages import File
from hueandcry.core.policies import USUAL, Policy
from hueandcry.verifier import (
    bag,
    casework,
    chains,
    logs,
    opening,
    shipping,
    stamps,
    statement,
    trust,
)
from hueandcry.verifier.chains import Chains
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.logs import Logs, Seen
from hueandcry.verifier.results import Check, NotCheckedError, Report, Result, left_open, made
from hueandcry.verifier.shipping import Form, Shipped
from hueandcry.verifier.statement import Stated

#: Looks at the bytes of a CASE graph with the rules of its ontology; raises what is wrong.
Shacl = Callable[[bytes], str]

_INSIDE = range(4, 11)


def examine(
    path: Path,
    *,
    policy: Policy | None = None,
    keys: Sequence[str] = (),
    shacl: Shacl | None = None,
) -> Report:
    """All ten checks over the package at `path`; NotFound when nothing is there.

    `keys` are age identities, for what is sealed.
    """
    form = shipping.form_of(path)
    shipped, unreadable = _shipped(path, form)
    checks = _Checks(form, shipped, unreadable, policy, shacl)
    if form is Form.SEALED:
        checks.file(opening.sealed_digest(path))
    top = str(shipped.note.package) if shipped else None
    try:
        with opening.opened(path, form, keys, top) as held:
            checks.inside(held)
    except NotCheckedError as missing:
        checks.all += left_open((3, *_INSIDE), missing.code, missing.why)
    except HueError as wrong:
        checks.all.append(Check(3, Result.FAIL, wrong.code, str(wrong)))
        checks.all += left_open(_INSIDE, "not_opened", "The package could not be opened (check 3)")
    in_order = sorted(checks.all, key=lambda check: check.n)
    return Report(in_order, policy.required if policy else USUAL, policy is not None)


def _shipped(path: Path, form: Form) -> tuple[Shipped | None, HueError | None]:
    """The note beside the package, or why it cannot be read; neither where there is none."""
    raw = shipping.note_beside(path, form)
    if raw is None:
        return None, None
    try:
        return Shipped.read(raw), None
    except HueError as wrong:
        return None, wrong


@dataclass
class _Checks:
    """The checks made so far."""

    form: Form
    shipped: Shipped | None
    unreadable: HueError | None  #: why the note beside the package cannot be read
    policy: Policy | None
    shacl: Shacl | None

    def __post_init__(self) -> None:
        self.all: list[Check] = [made(2, self._note)]

    def file(self, found: File | None) -> None:
        """Check 1, as soon as the digest is there."""
        self.all.append(made(1, lambda: self._with_note(found, shipping.check_file)))

    def inside(self, held: Contents) -> None:
        """Checks 3 to 10, and 1 of what lay there opened."""
        if self.form is not Form.SEALED:
            self.file(held.tar)
        self.all.append(made(3, lambda: self._with_note(held.tar, shipping.check_opened)))
        self.all.append(made(4, lambda: bag.check(held)))
        if held.problem is not None:
            self.all += left_open(range(5, 11), "no_bag", "The bag cannot be read (check 4)")
            return
        try:
            stated = Stated.read(held)
        except HueError as wrong:
            self.all.append(Check(5, Result.FAIL, wrong.code, str(wrong)))
            self.all += left_open(range(6, 11), "no_statement", "It is not known what is stated")
            return
        self._stated(held, stated)

    # -- one by one --------------------------------------------------------------------------------

    def _note(self) -> str:
        if self.unreadable is not None:
            raise self.unreadable
        return shipping.check_note(self.shipped, self.policy)

    def _with_note(
        self, found: File | None, check: Callable[[Shipped | None, Form, File | None], str]
    ) -> str:
        if self.unreadable is not None:
            raise self.unreadable
        return check(self.shipped, self.form, found)

    def _stated(self, held: Contents, stated: Stated) -> None:
        proved = self._proved(held, stated)
        seen = self._seen(held, stated, proved)
        said = stated.document.stated
        place = next(iter(proved.places)) if proved else None
        moment = trust.Moment(said.iat, seen.first(place) if place else None)
        self.all.append(
            made(5, lambda: statement.check(held, stated, self.shipped, self.policy, moment))
        )
        told: list[Chains] = []

        def custody() -> str:
            told.append(chains.read(stated))
            return chains.check(stated, told[0], self.policy, seen)

        self.all.append(made(9, custody))
        self.all.append(made(10, lambda: self._case(held, stated, told)))

    def _proved(self, held: Contents, stated: Stated) -> Logs | None:
        """Check 6; the logs if it passed."""
        found: list[Logs] = []

        def check() -> str:
            proved, words = logs.prove(held, stated)
            found.append(proved)
            return words

        self.all.append(made(6, check))
        return found[0] if found else None

    def _seen(self, held: Contents, stated: Stated, proved: Logs | None) -> Seen:
        """Checks 7 and 8; who saw the logs when, as far as these passed."""
        if proved is None:
            self.all += left_open((7, 8), "not_proved", "It is not proved what the logs hold (6)")
            return Seen()
        found = [Seen()]

        def witnesses() -> str:
            policy = trust.needed(self.policy)
            seen, words = logs.witnessed(proved, policy, stated.document.stated.iat)
            found.append(seen)
            return words

        def stamp() -> str:
            at, words = stamps.check(held, proved.last, self.policy)
            found[-1].note(proved.ours, max(proved.heads[proved.ours]), at)
            return words

        self.all.append(made(7, witnesses))
        self.all.append(made(8, stamp))
        return found[-1]

    def _case(self, held: Contents, stated: Stated, told: Sequence[Chains]) -> str:
        if not told:
            raise NotCheckedError("no_custody", "There is no custody to compare it with (check 9)")
        words = casework.check(held, stated, told[0])
        if self.shacl is None:
            return f"{words}; the rules of the ontology were not asked for"
        return f"{words}; {self.shacl(casework.graph_bytes(held))}"
