"""The documentation of the API from its table: as Markdown for the repository, as a page here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

import msgspec

from hueandcry.doors.api import description, problems
from hueandcry.doors.api.endpoint import BASE, Endpoint
from hueandcry.doors.api.table import TAGS
from hueandcry.doors.desk.wire import Answer

_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def markdown(endpoints: Sequence[Endpoint]) -> str:
    """Every endpoint, every shape and every code."""
    return "\n".join([_HEAD, *_endpoints(endpoints), *_shapes(endpoints), *_codes()]) + "\n"


_HEAD: Final = f"""# The JSON API

<!-- made from src/hueandcry/doors/api/table.py by `python -m hueandcry.doors.api`; do not edit -->

Below `{BASE}`, for partners, banks and scripts. The same description for machines is
`{BASE}/openapi.json` (OpenAPI 3.1); a node shows this page at `{BASE}/`. The Python client is
described in [client.md](client.md), what is sent to webhooks in [webhooks.md](webhooks.md).

```sh
hueandcry token new --audience green --scope lookup --scope signals:read --scope claims:write
curl -H "Authorization: Bearer $TOKEN" "https://node.example/api/v1/signal?value=login.example"
curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -H "Idempotency-Key: $(uuidgen)" -d '{{"value": "login.example", "lure": "investment"}}' \\
  https://node.example/api/v1/claims
```

- **Who asks.** `Authorization: Bearer TOKEN`, or Basic with the token's name and text. A token has
  scopes and reads one audience (see [configuration.md](configuration.md)). A refused token, scope
  or audience is noted in the access log.
- **Bodies** are JSON in UTF-8, at most 1 MiB. Members that are unknown, or that stand twice, are
  refused. Where the body is a file it is sent as it is, with its `Content-Length`.
- **Times** are RFC 3339 in UTC. Answers may grow by new members; none is renamed or taken away.
- **Pages.** `limit` and `cursor`; the next cursor is `next`, and stands in the `Link` header.
  Cursors are opaque, and good for tokens of the same member and audience.
- **Once.** Every POST with an effect takes an `Idempotency-Key` (1 to 255 visible ASCII signs).
  For 24 hours the same key of the same token gives the same answer, with `Idempotency-Replayed:
  true`, and does nothing again, whatever was killed in between. A refused request is not kept: its
  key may be used again.
- **Rates.** Beyond the rate of a token: `429` with `Retry-After`. A request about many values costs
  more than one about one.
