"""Partnerships of real nodes, one for each module that needs one; marked `nodes`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.partnership import Node, partnership

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.nodes)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Node]]:
    """Three members, each the peer of both others."""
    with partnership(tmp_path_factory.mktemp("mesh"), "ABC", ("AB", "AC", "BC")) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Node]]:
    """Three members in a row: A and C know each other only through B."""
    with partnership(tmp_path_factory.mktemp("chain"), "ABC", ("AB", "BC")) as nodes:
        yield nodes
