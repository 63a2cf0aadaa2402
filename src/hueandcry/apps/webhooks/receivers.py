"""Which addresses notices may go to: https on the public net, and what the operator lists."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from typing import Final

from hueandcry.core.errors import NotPermitted
from hueandcry.engine.egress.client import Egress
from hueandcry.engine.egress.listing import is_listed
from hueandcry.engine.egress.target import read_url
from hueandcry.engine.policy import face as policy

PRIVATE: Final = policy.declare(
    policy.Setting(
        "webhooks.private",
        tuple,
        (),
        "hosts, addresses or networks in private ranges that notices may go to, by http too",
    )
)
#: Seconds for one notice: a receiver that needs longer should answer first and work afterwards.
TIMEOUT: Final = 15.0


@cache
def egress() -> Egress:
    """The way out for notices."""
    return Egress(allow_private=allowed, timeout=TIMEOUT)


def check_url(url: str) -> None:
    """Refuses at once what would never be called; names are resolved when a notice goes out.

    Raises Malformed for what is no URL, NotPermitted for http to a host that is not listed.
    """
    target = read_url(url)
    if not target.is_plain and not _is_private_literal(target.host):
        return
    if allowed(target.host, target.host):
        return
    raise NotPermitted(
        "private_address" if not target.is_plain else "not_https",
        f"Notices do not go to {target.scheme}://{target.host}",
        why="They go by https; into private ranges only where the operator's list says so",
        do=f"Use https, or have the operator list it in the setting {PRIVATE.name}",
    )


def _is_private_literal(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def allowed(host: str, address: str) -> bool:
    """Whether the operator lists a host, or the network of its address."""
    return is_listed(policy.items(PRIVATE.name), host, address)
