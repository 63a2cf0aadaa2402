"""The command line of the verifier, of the node's own command as of the file that stands alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from hueandcry.core.policies import Policy
from hueandcry.verifier import opening, policies, telling
from hueandcry.verifier.examining import Shacl, examine

Given = argparse.Namespace  #: package, policy, key, json; with `shacl` also case


def parser(name: str, *, case: bool = False) -> argparse.ArgumentParser:
    """What the command takes; `--case` only where something is at hand that knows its rules."""
    taken = argparse.ArgumentParser(
        prog=name, description="Ten checks of a package of evidence: no network, no account."
    )
    taken.add_argument("package", type=Path, help="X.tar.age, the opened X.tar, or its folder")
    taken.add_argument("--policy", type=Path, help="whom to trust; without it nothing is accepted")
    taken.add_argument("--key", type=Path, help="age key file, for what is sealed")
    if case:
        taken.add_argument("--case", action="store_true", help="ask the rules of CASE too")
    taken.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return taken


def answer(
    given: Given,
    *,
    otherwise: Callable[[], Policy | None] = lambda: None,
    keys: Callable[[Path], Sequence[str]] = lambda package: (),
    shacl: Shacl | None = None,
) -> NoReturn:
    """Verifies, prints the report and exits: 0 accepted, 1 refused.

    `otherwise` and `keys` are asked where no policy and no key file were given.
    """
    report = examine(
        given.package,
        policy=policies.read(given.policy) if given.policy else otherwise(),
        keys=opening.read_keys(given.key) if given.key else keys(given.package),
        shacl=shacl,
    )
    sys.stdout.write(telling.as_json(report) if given.json else telling.told(report))
    sys.exit(0 if report.accepted else 1)
