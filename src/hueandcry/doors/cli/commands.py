"""What every command shares: the --json switch, and one function made into one command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
import typer.main

Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]


def command(function: Callable[..., None]) -> Any:
    """One function as a command of its own."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(function)
    return typer.main.get_command(app)


def group(**functions: Callable[..., None]) -> Any:
    """Several functions as subcommands."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
    for name, function in functions.items():
        app.command(name)(function)
    if len(functions) == 1:
        # Typer would otherwise drop the name of an only subcommand.
        app.callback()(_nothing)
    return typer.main.get_command(app)


def _nothing() -> None:
    """What is done is named after the command."""
