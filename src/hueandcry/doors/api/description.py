"""The OpenAPI 3.1 description of the API, from the table and the structs."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

import msgspec

from hueandcry.client.answers import Problem
from hueandcry.doors.api import problems
from hueandcry.doors.api.endpoint import BASE, PARAMETERS, Endpoint

_REF: Final = "#/components/schemas/{name}"
_PROBLEM: Final = {"$ref": _REF.format(name="Problem")}

_LINK: Final = {"description": "the next page (RFC 8288)", "schema": {"type": "string"}}
_RETRY: Final = {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 0}}
_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "done once for each key of a token, for 24 hours; the same answer comes again",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}

_NAME: Final = {
    "name": "Content-Disposition",
    "in": "header",
    "required": False,
    "description": 'what the file is called (RFC 6266): attachment; filename="screen.png"',
    "schema": {"type": "string"},
}


def statuses(endpoint: Endpoint) -> list[int]:
    """Every status that an endpoint may answer with."""
    found = {endpoint.status, 400, 401, 403, 406, 429, 500, 503, *endpoint.statuses}
    if endpoint.body is not None or endpoint.file:
        found |= {413, 415, 422}
    if endpoint.takes_key:
        found |= {409, 422}
    return sorted(found)


def openapi(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole description as plain values."""
    types: set[type[msgspec.Struct]] = {Problem}
    types |= {t for e in endpoints for t in (e.answer, e.body) if t is not None}
    ordered = sorted(types, key=lambda t: t.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operations = paths.setdefault(BASE + endpoint.path, {})
        operations[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hue and Cry",
            "version": version("hueandcry"),
            "description": "The JSON API of a node: check, raise, read, and be told.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }


_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "the text of a token"},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "the name of a token and its text, for tools that know no other way",
    },
}


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    about = " ".join(filter(None, (endpoint.about, _rights(endpoint))))
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": about,
        "tags": [endpoint.tag],
        "parameters": [*_path(endpoint), *_query(endpoint)],
        "responses": {str(status): _response(endpoint, status) for status in statuses(endpoint)},
    }
    if endpoint.takes_key:
        found["parameters"].append(_KEY)
    if endpoint.body is not None:
        content = {"schema": {"$ref": _REF.format(name=endpoint.body.__name__)}}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    if endpoint.file:
        found["parameters"].append(_NAME)
        found["requestBody"] = {
            "required": True,
            "description": f"the bytes of one file, at most {endpoint.file >> 20} MiB",
            "content": {"application/octet-stream": {}},
        }
    return found


def _rights(endpoint: Endpoint) -> str:
    scope = f"Scope: `{endpoint.scope}`." if endpoint.scope else "Any valid token."
    return f"{scope} Audience: `own`." if endpoint.ours else scope


def _path(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": PARAMETERS[name][1]}
        for name in endpoint.parameters
    ]


def _query(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Query parameters: none of our structs for queries refers to another struct."""
    if endpoint.query is None:
        return []
    _, held = msgspec.json.schema_components([endpoint.query], ref_template=_REF)
    schema = held[endpoint.query.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": each}
        for name, each in schema["properties"].items()
    ]


def _response(endpoint: Endpoint, status: int) -> dict[str, Any]:
    if status != endpoint.status:
        return _refusal(status)
    if endpoint.answer is None:
        return {"description": endpoint.summary}
    schema = {"$ref": _REF.format(name=endpoint.answer.__name__)}
    found: dict[str, Any] = {
        "description": endpoint.summary,
        "content": {"application/json": {"schema": schema}},
    }
    if endpoint.paged:
        found["headers"] = {"Link": _LINK}
    return found


def _refusal(status: int) -> dict[str, Any]:
    codes = sorted(code for code, known in problems.CODES.items() if known.status == status)
    words = f": {', '.join(codes)}" if codes else ""
    found: dict[str, Any] = {
        "description": HTTPStatus(status).phrase + words,
        "content": {problems.TYPE: {"schema": _PROBLEM}},
    }
    if status == 429:
        found["headers"] = {"Retry-After": _RETRY}
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found
