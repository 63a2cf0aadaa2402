"""The file that a backup is: age over zstd over tar, written and read as a stream.

Everybody who holds the key can open it without this software: `age -d -i KEY FILE | zstd -d | tar
x`. Members in order: `backup.json`; `tables/<name>/columns.json` and `tables/<name>/<n>.ndjson`;
`files/…`; and last `manifest.json`, which has the digest of everything before it.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyrage  # type: ignore[import-untyped]
import zstandard

from hueandcry.core.errors import Broken, Malformed, NotFound, Untrusted
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine.keys import files

BLOCK = 512
_PIECE = 1 << 20

# --- recipients and identities --------------------------------------------------------------------


def recipients(given: Sequence[str]) -> list[str]:
    """Every `age1…` or `ssh-…` key in these texts and files of keys; raises Malformed for none."""
    found = [key for text in given for key in _keys_of(text)]
    if not found:
        raise Malformed("recipient", "Nobody could open this backup", do="Give --to RECIPIENT")
    for key in found:
        recipient(key)
    return list(dict.fromkeys(found))


def _keys_of(text: str) -> list[str]:
    if text.startswith(("age1", "ssh-")):
        return [text.strip()]
    try:
        lines = Path(text).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Malformed(
            "recipient",
            f"{text[:80]!r} is neither a key nor a file of keys",
            do="Give an age1… key, an ssh-ed25519 or ssh-rsa key, or a file with one a line",
        ) from None
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def recipient(key: str) -> Any:
    """The key to encrypt to; raises Malformed."""
    try:
        if key.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(key)
        return pyrage.x25519.Recipient.from_str(key)
    except (pyrage.RecipientError, ValueError) as error:
        raise Malformed(
            "recipient", f"{key[:80]!r} is no key to encrypt to", why=str(error)
        ) from None


def identities(path: Path) -> list[Any]:
    """The keys in a file: `AGE-SECRET-KEY-1…` lines, or an SSH private key; NotFound, Malformed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotFound("identity", f"{path} cannot be read", why=error.strerror or "") from None
    try:
        if b"PRIVATE KEY" in data:
            return [pyrage.ssh.Identity.from_buffer(data)]
        lines = [line.strip() for line in data.decode().splitlines()]
        wanted = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
        found = [pyrage.x25519.Identity.from_str(line) for line in wanted]
    except (pyrage.IdentityError, ValueError) as error:
        raise Malformed("identity", f"{path} holds no usable key", why=str(error)) from None
    if not found:
        raise Malformed("identity", f"{path} holds no AGE-SECRET-KEY and no SSH private key")
    return found


# --- writing --------------------------------------------------------------------------------------


def member(name: str, data: bytes, at: Micros) -> Iterator[bytes]:
    """One file of the archive."""
    yield _header(name, len(data), at)
    yield data
    yield _padding(len(data))


def member_of(name: str, path: Path, size: int, at: Micros) -> Iterator[bytes]:
    """One file of the archive, copied piece by piece; raises Broken when it changes meanwhile."""
    yield _header(name, size, at)
    left = size
    with path.open("rb") as file:
        while piece := file.read(min(_PIECE, left)):
            left -= len(piece)
            yield piece
        if left or file.read(1):
            raise Broken("file_changed", f"{path} changed while it was copied", do="Try again")
    yield _padding(size)


def _header(name: str, size: int, at: Micros) -> bytes:
    info = tarfile.TarInfo(f"hueandcry-backup/{name}")
    info.size, info.mode, info.mtime = size, 0o600, at // SECOND
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def write(path: Path, keys: Sequence[str], pieces: Iterable[bytes]) -> tuple[bytes, int]:
    """Encrypts `pieces` into the new file `path`, whole or not at all; (SHA-256, bytes).

    What was written is read again from the disk before it gets its name.
    """
    fresh = path.with_name(f".{path.name}.{os.urandom(6).hex()}.part")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            sink = _Hashed(file)
            source = io.BufferedReader(_Pulled(_compressed(pieces)), _PIECE)
            pyrage.encrypt_io(source, sink, [recipient(key) for key in keys])
            file.flush()
            os.fsync(file.fileno())
        if digest_of(fresh) != (sink.digest, sink.size):
            raise Broken("disk", f"{fresh} does not read as it was written", do="Check the disk")
        os.link(fresh, path)  # and not a rename, which would replace what somebody else put there
    except FileExistsError:
        raise Malformed("output", f"{path} exists already", do="Name another file") from None
    except pyrage.EncryptError as error:  # whatever failed while the pieces were made
        raise Broken("backup", f"{path} was not made", why=str(error), do="Try again") from error
    finally:
        fresh.unlink(missing_ok=True)
    files.sync_folder(path.parent)
    return sink.digest, sink.size


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    press = zstandard.ZstdCompressor(level=3).compressobj()
    for piece in pieces:
        if data := press.compress(piece):
            yield data
    yield press.compress(bytes(2 * BLOCK)) + press.flush()  # two empty blocks end a tar


class _Pulled(io.RawIOBase):
    """A generator as a file that is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._held = memoryview(piece)
        n = min(len(buffer), len(self._held))
        buffer[:n] = self._held[:n]
        self._held = self._held[n:]
        return n


class _Hashed(io.RawIOBase):
    """A file that is written, with the digest of what went into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._hash.update(data)
        self._file.write(data)
        self.size += len(data)
        return len(data)

    @property
    def digest(self) -> bytes:
        return self._hash.digest()


def digest_of(path: Path) -> tuple[bytes, int]:
    """(SHA-256, bytes) of a file as the disk has it."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
            size += len(piece)
    return found.digest(), size


# --- reading --------------------------------------------------------------------------------------


def decrypt(path: Path, keys: Sequence[Any], plain: Path) -> None:
    """Opens the whole of `path` into `plain` before anything of it is read; raises Untrusted."""
    try:
        with path.open("rb") as source, open(plain, "xb", opener=private) as sink:
            pyrage.decrypt_io(source, sink, list(keys))
    except FileNotFoundError as error:
        raise NotFound("backup", f"{path} cannot be read", why=error.strerror or "") from None
    except (pyrage.DecryptError, OSError, ValueError) as error:
        raise Untrusted(
            "backup",
            f"{path} does not open",
            why=f"Another key made it, or it was changed or cut short ({error})",
            do="Give the right --identity, or another copy of the file",
        ) from None


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def members(plain: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """(name, content, size) of each file in an opened backup, in order; Malformed for others."""
    try:
        with (
            plain.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            for info in tar:
                content = tar.extractfile(info)
                name = info.name.removeprefix("hueandcry-backup/")
                if content is None or name == info.name or ".." in Path(name).parts:
                    raise Malformed("backup", f"{info.name[:80]!a} belongs in no backup")
                yield name, content, info.size
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise Malformed("backup", "This is no backup of a node", why=str(error)) from None