- **Errors** are problem details (RFC 9457) with a stable `code`, listed [below](#codes).
"""


def _endpoints(endpoints: Sequence[Endpoint]) -> Iterator[str]:
    for tag, words in TAGS.items():
        yield f"## {tag.capitalize()}\n\n{words}\n"
        for endpoint in endpoints:
            if endpoint.tag == tag:
                yield from _endpoint(endpoint)


def _endpoint(endpoint: Endpoint) -> Iterator[str]:
    yield f"### `{endpoint.method} {BASE}{endpoint.path}`\n"
    yield f"{endpoint.summary}. {endpoint.about}".strip() + "\n"
    yield f"| scope | {_scope(endpoint)} |\n| --- | --- |"
    if endpoint.query is not None:
        yield f"| query | {_members(endpoint.query)} |"
    if endpoint.body is not None:
        yield f"| body | [{endpoint.body.__name__}](#{endpoint.body.__name__.lower()}) |"
    if endpoint.file:
        yield f"| body | the bytes of one file, at most {endpoint.file >> 20} MiB |"
    yield f"| answer | {_answer(endpoint)} |"
    others = [s for s in description.statuses(endpoint) if s not in (endpoint.status, 500, 503)]
    yield f"| refusals | {', '.join(map(str, others))} |"
    if endpoint.codes:
        yield f"| codes | {', '.join(f'`{code}`' for code in endpoint.codes)} |"
    if endpoint.takes_key:
        yield "| `Idempotency-Key` | yes |"
    yield ""


def _scope(endpoint: Endpoint) -> str:
    scope = f"`{endpoint.scope}`" if endpoint.scope else "any"
    return f"{scope}, audience `own`" if endpoint.ours else scope


def _answer(endpoint: Endpoint) -> str:
    if endpoint.answer is None:
        return f"{endpoint.status}, nothing"
    name = endpoint.answer.__name__
    return f"{endpoint.status}, [{name}](#{name.lower()})"


def _members(struct: type[msgspec.Struct]) -> str:
    _, held = msgspec.json.schema_components([struct], ref_template="{name}")
    schema = held[struct.__name__]
    required = schema.get("required", [])
    return ", ".join(
        f"`{name}`" + ("" if name in required else "?") for name in schema["properties"]
    )


# --- shapes --------------------------------------------------------------------------------------


def _shapes(endpoints: Sequence[Endpoint]) -> Iterator[str]:
    held = description.openapi(endpoints)["components"]["schemas"]
    yield "## Shapes\n"
    for name, schema in sorted(held.items()):
        yield f"### {name}\n\n{schema.get('description', '')}\n"
        yield "| member | is | means |\n| --- | --- | --- |"
        required = schema.get("required", [])
        for member, each in schema["properties"].items():
            mark = "" if member in required else "?"
            yield f"| `{member}`{mark} | {_kind(each)}{_default(each)} | {_means(each)} |"
        yield ""


def _default(schema: dict[str, Any]) -> str:
    """What is taken when nothing is said, if that is something."""
    value = schema.get("default")
    return f"; default `{value}`" if value not in (None, "", []) else ""


def _means(schema: dict[str, Any]) -> str:
    return str(schema.get("description", ""))


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        most = f", at most {schema['maxItems']:_}".replace("_", " ") if "maxItems" in schema else ""
        return f"list of {_kind(schema['items'])}{most}"
    if schema.get("type") == "object":
        return "object"
    return _scalar(schema)


def _scalar(schema: dict[str, Any]) -> str:
    kind = schema.get("format") or schema.get("type", "anything")
    names = {"minimum": "from", "maximum": "to", "minLength": "from", "maxLength": "to"}
    bounds = [f"{word} {schema[name]}" for name, word in names.items() if name in schema]
    unit = " letters" if "maxLength" in schema else ""
    return f"{kind}, {' '.join(bounds)}{unit}" if bounds else str(kind)


# --- codes ---------------------------------------------------------------------------------------


def _codes() -> Iterator[str]:
    yield "## Codes\n"
    yield "Codes of the rules (a value that cannot be read, a claim that there is not) come beside"
    yield "these, with 404, 409 or 422 and their own words.\n"
    yield "| code | status | means |\n| --- | --- | --- |"
    for code, (status, title) in problems.CODES.items():
        yield f"| `{code}` | {status} | {title} |"


# --- the page ------------------------------------------------------------------------------------


def answer(endpoints: Sequence[Endpoint]) -> Answer:
    """The documentation as a page that loads nothing and runs nothing."""
    page = _page(markdown(endpoints)).encode()
    return Answer(
        200, page, "text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY}
    )


def _page(text: str) -> str:
    """The Markdown that we write ourselves as HTML: headings, tables, lists, paragraphs."""
    body = "\n".join(_blocks(text))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Hue and Cry: the JSON API'
        f"</title></head><body><main>\n{body}\n</main></body></html>\n"
    )


def _blocks(text: str) -> Iterator[str]:
    for block in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).split("\n\n"):
        lines = [line for line in block.split("\n") if line]
        if not lines:
            continue
        if lines[0].startswith("#"):
            level, _, words = lines[0].partition(" ")
            anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            yield f'<h{len(level)} id="{anchor}">{_inline(words)}</h{len(level)}>'
            lines = lines[1:]
        if lines and lines[0].startswith("|"):
            yield _table(lines)
        elif lines and lines[0].startswith("```"):
            yield "<pre>" + escape("\n".join(lines[1:-1])) + "</pre>"
        elif lines and lines[0].startswith("- "):
            items = re.split(r"\n- ", "\n".join(lines)[2:])
            yield "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
        elif lines:
            yield f"<p>{_inline(' '.join(lines))}</p>"


def _table(lines: Sequence[str]) -> str:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    body = [row for row in rows if set("".join(row)) - set("- ")]
    return "<table>" + "".join(_row(row) for row in body) + "</table>"


def _row(cells: Sequence[str]) -> str:
    code = re.fullmatch(r"`([a-z_0-9]+)`", cells[0])
    anchor = f' id="{code[1]}"' if code and code[1] in problems.CODES else ""
    return f"<tr{anchor}>" + "".join(f"<td>{_inline(cell)}</td>" for cell in cells) + "</tr>"


def _inline(text: str) -> str:
    text = escape(text, quote=True)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\[([^\]]+)\]\((#[\w-]+)\)", r'<a href="\2">\1</a>', text)
