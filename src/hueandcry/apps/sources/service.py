"""What our own people do with sources: save, look at, pause, resume, remove."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.apps.sources import rules
from hueandcry.apps.sources.calling import Caller, Credentials, Outgoing
from hueandcry.apps.sources.models import Act, Source
from hueandcry.apps.sources.rules import Mapping, What
from hueandcry.apps.sources.taking import Plan
from hueandcry.core import jcs
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Kind, Micros, Tlp
from hueandcry.engine.egress.target import read_url
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy

FOLDERS: Final = policy.declare(
    policy.Setting(
        "sources.folders",
        tuple,
        (),
        "Folders of this machine from which sources may read, beside DIR/inbox. Others are "
        "refused, so that nobody can read files of this machine through a source.",
    )
)
#: Who may save, change and remove sources, and who may run and pause them.
_MAY_CHANGE: Final = frozenset({"administrator", "analyst"})
_MAY_RUN: Final = frozenset({"administrator", "analyst", "duty"})


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as somebody wants to save it."""

    name: str
    what: What
    address: str
    every: int = 60  #: minutes
    mapping: Mapping = field(default_factory=Mapping)
    feed: str = ""  #: empty: its own name
    gone: str = "keep"
    note: str = ""
    credentials: Credentials = field(default_factory=Credentials)


def add(actor: Actor, new: NewSource, at: Micros) -> Source:
    """Saves a source; it is due at once. Raises Malformed, Conflict or NotPermitted."""
    must(actor, _MAY_CHANGE)
    source = unsaved(new, at)
    source.person_id = actor.person
    feed = source.feed
    if find(new.name) is not None:
        raise Conflict("source", f"There is a source {new.name} already", do="Choose another name")
    alive = Source.objects.exclude(state=Source.State.REMOVED)
    if new.gone == "retract" and alive.filter(feed=feed).exists():
        raise _shared(feed)
    if alive.filter(feed=feed, gone="retract").exists():
        raise _shared(feed)
    source.save(force_insert=True)
    _log(actor, source, "add", at)
    return source


def unsaved(new: NewSource, at: Micros) -> Source:
    """The row that would be saved; raises Malformed or NotPermitted."""
    _check(new)
    return Source(
        name=new.name,
        what=new.what.value,
        address=new.address,
        feed=new.feed or new.name,
        every=new.every,
        mapping=new.mapping.stored(),
        gone=new.gone,
        note=new.note,
        auth=new.credentials.auth,
        sealed=_sealed(new),
        added_at=at,
        next_due=at,
    )


def _check(new: NewSource) -> None:
    rules.check_name(new.name, "name")
    if new.feed:
        rules.check_name(new.feed, "feed")
    rules.check_every(new.every)
    rules.check_mapping(new.mapping)
    if new.gone not in ("keep", "retract"):
        raise Malformed("gone", f"{new.gone[:20]!a} is neither keep nor retract")
    if len(new.note) > 500:
        raise Malformed("note", "A note has at most 500 letters")
    _check_address(new.what, new.address)
    _check_credentials(new)


def _check_address(what: What, address: str) -> None:
    if len(address) > 2_000 or not address.isprintable():
        raise Malformed("address", "This is no address of a source")
    remote = address.startswith(("https://", "http://"))
    if what in (What.HTTPS, What.TAXII) or (what is What.MISP and remote):
        read_url(address)
    elif not _may_read(Path(address)):
        raise NotPermitted(
            "folder",
            f"Sources may not read {address[:200]!a}",
            why="Only folders that the setting sources.folders names, and DIR/inbox",
            do="Put it there, or `hueandcry settings set sources.folders PATH`",
        )


def _may_read(path: Path) -> bool:
    """Whether the path, links followed, lies in a folder that sources may read."""
    if not path.is_absolute():
        return False
    real = path.resolve()
    folders = [settings.DATA / "inbox", *map(Path, policy.items(FOLDERS.name))]
    return any(real.is_relative_to(folder.resolve()) for folder in folders)


def _check_credentials(new: NewSource) -> None:
    given = new.credentials
    if given.auth not in ("", "basic", "bearer"):
        raise Malformed("auth", "Credentials are `basic` or `bearer`")
    if not given.auth:
        return
    if not given.secret or (given.auth == "basic" and not given.user) or ":" in given.user:
        raise Malformed("secret", "The credentials are not whole", do="Give user and secret")
    if not (given.user + given.secret).isprintable() or len(given.user + given.secret) > 4_000:
        raise Malformed("secret", "The credentials cannot be sent in a header")
    if not new.address.startswith(("https://", "http://")):
        raise Malformed("auth", "Files of this machine need no credentials")


