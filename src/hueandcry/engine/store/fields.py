"""Field types of hot tables: fixed-length keys and instants, compact on both databases."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


class FixedBytesField(models.BinaryField):  # type: ignore[type-arg]
    """Exactly `length` bytes: BLOB on SQLite, bytea on PostgreSQL; reads as `bytes`.

    Django's UUIDField takes 32 characters on SQLite, twice the bytes of a key in every index.
    """

    def __init__(self, length: int, **options: Any) -> None:
        self.length = length
        options.setdefault("editable", True)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.length, *args], kwargs

    def from_db_value(self, value: Any, *_: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is not None and len(value) != self.length:
            raise ValidationError(f"{self.name} takes exactly {self.length} bytes")
        return None if value is None else bytes(value)


class BytesField(models.BinaryField):  # type: ignore[type-arg]
    """Bytes of any length that read back as `bytes` on both databases."""

    def from_db_value(self, value: Any, *_: Any) -> bytes | None:
        return None if value is None else bytes(value)


class MicrosField(models.BigIntegerField):  # type: ignore[type-arg]
    """An instant: int64 microseconds since 1970 UTC, compared and indexed as a number."""
