"""What a reporter does on the public pages, for tests: send a report, come back by its code."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

_CODE = re.compile(r'<strong class="code"[^>]*>([0-9A-Z-]{34})</strong>')


def token(client: Client) -> str:
    html = client.get("/report").content.decode()
    (found,) = re.findall(r'name="token" value="([^"]+)"', html)
    return str(found)


def sent(client: Client, status: int = 200, **fields: Any) -> str:
    """The page that answers a report."""
    fields.setdefault("token", token(client))
    response = client.post("/report", fields)
    assert response.status_code == status
    return unescape(response.content.decode())


def code_in(html: str) -> str:
    found = _CODE.search(html)
    assert found, "no code is shown"
    return found[1]


def mine(client: Client, code: str, status: int = 200, **fields: Any) -> str:
    """The page that the holder of a code gets."""
    response = client.post("/my-report", {"code": code, **fields})
    assert response.status_code == status
    return unescape(response.content.decode())
