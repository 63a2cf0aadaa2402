"""The only way out, on real sockets of this machine."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hueandcry.core.errors import Malformed
from hueandcry.engine.egress.client import Egress
from loopback import OK, Answer, Server, refusal
from loopback_tls import certificate

# --- one request --------------------------------------------------------------------------------


def test_a_request_goes_out_as_written_and_its_answer_comes_back(
    serve: Callable[..., Server], out: Egress
) -> None:
    server = serve(
        b"HTTP/1.1 202 Accepted\r\nX-A: 1\r\nx-a: 2\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 3\r\n\r\nraw"
    )
    path = "/peer/v1/a%2Fb/../c?x=%20&y"
    answer = out.request("POST", server.url(path), {"Signature": "sig=:x:"}, b"body")
    assert (answer.status, answer.body) == (202, b"raw")
    assert answer.headers["x-a"] == "1, 2"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == f"POST {path} HTTP/1.1".encode()
    assert set(lines[1:]) == {
        f"host: 127.0.0.1:{server.port}".encode(),
        b"accept-encoding: identity",
        b"user-agent: hueandcry",
        b"content-length: 4",
        b"signature: sig=:x:",
    }
    assert body == b"body"


def test_a_get_has_no_body_and_a_post_without_one_says_so(
    serve: Callable[..., Server], out: Egress
) -> None:
    server = serve()
    out.request("GET", server.url())
    out.request("POST", server.url())
    assert b"content-length" not in server.requests[0]
    assert b"content-length: 0" in server.requests[1]


def test_a_redirect_is_an_answer_and_is_not_followed(
    serve: Callable[..., Server], out: Egress
) -> None:
    server = serve(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    )
    assert out.request("GET", server.url()).status == 302
    assert len(server.requests) == 1


def test_proxies_of_the_environment_are_not_used(
    serve: Callable[..., Server], out: Egress, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert out.request("GET", serve().url()).body == b"ok"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "other.example"},
        {"content-length": "1"},
        {"Transfer-Encoding": "chunked"},
        {"x": "a\r\nb: c"},
        {"x y": "a"},
        {"x": "日本"},
        {"é": "x"},
    ],
)
def test_a_header_that_would_change_the_request_is_refused(
    serve: Callable[..., Server], out: Egress, headers: dict[str, str]
) -> None:
    server = serve()
    with pytest.raises(Malformed):
        out.request("POST", server.url(), headers, b"x")
    assert server.requests == []
    assert out.request("GET", server.url()).body == b"ok"


@pytest.mark.parametrize("method", ["CONNECT", "get", "GET /\r\n", ""])
def test_a_method_that_is_not_ours_is_refused(out: Egress, method: str) -> None:
    with pytest.raises(Malformed):
        out.request(method, "https://a.example/")


# --- keep-alive ---------------------------------------------------------------------------------


def test_a_connection_is_kept_for_the_next_request(
    serve: Callable[..., Server], out: Egress
) -> None:
    server = serve()
    for _ in range(20):
        out.request("GET", server.url())
    assert (server.connections, len(server.requests)) == (1, 20)


def test_two_names_of_one_address_do_not_share_a_connection(
    serve: Callable[..., Server], out: Egress, names: dict[str, list[str]]
) -> None:
    server = serve()
    names |= {"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]}
    for host in ("a.test", "b.test", "a.test"):
        out.request("GET", server.url(host=host))
    assert server.connections == 2
    assert [b"host: b.test" in request for request in server.requests] == [False, True, False]


def test_a_connection_that_the_server_closed_is_replaced(
    serve: Callable[..., Server], out: Egress
) -> None:
    def once(connection: socket.socket) -> None:
        connection.sendall(OK)

    server = serve(once)
    for _ in range(5):
        assert out.request("GET", server.url()).body == b"ok"
        time.sleep(0.02)
    assert server.connections == 5


def test_many_threads_share_one_way_out(serve: Callable[..., Server], out: Egress) -> None:
    def closing(connection: socket.socket) -> None:
        connection.sendall(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    server, other = serve(), serve(closing)
    urls = [server.url(f"/{i}") if i % 3 else other.url(f"/{i}") for i in range(300)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda url: out.request("GET", url).status, urls))
    assert answers == [200] * 300
    paths = {request.split(b" ")[1] for request in server.requests + other.requests}
    assert len(paths) == 300
    assert server.connections <= 8


# --- bounds and failures ------------------------------------------------------------------------


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for i in range(100):
        connection.sendall(f"x-{i}: y\r\n".encode())
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [drip, drip_head, lambda connection: time.sleep(2)])
def test_a_slow_server_is_left_when_the_time_of_the_whole_request_is_over(
    serve: Callable[..., Server], out: Egress, answer: Answer
) -> None:
    server, start = serve(answer), time.monotonic()
    assert refusal(lambda: out.request("GET", server.url(), timeout=0.3)).code == "timeout"
    assert 0.2 < time.monotonic() - start < 1.5


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"400\r\n" + b"x" * 1_024 + b"\r\n")


def test_an_endless_answer_is_cut_at_the_bound(serve: Callable[..., Server], out: Egress) -> None:
    server = serve(endless)
    error = refusal(lambda: out.request("GET", server.url(), max_bytes=100_000))
    assert error.code == "too_large"


def test_the_bound_itself_is_allowed(serve: Callable[..., Server], out: Egress) -> None:
    server = serve()
    assert out.request("GET", server.url(), max_bytes=2).body == b"ok"
    assert refusal(lambda: out.request("GET", server.url(), max_bytes=1)).code == "too_large"
    assert out.request("GET", server.url()).body == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000,
        lambda connection: None,
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"),
    ],
)
def test_an_answer_that_is_not_http_or_not_whole_is_no_answer(
    serve: Callable[..., Server], out: Egress, answer: Answer
) -> None:
    assert refusal(lambda: out.request("GET", serve(answer).url())).code == "unreachable"


def test_nobody_there_is_said_plainly(out: Egress) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refusal(lambda: out.request("GET", f"http://127.0.0.1:{port}/"))
    assert error.code == "unreachable"
    assert f"127.0.0.1:{port}" in error.what


def test_a_name_without_an_address_is_said_plainly(
    out: Egress, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    error = refusal(lambda: out.request("GET", "https://gone.test/"))
    assert (error.code, error.why) == ("unreachable", "Name or service not known")


def test_failed_requests_leave_no_connection_behind(
    serve: Callable[..., Server], out: Egress
) -> None:
    server = serve(*[b"garbage\r\n\r\n"] * 150, OK)
    for _ in range(150):
        refusal(lambda: out.request("GET", server.url()))
    assert out.request("GET", server.url()).body == b"ok"


# --- TLS ----------------------------------------------------------------------------------------


def test_https_is_checked_against_the_name_that_was_called(
    serve: Callable[..., Server], names: dict[str, list[str]], tmp_path: Path
) -> None:
    server_side, trust = certificate(tmp_path, "node.test")
    server = serve(tls=server_side)
    names |= {"node.test": ["127.0.0.1"], "thief.test": ["127.0.0.1"]}
    with Egress(allow_private=True, timeout=5, trust=trust) as trusting:
        for _ in range(3):
            assert trusting.request("GET", server.url("/x", "node.test", "https")).body == b"ok"
        error = refusal(lambda: trusting.request("GET", server.url("/", "thief.test", "https")))
    assert error.code == "certificate"
    assert "thief.test" in error.why
    assert server.names == ["node.test", "thief.test"]
    assert len(server.requests) == 3


def test_https_to_an_address_is_checked_against_the_address(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server_side, trust = certificate(tmp_path, "127.0.0.1")
    server = serve(tls=server_side)
    with Egress(allow_private=True, timeout=5, trust=trust) as trusting:
        assert trusting.request("GET", server.url(scheme="https")).body == b"ok"


def test_a_certificate_of_an_unknown_authority_is_refused(
    serve: Callable[..., Server], out: Egress, tmp_path: Path
) -> None:
    server = serve(tls=certificate(tmp_path, "127.0.0.1")[0])
    assert refusal(lambda: out.request("GET", server.url(scheme="https"))).code == "certificate"
    assert server.requests == []


def test_a_server_that_speaks_no_tls_is_unreachable(
    serve: Callable[..., Server], out: Egress
) -> None:
    server = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    error = refusal(lambda: out.request("GET", server.url(scheme="https"), timeout=1))
    assert error.code in {"unreachable", "timeout"}


# --- cost ---------------------------------------------------------------------------------------


def test_a_request_on_a_kept_connection_costs_less_than_a_millisecond_of_cpu(
    serve: Callable[..., Server], out: Egress
) -> None:
    url = serve().url("/peer/v1/batches?lane=live")
    headers = {"content-digest": "x" * 60, "signature-input": "y" * 300, "signature": "z" * 96}
    out.request("POST", url, headers, b"x" * 20_000)
    start = time.thread_time()
    for _ in range(300):
        out.request("POST", url, headers, b"x" * 20_000)
    assert (time.thread_time() - start) / 300 < 0.001
