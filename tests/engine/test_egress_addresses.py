"""Where a node may call and where not: addresses, URLs, and names that resolve to both."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import HueError, Malformed
from hueandcry.engine.egress.addresses import Reach, embedded, reach
from hueandcry.engine.egress.client import Egress
from hueandcry.engine.egress.target import read_url
from loopback import Server, refusal

# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_public_addresses_are_public(address: str) -> None:
    assert reach(address) is Reach.PUBLIC


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "::1",
        "fc00::1",
        "fd12:3456::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
    ],
)
def test_loopback_private_and_shared_addresses_need_permission(address: str) -> None:
    assert reach(address) is Reach.PRIVATE


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.1.1",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "168.63.129.16",
        "100.100.100.200",
        "::",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "64:ff9b:1::1",
        "::127.0.0.1",
        "100::1",
        "5f00::1",
        "3fff::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "localhost",
        "",
    ],
)
def test_link_local_reserved_multicast_and_metadata_addresses_are_never_called(
    address: str,
) -> None:
    assert reach(address) is Reach.NEVER


@given(st.ip_addresses())
def test_what_counts_as_public_is_global_by_the_registries_too(address: Any) -> None:
    if reach(str(address)) is Reach.PUBLIC:
        assert embedded(address).is_global


# --- URLs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/",
        "//a.example/",
        "https:/a.example",
        "https://",
        "HTTPS://a.example/",
        "https://user@a.example/",
        "https://user:pw@a.example/",
        "https://a.example/#top",
        "https://a.example/a b",
        "https://a.example/\n",
        "https://a.example\\@b.example/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:/",
        "https://[::1/",
        "https://[::g]/",
        "https://[127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://ünïcode.example/",
        "https://a..example/",
        "https://.example/",
        "https://a.example/é",
        f"https://a.example/{9_000 * 'a'}",
    ],
)
def test_a_url_that_is_not_in_the_one_form_is_refused(url: str) -> None:
    with pytest.raises(Malformed):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "authority", "path", "query"),
    [
        ("https://A.example", "a.example", "/", ""),
        ("https://a.example:443/x", "a.example", "/x", ""),
        ("http://a.example:443/?", "a.example:443", "/", "?"),
        ("https://[FD00::1]:8443/a%2f//../b?x=%20?/", "[fd00::1]:8443", "/a%2f//../b", "?x=%20?/"),
    ],
)
def test_a_url_is_read_and_its_path_left_as_it_was_written(
    url: str, authority: str, path: str, query: str
) -> None:
    target = read_url(url)
    assert (target.authority, target.path, target.query) == (authority, path, query)


@given(st.text(max_size=60) | st.from_regex(r"https?://.{0,40}"))
def test_no_url_makes_the_reader_stumble(url: str) -> None:
    with suppress(HueError):
        assert read_url(url).host


# --- where it may go ----------------------------------------------------------------------------


def test_private_addresses_are_refused_before_anything_is_sent(
    serve: Callable[..., Server], names: dict[str, list[str]]
) -> None:
    server = serve()
    names["inside.test"] = ["127.0.0.1"]
    with Egress() as closed:
        for url in (server.url(), server.url(host="localhost"), server.url(host="inside.test")):
            for scheme in ("http", "https"):
                wanted = url.replace("http", scheme, 1)
                assert refusal(partial(closed.request, "GET", wanted)).code == "refused_address"
    assert server.connections == 0


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001", "[::1]"])
def test_other_spellings_of_loopback_are_refused_too(
    serve: Callable[..., Server], host: str
) -> None:
    server = serve()
    with Egress() as closed:
        assert refusal(lambda: closed.request("GET", server.url(host=host))).code in {
            "refused_address",
            "unreachable",
        }
    assert server.connections == 0


def test_one_private_address_among_public_ones_refuses_the_host(
    names: dict[str, list[str]],
) -> None:
    names["mixed.test"] = ["8.8.8.8", "10.0.0.1"]
    with Egress() as closed:
        error = refusal(lambda: closed.request("GET", "https://mixed.test/"))
    assert error.code == "refused_address"
    assert "10.0.0.1" in error.what


def test_permission_is_asked_per_host_and_address(
    serve: Callable[..., Server], names: dict[str, list[str]]
) -> None:
    server = serve()
    names |= {"partner.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}
    asked: list[tuple[str, str]] = []

    def allow(host: str, address: str) -> bool:
        asked.append((host, address))
        return host == "partner.test"

    with Egress(allow) as listed:
        assert listed.request("GET", server.url(host="partner.test")).body == b"ok"
        error = refusal(lambda: listed.request("GET", server.url(host="other.test")))
    assert error.code == "refused_address"
    assert asked == [("partner.test", "127.0.0.1"), ("other.test", "127.0.0.1")]


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "fe80::1", "224.0.0.1"])
def test_no_permission_opens_link_local_metadata_or_multicast(
    out: Egress, names: dict[str, list[str]], address: str
) -> None:
    names["meta.test"] = [address]
    assert refusal(lambda: out.request("GET", "http://meta.test/")).code == "refused_address"


def test_http_never_leaves_for_the_public_net(out: Egress, names: dict[str, list[str]]) -> None:
    names["public.test"] = ["8.8.8.8"]
    assert refusal(lambda: out.request("GET", "http://public.test/")).code == "not_https"


def test_a_name_that_changes_after_the_check_changes_nothing(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer would point elsewhere, and is never asked for."""
    server = serve()
    real, asked = socket.getaddrinfo, []

    def rebinding(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "rebind.test":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.66"
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with Egress(lambda host, address: address == "127.0.0.1") as careful:
        assert careful.request("GET", server.url(host="rebind.test")).body == b"ok"
    assert asked == ["rebind.test"]


def test_the_next_address_is_tried_when_the_first_does_not_answer(
    serve: Callable[..., Server], out: Egress, names: dict[str, list[str]]
) -> None:
    names["two.test"] = ["127.0.0.2", "127.0.0.1"]
    assert out.request("GET", serve().url(host="two.test")).body == b"ok"
