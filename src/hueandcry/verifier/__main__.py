"""The verifier by itself: `python verify.pyz PACKAGE --policy FILE`; 0 only if accepted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hueandcry.core.errors import HueError
from hueandcry.verifier import opening, policies, telling
from hueandcry.verifier.examining import examine


def main(arguments: Sequence[str] | None = None) -> int:
    """Verifies one package and prints the report: 0 accepted, 1 refused, 2 usage."""
    parser = argparse.ArgumentParser(
        prog="verify",
        description="Check a package of evidence: ten checks, no network, no account.",
    )
    parser.add_argument("package", type=Path, help="X.tar.age, the opened X.tar, or its folder")
    parser.add_argument("--policy", type=Path, help="whom to trust; without it nothing is accepted")
    parser.add_argument("--key", type=Path, help="age key file, for what is sealed")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    given = parser.parse_args(arguments)
    try:
        policy = policies.read(given.policy) if given.policy else None
        keys = opening.read_keys(given.key) if given.key else ()
        report = examine(given.package, policy=policy, keys=keys)
    except HueError as wrong:
        print(f"verify: {wrong}", file=sys.stderr)
        return 1
    sys.stdout.write(telling.as_json(report) if given.json else telling.told(report))
    return 0 if report.accepted else 1


if __name__ == "__main__":
    sys.exit(main())
