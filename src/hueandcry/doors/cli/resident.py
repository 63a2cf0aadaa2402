"""A command line that stays open: a line of words in, a line of what the command said out.

Most of what a command costs is its start. The demonstration runs a hundred of them on each node.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Final

from hueandcry.core.errors import Broken
from hueandcry.doors.cli.main import run

_PROGRAM: Final = (sys.executable, "-m", "hueandcry.doors.cli.resident")


def said(words: Sequence[str]) -> tuple[int, str, str]:
    """One command in this process: its exit code, what it said, and what it complained of."""
    code = 0
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            run(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return code, out.getvalue(), err.getvalue()


class Resident:
    """The process from the side of whoever gives the commands, one after another."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            _PROGRAM,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def said(self, words: Sequence[str]) -> tuple[int, str, str]:
        """What a command says; raises Broken where the process has ended."""
        read, write = self._process.stdout, self._process.stdin
        assert read is not None and write is not None
        try:
            write.write(json.dumps(words) + "\n")
            write.flush()
            code, out, err = json.loads(read.readline())
        except (OSError, ValueError) as fault:
            raise Broken(
                "ended", "The command line that stays open ended", why=str(fault)
            ) from None
        return code, out, err

    def end(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()


def main() -> None:
    """Answers each line until there are no more."""
    for line in sys.stdin:
        print(json.dumps(said(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
