"""`hueandcry policy`: whom this node trusts, as a text that the verifier reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from hueandcry.core.errors import NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command

opening.prepare()

from django.conf import settings

from hueandcry.apps.evidence import face as evidence
from hueandcry.doors.cli.verifying import POLICY

#: The first line of a policy that people have not taken into their own hands.
WRITTEN: Final = "# Written by `hueandcry policy` from the cards that this node holds.\n"


def policy(
    output: Annotated[Path | None, typer.Option(help="a file; else it is printed")] = None,
    json: Json = False,
) -> None:
    """The trust policy of this node; kept in its folder too, unless people wrote that one."""
    opening.open_node()
    text = WRITTEN + evidence.trust_policy().text()
    own = settings.DATA / POLICY
    if not own.exists() or own.read_text().startswith(WRITTEN):
        own.write_text(text)
    if output is not None:
        _write(output, text)
    if json:
        showing.as_json({"policy": text, "file": str(output or own)})
    elif output is None:
        typer.echo(text, nl=False)


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text)
    except OSError as wrong:
        raise NotFound("output", f"{output} cannot be written", why=wrong.strerror or "") from None


COMMANDS = {"policy": command(policy)}
