"""The console's sessions: bound, ending, worth nothing elsewhere."""

from __future__ import annotations

import pytest

from console_scene import one_with
from node_scene import Node


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(monkeypatch)


def test_somebody_with_both_factors_sees_their_account(node: Node) -> None:
    client = one_with("analyst")
    page = client.get("/console/account/", secure=True)
    assert page.status_code == 200, page.content.decode()
    assert "analyst" in page.content.decode()
