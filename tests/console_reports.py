"""Reports on a founded node, as the pages of the console meet them: short words for tests."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

from django.test import Client
from django.urls import reverse

from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, GivenLoss, GivenValue, NewReport
from hueandcry.core.types import Actor
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node

#: How a page that asks for a purpose is answered.
PURPOSE: Final = {"purpose_asked": "GET", "purpose": "victim", "reference": "case 7"}
AGREED: Final = frozenset({Consent.SIGNALS})
#: A message with a value of most kinds that name somebody.
THAI: Final = (
    "คุณมีพัสดุตกค้าง กรุณายืนยันที่ https://thai-post.evil.example/pay แล้วโทร 081-234-5678 "
    "โอนไปบัญชี 123-4-56789-0 จำนวน 25,000 บาท รหัสของคุณคือ 482913"
)


class Intake:
    """What reporters do to a node."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def submitted(self, text: str = "", **more: Any) -> reports.Submitted:
        new = {
            "source": reports.Source.PUBLIC,
            "market": "TH",
            "consents": AGREED,
            "wording": "test-1",
            **more,
        }
        with unit_of_work():
            return reports.submit(Actor(""), NewReport(text=text, **new), self.node.now)

    def waiting(self, text: str = "", *values: str, **more: Any) -> int:
        """The number of a report that was read: it is in the queue."""
        given = more.pop("given", tuple(GivenValue(value) for value in values))
        sent = self.submitted(text, values=given, **more)
        while reports.read_some(self.node.now):
            pass
        return sent.number

    def opened(self, number: int) -> reports.Opened:
        with unit_of_work():
            return reports.open_report(number, Actor(""), "test", self.node.now)


def loss(amount: str = "25000", **more: Any) -> GivenLoss:
    return GivenLoss(amount, more.pop("currency", "THB"), **more)


def url(name: str, *args: int) -> str:
    return reverse(f"console:{name}", args=args)


def opened(client: Client, page: str, status: int = 200, **query: Any) -> str:
    """The text of a page."""
    response = client.get(page, query, secure=True)
    assert response.status_code == status, response.content.decode()[-2000:]
    return unescape(response.content.decode())


def posted(client: Client, page: str, status: int = 302, **fields: Any) -> str:
    """The text of the page that a form leads to, or its address where it leads elsewhere."""
    response = client.post(page, fields, secure=True)
    assert response.status_code == status, response.content.decode()[-2000:]
    return (
        str(response.headers["location"]) if status == 302 else unescape(response.content.decode())
    )


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def rows(html: str) -> list[int]:
    """The numbers of reports in the order of the page."""
    return [int(found) for found in re.findall(r"reports/(\d+)/[^\"]*\" data-row", html)]


def act(client: Client, number: int, what: str, status: int = 302, **fields: Any) -> str:
    return posted(client, url("report_act", number), status, act=what, **fields)
