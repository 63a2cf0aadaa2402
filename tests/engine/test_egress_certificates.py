"""What certificate a server shows, and what is wrong with one that is not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hueandcry.core.errors import Malformed, Unreachable
from hueandcry.core.types import DAY, SECOND
from hueandcry.engine import clock
from hueandcry.engine.egress.certificates import certificate
from loopback import Server
from loopback_tls import certificate as made


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(**more: object) -> Server:
        server = Server(**more)  # type: ignore[arg-type]
        started.append(server)
        return server

    yield start
    for server in started:
        server.close()


def test_a_certificate_is_read_with_its_names_and_its_end(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server_side, trust = made(tmp_path, "127.0.0.1")
    server = serve(tls=server_side)
    shown = certificate(server.url(scheme="https"), trust)
    assert (shown.host, shown.names) == ("127.0.0.1", ("127.0.0.1",))
    assert abs(shown.not_after - clock.now() - DAY) < 60 * SECOND
    assert shown.issuer == "127.0.0.1"
    assert server.requests == []


def test_one_that_is_not_believed_says_why(serve: Callable[..., Server], tmp_path: Path) -> None:
    server_side, _ = made(tmp_path, "127.0.0.1")
    server = serve(tls=server_side)
    with pytest.raises(Unreachable) as caught:
        certificate(server.url(scheme="https"))
    assert caught.value.code == "certificate"
    assert "self" in caught.value.why


def test_one_for_another_host_says_so(serve: Callable[..., Server], tmp_path: Path) -> None:
    server_side, trust = made(tmp_path, "node.test")
    server = serve(tls=server_side)
    with pytest.raises(Unreachable) as caught:
        certificate(server.url(scheme="https"), trust)
    assert caught.value.code == "certificate" and "127.0.0.1" in caught.value.why


def test_where_nobody_listens_it_is_unreachable() -> None:
    with pytest.raises(Unreachable) as caught:
        certificate("https://127.0.0.1:9/")
    assert caught.value.code == "unreachable"


def test_an_http_address_shows_none() -> None:
    with pytest.raises(Unreachable) as caught:
        certificate("http://127.0.0.1/")
    assert caught.value.code == "not_https"
    with pytest.raises(Malformed):
        certificate("ftp://127.0.0.1/")