def _shared(feed: str) -> Conflict:
    return Conflict(
        "feed",
        f"Another source writes under the feed {feed}",
        why="A source that withdraws what is gone must be the only one of its feed",
        do="Give it a feed of its own",
    )


def _sealed(new: NewSource) -> str:
    given = new.credentials
    if not given.auth:
        return ""
    plain = msgspec.json.encode([given.user, given.secret])
    return own().seal(_context(new.name), plain)


def _context(name: str) -> str:
    return f"source/{name}"


def credentials_of(source: Source) -> Credentials:
    """What the server is shown; never leaves this app."""
    if not source.auth:
        return Credentials()
    plain = own().open_sealed(_context(source.name), source.sealed)
    user, secret = msgspec.json.decode(plain, type=tuple[str, str])
    return Credentials(source.auth, user, secret)


def caller_of(source: Source) -> Caller:
    """Who asks for it, with its credentials. Files are checked again: settings may have changed."""
    what = What(source.what)
    _check_address(what, source.address)
    return Outgoing(source.address, credentials_of(source))


def plan_of(source: Source) -> Plan:
    mapping = rules.read_mapping(source.mapping)
    return Plan(What(source.what), source.address, mapping, source.gone)


def listing_of(source: Source) -> signals.Listing:
    """What holds for every row of it. Its feed stands behind every claim (ADR 0009)."""
    mapping = rules.read_mapping(source.mapping)
    return signals.Listing(
        kind=Kind(mapping.kind) if mapping.kind else None,
        source=source.feed,
        lure=mapping.lure,
        method=mapping.method,
        tlp=Tlp.read(mapping.tlp),
        market=members.us().country,
        confidence=mapping.confidence,
        confidence_cap=mapping.confidence_cap,
    )


# --- states --------------------------------------------------------------------------------------


def find(name: str) -> Source | None:
    return Source.objects.exclude(state=Source.State.REMOVED).filter(name=name).first()


def get(name: str) -> Source:
    found = find(name)
    if found is None:
        raise NotFound(
            "source", f"There is no source {name[:80]!a}", do="See `hueandcry source list`"
        )
    return found


def pause(actor: Actor, name: str, at: Micros) -> Source:
    """Stops its schedule; a run that is under way ends in order."""
    must(actor, _MAY_RUN)
    return _move(actor, name, "pause", Source.State.ACTIVE, at, state=Source.State.PAUSED)


def resume(actor: Actor, name: str, at: Micros) -> Source:
    """Takes up its schedule again; it is due at once."""
    must(actor, _MAY_RUN)
    return _move(
        actor, name, "resume", Source.State.PAUSED, at,
        state=Source.State.ACTIVE, next_due=at, failures=0,
    )  # fmt: skip


def hasten(actor: Actor, name: str, at: Micros) -> Source:
    """Makes it due at once, for its loop to run; raises Conflict while it is paused."""
    must(actor, _MAY_RUN)
    return _move(actor, name, "hasten", Source.State.ACTIVE, at, next_due=at)


def remove(actor: Actor, name: str, at: Micros) -> Source:
    """Ends a source and forgets its secret; claims, runs and ledger entries stay."""
    must(actor, _MAY_CHANGE)
    source = get(name)
    return _move(
        actor, name, "remove", source.state, at,
        state=Source.State.REMOVED, sealed="", auth="", holder="", held_until=0,
    )  # fmt: skip


def _move(actor: Actor, name: str, kind: str, before: str, at: Micros, **after: Any) -> Source:
    source = get(name)
    rows = Source.objects.filter(pk=source.pk, state=before)
    if not rows.update(**after):
        raise Conflict("state", f"The source {name} is {source.state}", do="Look again")
    source.refresh_from_db()
    _log(actor, source, kind, at)
    return source


def _log(actor: Actor, source: Source, kind: str, at: Micros) -> None:
    said = {"what": source.what, "address": source.address, "feed": source.feed}
    detail = jcs.canonical({**said, "every": source.every, "gone": source.gone})
    act = Act(source=source, kind=kind, person_id=actor.person, at=at, detail=detail)
    ledger.append(
        f"sources.{kind}", act, name=source.name, at=time_text(at), person=actor.person, **said
    )


def must(actor: Actor, roles: frozenset[str]) -> None:
    """Raises NotPermitted unless the actor has one of these roles, or is a token's."""
    if actor.roles.isdisjoint(roles) and actor.token is None:
        raise NotPermitted("role", "Your roles do not allow this", do="Ask an administrator")


def may_run(actor: Actor) -> None:
    must(actor, _MAY_RUN)


def may_change(actor: Actor) -> None:
    must(actor, _MAY_CHANGE)
