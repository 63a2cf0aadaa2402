"""Collections of STIX objects for foreign tools: claims to read, places to write. Import this."""

from __future__ import annotations

from hueandcry.apps.collections.reading import (
    READ,
    WRITE,
    Found,
    Name,
    Opened,
    Page,
    claims_id,
    holds,
    listed,
    name_of,
    opened,
    page,
)
from hueandcry.apps.collections.rules import Filters, Item
from hueandcry.apps.collections.service import (
    CollectionView,
    GrantView,
    close_collection,
    delete,
    every,
    grant,
    new_collection,
    post,
    read_items,
    status,
)

__all__ = [
    "READ",
    "WRITE",
    "CollectionView",
    "Filters",
    "Found",
    "GrantView",
    "Item",
    "Name",
    "Opened",
    "Page",
    "claims_id",
    "close_collection",
    "delete",
    "every",
    "grant",
    "holds",
    "listed",
    "name_of",
    "new_collection",
    "opened",
    "page",
    "post",
    "read_items",
    "status",
]
