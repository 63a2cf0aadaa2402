"""Packages made up whole, for what is pure about them: facts, and the custody of their exhibits."""

from __future__ import annotations

from uuid import UUID

from hueandcry.apps.evidence.facts import VERSION, History, PackageFacts, Packed, Party
from hueandcry.core.custody import (
    Action,
    Actor,
    Content,
    Counterpart,
    Event,
    Linked,
    Tool,
    link,
    record,
)
from hueandcry.core.ids import uuid7

AT = 1_764_000_000_000_000
CENTRE = Party("a" * 64, "Anti-Scam Centre ศูนย์ต่อต้าน", "TH", ("asc",))
POLICE = Party("b" * 64, "Cảnh sát mạng", "VN", ("lea",))


def made_id(number: int) -> UUID:
    """A UUIDv7 that is the same in every run."""
    return uuid7(AT, number.to_bytes(10, "big"))


PACKAGE = made_id(1)


def history(number: int, description: str = "Chat with the caller", size: int = 5) -> History:
    """An exhibit that was acquired, read and handed over."""
    name, exhibit = f"TH-AAAAAA-2026-{number:06d}", made_id(1_000 * number)
    content = Content(f"{number:064x}", size)
    chain: list[Linked] = []

    def then(action: Action, **more: object) -> None:
        last = chain[-1] if chain else None
        n = len(chain)
        event = Event(
            event=made_id(1_000 * number + 1 + n),
            exhibit=exhibit,
            number=name,
            n=n,
            prev=link(last.record) if last else None,
            action=action,
            at=AT + n * 60_000_000,
            actor=Actor(CENTRE.fingerprint, "p-0123456789abcdef", "analyst"),
            reason="Asked for by Hanoi",
            description=None if last else description,
            **more,  # type: ignore[arg-type]
        )
        chain.append(Linked(event, record(event)))

    tool = Tool("hueandcry", "0.1.0", "")
    then(Action.ACQUIRED, outputs=(content,), tool=tool, place="Bangkok")
    then(Action.ACCESSED)
    handed = Counterpart(POLICE.fingerprint, None, PACKAGE)
    then(Action.TRANSFERRED, outputs=(content,), counterpart=handed, authority="Order 12/2026")
    packed = Packed(
        exhibit, name, "chat.zip", content.sha256, f"{number:0128x}", size, "application/zip",
        description, len(chain) - 1,
    )  # fmt: skip
    return History(packed, tuple(chain))


def facts(histories: list[History], language: str = "vi", reason: str = "Asked") -> PackageFacts:
    """A package of these, for the police."""
    return PackageFacts(
        v=VERSION,
        package=PACKAGE,
        at=AT + 3_600_000_000,
        sender=CENTRE,
        recipient=POLICE,
        language=language,
        software="hueandcry 0.1.0",
        exhibits=tuple(each.exhibit for each in histories),
        request=None,
        authority="Order 12/2026",
        reason=reason,
        restrictions=(),
    )
