"""A chat that is an exhibit, message by message, each as it is cited."""

from __future__ import annotations

from typing import Annotated

import typer

from hueandcry.core.errors import NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json

opening.prepare()

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import ExhibitView
from hueandcry.core.chats import Chat, Message
from hueandcry.doors.cli.decisions import Exhibit, Person, Reason, acting
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def chat(
    exhibit: Exhibit,
    reason: Reason,
    first: Annotated[int, typer.Option("--from", help="the first line, or Telegram's number")] = 0,
    last: Annotated[int | None, typer.Option("--to", help="the last one")] = None,
    sender: Annotated[str, typer.Option(help="messages of this name alone")] = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Read a chat export of WhatsApp, Telegram or LINE; this is noted in the custody first."""
    actor = acting(person)
    with unit_of_work():
        view = evidence.read(actor, exhibit, reason, clock.now())
    found = evidence.chat(view.id)
    wanted = [
        message
        for message in found.messages
        if first <= message.place <= (message.place if last is None else last)
        and (not sender or message.sender == sender)
    ]
    if not wanted:
        names = ", ".join(sorted({each.sender for each in found.messages if each.sender}))
        raise NotFound("message", "The chat holds no such message", why=f"It has {names}")
    _as_json(view, found, wanted) if json else _as_table(view, found, wanted)


def _as_json(view: ExhibitView, chat: Chat, messages: list[Message]) -> None:
    showing.as_json_lines(
        {
            "exhibit": view.number,
            "cite": f"{view.number}, {chat.unit} {each.place}",
            "stamp": each.stamp,
            "at": each.at,
            "sender": each.sender,
            "text": each.text,
            "file": each.file,
        }
        for each in messages
    )


def _as_table(view: ExhibitView, chat: Chat, messages: list[Message]) -> None:
    rows = [(each.place, each.stamp, each.sender or "–", each.text) for each in messages]
    showing.table((chat.unit, "time, as written there", "from", "words"), rows)
    of = f" ({chat.member} in it)" if chat.member else ""
    example = f"{view.number}, {chat.unit} {messages[0].place}"
    showing.err.print(
        f"{len(messages)} of {len(chat.messages)} messages of {view.name}{of}. "
        f"Cite one as `{example}`: SHA-256 {view.sha256}"
    )
