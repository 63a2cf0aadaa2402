"""Webhooks from the command line: who is told of changes, and how that fares."""

from __future__ import annotations

from time import sleep
from typing import Annotated, Final

import typer

from hueandcry.core.types import Audience, Kind
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.apps.webhooks import face as webhooks
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: Seconds after which a test that nobody tried is said to be waiting.
PATIENCE: Final = 20.0

Number = Annotated[int, typer.Argument(help="number of the webhook, from `webhook list`")]
_EVENTS = f"several times: {', '.join(webhooks.EVENTS)}; default all"


def list_(json: Json = False) -> None:
    """Every webhook, whoever made it."""
    opening.open_node()
    found = webhooks.every()
    if json:
        showing.as_json(found)
        return
    columns = ("number", "address", "events", "audience", "state", "waiting", "token", "notice")
    rows = [
        (w.number, w.url, " ".join(w.events), w.audience, w.state, w.waiting, w.token, w.notice)
        for w in found
    ]
    showing.table(columns, [[cell or "–" for cell in row] for row in rows])


def add(
    url: Annotated[str, typer.Argument(help="https address that takes the notices")],
    audience: Annotated[Audience, typer.Option(help="what it may see: clear, green or own")],
    event: Annotated[list[str] | None, typer.Option(help=_EVENTS)] = None,
    kind: Annotated[list[Kind] | None, typer.Option(help="several times; default all")] = None,
    note: Annotated[str, typer.Option(help="for whom")] = "",
    json: Json = False,
) -> None:
    """Subscribe an address. The secret is shown once: its receiver checks signatures with it."""
    actor = opening.open_node()
    with unit_of_work():
        made, secret = webhooks.add(
            actor,
            url,
            event or webhooks.EVENTS,
            audience,
            clock.now(),
            kinds=kind or (),
            note=note,
        )
    if json:
        showing.as_json({"number": made.number, "secret": secret})
    else:
        showing.out.print(f"Webhook {made.number}, signed with {secret}")


def test(number: Number, json: Json = False) -> None:
    """Send a notice of type `webhook.test` here and now, and say how it fared."""
    actor = opening.open_node()
    with unit_of_work():
        sent = webhooks.test(actor, number, clock.now())
    found = _tried(number, sent)
    if json:
        showing.as_json(found)
    else:
        showing.out.print(f"{found.state}: {found.outcome or found.status or 'not tried yet'}")
    if found.state != "delivered":
        raise typer.Exit(1)


def _tried(number: int, sent: webhooks.DeliveryView) -> webhooks.DeliveryView:
    """The delivery once it was tried, by us or by the loop of a running node."""
    until = clock.monotonic() + PATIENCE
    while True:
        while webhooks.send_next(number):
            continue
        found = next(d for d in webhooks.deliveries(number) if d.number == sent.number)
        if found.state != "waiting" or found.outcome or clock.monotonic() > until:
            return found
        sleep(0.05)


def resume(number: Number) -> None:
    """Begin again after a pause, from where it was: nothing is left out."""
    actor = opening.open_node()
    with unit_of_work():
        webhooks.change(actor, number, clock.now(), state="active")


def remove(number: Number) -> None:
    """Unsubscribe; what waits is never sent."""
    actor = opening.open_node()
    with unit_of_work():
        webhooks.remove(actor, number, clock.now())


COMMANDS = {"webhook": group(list=list_, add=add, test=test, resume=resume, remove=remove)}
