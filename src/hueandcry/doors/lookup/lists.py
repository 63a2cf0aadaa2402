"""Block lists over HTTP: `/v1/lists/{name}.{format}`, streamed, for the audience of the token.

Lists may be kept by the client that asked and by nobody else, and only while it asks again: the
entity tag is another one whenever the list may be.
"""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Malformed, NotFound
from hueandcry.core.formats import FORMATS
from hueandcry.core.types import SECOND, Audience, Micros, Verdict
from hueandcry.doors.desk import feeds, lists, wire
from hueandcry.doors.desk.callers import caller_of
from hueandcry.doors.desk.wire import Answer, Environ, StartResponse
from hueandcry.engine import clock

PREFIX: Final = "/v1/lists"
#: Entries end by time alone too, so that a tag is good for this long at most.
TICK: Final[Micros] = 300 * SECOND

_NAME: Final = re.compile(r"/([a-z-]{1,32})\.([a-z]{1,16})(\.gz)?")
_EVENT: Final = re.compile(r"/misp/(manifest|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json")
#: What people call a format in a file's name.
_ALIASES: Final = {"txt": "text", "json": "stix", "zone": "rpz", "jsonl": "ndjson"}


def serve(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answers a list, an event of the MISP feed, or the table of lists; raises what is refused."""
    caller = caller_of(environ, "lists:read")
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD"):
        refused = {"code": "method", "what": f"{method} is not done here", "do": "Use GET, HEAD"}
        plain = wire.json(refused, 405)
        return wire.send(Answer(405, plain.body, headers={"Allow": "GET, HEAD"}), start_response)
    path = environ["PATH_INFO"].removeprefix(PREFIX)
    if path in ("", "/"):
        return wire.send(_table(caller.audience), start_response)
    if event := _EVENT.fullmatch(path):
        return _misp(environ, start_response, caller.audience, event[1])
    found = _NAME.fullmatch(path)
    if found is None:
        raise NotFound("path", "There is no such list", do=f"See {PREFIX}")
    return _list(environ, start_response, caller, found)


def _table(audience: Audience) -> Answer:
    """Every list there is, and in which formats."""
    rows = [
        {
            "name": name,
            "formats": [
                each.name for each in FORMATS.values() if each.write and kinds & each.kinds
            ],
        }
        for name, kinds in lists.NAMES.items()
    ]
    feed = {"name": "misp", "formats": ["misp"], "url": f"{PREFIX}/misp/manifest.json"}
    return wire.json({"audience": audience.value, "lists": [*rows, feed]})


def _list(
    environ: Environ, start_response: StartResponse, caller: members.Caller, found: re.Match[str]
) -> Iterable[bytes]:
    name, form, zipped = found[1], _ALIASES.get(found[2], found[2]), found[3] is not None
    verdicts = _verdicts(environ.get("QUERY_STRING", ""))
    wanted = lists.list_of(name, form, caller.audience, verdicts)
    if wanted.format.write is None:
        raise NotFound("list", "MISP reads a feed", do=f"Fetch {PREFIX}/misp/manifest.json")
    at = clock.now()
    encoded = not zipped and _takes_gzip(environ)
    facts = (wanted.name, form, caller.audience.value, *sorted(verdicts), zipped or encoded)
    tag = _tag(facts, at)
    headers = _headers(tag, "application/gzip" if zipped else wanted.format.media_type)
    if encoded:
        headers.append(("Content-Encoding", "gzip"))
    if _is_known(environ, tag):
        start_response("304 Not Modified", _without_type(headers))
        return []
    if environ["REQUEST_METHOD"] == "HEAD":
        start_response("200 OK", headers)
        return []
    parts = _begun(lists.pieces(wanted, at))
    start_response("200 OK", headers)
    return _zipped(parts) if zipped or encoded else parts


def _misp(
    environ: Environ, start_response: StartResponse, audience: Audience, name: str
) -> Iterable[bytes]:
    """The manifest, which makes the feed anew where it has changed, or one of its events."""
    at = clock.now()
    folder = settings.DATA / "lists" / f"misp-{audience.value}"
    wanted = lists.list_of("all", "misp", audience)
    document = feeds.document(folder, wanted, name, signals.listing_state(at), at)
    tag = f'"{document.sha256}"'
    headers = _headers(tag, "application/json")
    if _is_known(environ, tag):
        start_response("304 Not Modified", _without_type(headers))
        return []
    start_response("200 OK", [*headers, ("Content-Length", str(len(document.body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [document.body]


def _verdicts(query: str) -> tuple[Verdict, ...]:
    given = parse_qsl(query, keep_blank_values=True, max_num_fields=8)
    if any(name != "verdict" for name, _ in given):
        raise Malformed("parameter", "Only `verdict` is known here", do="Ask ?verdict=suspicious")
    found = [text for _, text in given] or [Verdict.SCAM.value]
    if not set(found) <= {Verdict.SCAM.value, Verdict.SUSPICIOUS.value}:
        raise Malformed("verdict", "Lists are of verdict scam or suspicious")
    return tuple(Verdict(text) for text in dict.fromkeys(found))


def _tag(facts: tuple[object, ...], at: Micros) -> str:
    """Weak, since the time in a heading may differ where nothing else does (RFC 9110, 8.8.1)."""
    words = "-".join(str(fact) for fact in facts)
    return f'W/"{signals.listing_state(at)}-{at // TICK}-{words}"'


def _is_known(environ: Environ, tag: str) -> bool:
    """Whether If-None-Match names this tag (RFC 9110, 13.1.2: the weak comparison)."""
    bare = tag.removeprefix("W/")
    given = environ.get("HTTP_IF_NONE_MATCH", "")
    return any(
        each.strip().removeprefix("W/") == bare or each.strip() == "*" for each in given.split(",")
    )


def _headers(tag: str, media_type: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", media_type),
        ("ETag", tag),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "Authorization, Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
    ]


def _without_type(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [each for each in headers if each[0] not in ("Content-Type", "Content-Encoding")]


def _takes_gzip(environ: Environ) -> bool:
    given = environ.get("HTTP_ACCEPT_ENCODING", "").lower()
    for each in given.split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() == "gzip":
            return not re.fullmatch(r"\s*q=0(?:\.0*)?\s*", weight)
    return False


def _begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts, with the first at hand: what fails at once can still be answered as an error."""
    first = next(parts, b"")

    def rest() -> Iterator[bytes]:
        yield first
        yield from parts

    return rest()


def _zipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6, mtime=0) as packed:
        for part in parts:
            packed.write(part)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
