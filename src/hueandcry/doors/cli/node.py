"""Founding and serving a node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from hueandcry.core.errors import Conflict
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.config import environment, logs
from hueandcry.doors.cli.serving import serve_forever
from hueandcry.doors.desk import places
from hueandcry.engine import clock
from hueandcry.engine.keys.keyring import PURPOSES, Keyring
from hueandcry.engine.store.work import unit_of_work


def init(
    name: Annotated[str, typer.Option(help="name of the organisation")],
    country: Annotated[str, typer.Option(help="ISO 3166 code of two letters, io for none")],
    role: Annotated[list[str], typer.Option(help="asc, lea, bank, telco … (repeatable)")],
    url: Annotated[str, typer.Option(help="address under which peers reach this node")] = "",
    no_inbound: Annotated[
        bool, typer.Option("--no-inbound", help="peers cannot reach this node: it asks them")
    ] = False,
    json: Json = False,
) -> None:
    """Found a node: database, keys, first administrator. Nothing is asked."""
    address = _address(url, no_inbound)
    founding = members.Founding(name, _country(country), tuple(role), address)
    members.check_founding(founding)
    data: Path = settings.DATA
    begun = (data / "keys").exists()
    if begun and opening.is_founded():
        raise Conflict("already_founded", f"{data} already holds a node", do="Use another folder")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    opening.migrate()
    at = clock.now()
    secret = _given_secret(data)
    # Killed after its keys were made, `init` goes on with them: they are nobody's else.
    keyring = (
        Keyring.open(data, secret)
        if begun
        else Keyring.create(data, [p.value for p in PURPOSES], at, secret)
    )
    with unit_of_work():
        member = members.found(founding, keyring, at)
        _, password = members.add_person("admin", ["administrator"], at=at)
    answer = {
        "fingerprint": member.fingerprint.hex(),
        "url": founding.url,
        "root_key": str(data / "root"),
        "administrator": "admin",
        "password": password,
    }
    _show_founded(answer, json)


def _given_secret(data: Path) -> Path | None:
    secret: Path = settings.ENVIRONMENT.secret_file
    return None if secret == data / "secret" else secret


def _show_founded(answer: dict[str, str], json: bool) -> None:
    if json:
        showing.as_json(answer)
        return
    showing.out.print("Founded. Fingerprint, to be compared in full with every peer:\n")
    showing.out.print(f"  {showing.fingerprint(answer['fingerprint'])}\n")
    showing.out.print(f"Administrator [bold]admin[/], password [bold]{answer['password']}[/]")
    showing.out.print(f"Move {answer['root_key']} to a safe place now: it *is* this member.")
    showing.out.print("Next: `hueandcry serve`, then `hueandcry peer add URL`.")


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise Usage("country", f"{text!r} is no country code", do="Use two letters such as TH")
    return text.upper()


def _address(url: str, no_inbound: bool) -> str:
    """The address in the card; empty for a node that nobody can call."""
    if no_inbound and url:
        raise Usage("url", "A node without an inbound port has no address", do="Leave out --url")
    if not no_inbound and not url:
        raise Usage("url", "No address is given", do="Give --url, or --no-inbound if it has none")
    return "" if no_inbound else _url(url)


def _url(text: str) -> str:
    if not _is_address(text):
        raise Usage(
            "url", f"{text!r} is not an https address", do="http is for nodes on loopback only"
        )
    return text.rstrip("/")


def _is_address(text: str) -> bool:
    """Whether `text` is scheme, host, port and path only, and safe for signed calls."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or port == 0 or parts.username is not None:
        return False
    if parts.query or parts.fragment or not text.isascii() or " " in text:
        return False
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)


def serve(
    port: Annotated[int, typer.Option(help="port to listen on")] = 8420,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    apart: Annotated[bool, typer.Option(help="leave the loops to `hueandcry worker`")] = False,
    log: Annotated[str, typer.Option(help="what is logged: error, warning or info")] = "warning",
) -> None:
    """Run this node until it is stopped: web and loops in one go."""
    opening.open_node()
    opening.migrate()
    if apart:
        os.environ[environment.APART] = "1"
    os.environ[logs.LEVEL] = read_level(log)
    showing.err.print(f"{members.us().name} listens on http://{host}:{port} (Ctrl-C to stop)")
    serve_forever(host, port, waiting=places.most())


def read_level(text: str) -> str:
    """What is logged, of the levels that there are; raises Usage."""
    if text not in logs.LEVELS:
        raise Usage("log", f"{text!r} is no level", do=f"Use one of: {', '.join(logs.LEVELS)}")
    return text


COMMANDS = {
    "init": command(init),
    "serve": command(serve),
}
