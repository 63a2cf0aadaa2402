"""The file as it is to be read: what is sealed is first decrypted, to its end, into a file that
nobody else sees and that is gone when the verification is.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final

from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.packages import File
from hueandcry.verifier import contents
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.results import NotCheckedError
from hueandcry.verifier.shipping import Form

_IDENTITY: Final = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{10,120}")
_MAX_KEYS: Final = 1 << 16  #: bytes of a key file


def read_keys(path: Path) -> list[str]:
    """The age identities of a key file, as `age-keygen` writes them; Malformed without one."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_KEYS).decode(errors="replace")
    except OSError as error:
        raise Malformed("key_file", f"{path} cannot be read", why=error.strerror or "") from None
    found = [line.strip() for line in text.splitlines() if _IDENTITY.fullmatch(line.strip())]
    if not found:
        raise Malformed(
            "key_file",
            f"There is no age key in {path}",
            do="Give a file as `age-keygen` writes it, with a line AGE-SECRET-KEY-1…",
        )
    return found


def sealed_digest(path: Path) -> File:
    """The digest and size of the file as it lies there."""
    with path.open("rb") as file:
        return contents.digest(file)


@contextmanager
def opened(path: Path, form: Form, keys: Sequence[str], top: str | None) -> Iterator[Contents]:
    """The contents of a package in any form, to be read inside the block only.

    Raises NotCheckedError (`no_key`, `no_age`), Untrusted (`not_for_us`), and Malformed
    (`sealed_file`).
    """
    if form is Form.FOLDER:
        yield contents.index_folder(path, top or path.name)
    elif form is Form.TAR:
        with path.open("rb") as file:
            yield contents.index_tar(file, lambda: path.open("rb"))
    else:
        if not keys:
            raise NotCheckedError(
                "no_key", "The package is sealed: give the age key of its recipient with --key"
            )
        with tempfile.NamedTemporaryFile(prefix="hueandcry-", suffix=".tar") as plain:
            _decrypt(path, plain.file, keys)
            place = Path(plain.name)
            with place.open("rb") as file:
                yield contents.index_tar(file, lambda: place.open("rb"))


def _decrypt(path: Path, plain: IO[bytes], keys: Sequence[str]) -> None:
    decrypt, error = _age()
    try:
        with path.open("rb") as sealed:
            decrypt(sealed, plain, keys)
        plain.flush()
    except error as wrong:
        if "matching keys" in str(wrong):
            raise Untrusted(
                "not_for_us",
                "The package is sealed for somebody else",
                why="None of the keys given opens it",
            ) from None
        raise _damaged(wrong) from None
    except OSError as wrong:
        if wrong.errno is not None:
            raise Malformed(
                "no_room",
                "The opened package could not be written",
                why=wrong.strerror or "",
                do="Name a folder with more room in TMPDIR",
            ) from None
        raise _damaged(wrong) from None


def _damaged(error: Exception) -> Malformed:
    return Malformed(
        "sealed_file",
        "The sealed package does not open to its end",
        why=f"It was cut short, reordered or changed ({error})",
        do="Fetch it again, or have it sent again",
    )


def _age() -> tuple[Callable[[BinaryIO, IO[bytes], Sequence[str]], None], type[Exception]]:
    """What decrypts, and the error that it raises; NotCheckedError where age is not installed."""
    try:
        import pyrage  # type: ignore[import-untyped]
    except ImportError:
        raise NotCheckedError(
            "no_age",
            "Nothing is installed here that opens age files: open it with"
            " `age -d -i KEY -o PACKAGE.tar PACKAGE.tar.age`, and verify the opened tar",
        ) from None

    def decrypt(sealed: BinaryIO, plain: IO[bytes], keys: Sequence[str]) -> None:
        try:
            identities = [pyrage.x25519.Identity.from_str(text) for text in keys]
        except (pyrage.IdentityError, ValueError):
            raise Malformed("key_file", "The age key cannot be read", do="Copy it whole") from None
        pyrage.decrypt_io(sealed, plain, identities)

    return decrypt, pyrage.DecryptError
