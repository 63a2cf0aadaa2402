"""The one table from kind to canonical form. A kind is a row."""

from __future__ import annotations

from collections.abc import Callable

from hueandcry.core.normal.accounts import bank_account
from hueandcry.core.normal.handles import handle
from hueandcry.core.normal.hosts import domain, is_plain
from hueandcry.core.normal.others import advert, app, email, file_hash, image_hash, page
from hueandcry.core.normal.phones import phone
from hueandcry.core.normal.text import MAX_URL, MAX_VALUE, tidy, too_long
from hueandcry.core.normal.urls import url
from hueandcry.core.normal.wallets import wallet
from hueandcry.core.types import Kind, Signal

Canonical = Callable[[str, str | None], str]

TABLE: dict[Kind, Canonical] = {
    Kind.DOMAIN: domain,
    Kind.URL: url,
    Kind.EMAIL: email,
    Kind.PHONE: phone,
    Kind.BANK_ACCOUNT: bank_account,
    Kind.WALLET: wallet,
    Kind.HANDLE: handle,
    Kind.APP: app,
    Kind.PAGE: page,
    Kind.ADVERT: advert,
    Kind.FILE_HASH: file_hash,
    Kind.IMAGE_HASH: image_hash,
}


def normalise(kind: Kind, text: str, *, market: str | None = None) -> Signal:
    """The signal that `text` writes; the same again for its own value; raises Unreadable.

    `market` (ISO 3166 alpha-2) is where a telephone number without a country code is read.
    """
    if kind is Kind.DOMAIN and is_plain(text):  # nearly every row of nearly every feed
        return Signal(kind, text)
    limit = MAX_URL if kind is Kind.URL else MAX_VALUE
    value = TABLE[kind](tidy(text, limit), market)
    if len(value) > limit:
        raise too_long(limit)
    return Signal(kind, value)
