"""The verifier by itself: `python verify.pyz PACKAGE --policy FILE`; 0 only if accepted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from hueandcry.core.errors import HueError
from hueandcry.verifier import command


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Verifies one package and exits: 0 accepted, 1 refused, 2 usage."""
    given = command.parser("verify").parse_args(arguments)
    try:
        command.answer(given)
    except HueError as wrong:
        print(f"verify: {wrong}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
