"""A node's own keys in its data folder (PROTOCOL 1).

    DIR/root/root.key  next.key        the member itself; to be moved away after `init`
    DIR/secret                         32 random bytes that seal everything below
    DIR/keys/<purpose>-<key id>.sealed one operational key, sealed under the secret

`keys/` appears last and at once, so a folder with `keys/` is whole, and `create` can simply be
run again after it was killed. A root that is already there is kept, never overwritten.
"""

from __future__ import annotations

import os
import re
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted, Untrusted
from hueandcry.core.keys import key_id as key_id_of
from hueandcry.core.types import Micros
from hueandcry.engine.keys import age, ed25519, files
from hueandcry.engine.keys.ed25519 import PrivateKey
from hueandcry.engine.keys.sealing import SECRET_BYTES, Sealer


class KeyPurpose(StrEnum):
    """What an operational key is for; one key is never used for two purposes."""

    ACT = "act"
    TRANSPORT = "transport"
    LOG = "log"
    WITNESS = "witness"
    AGE = "age"


PURPOSES = tuple(KeyPurpose)
_SEALED = re.compile(r"([a-z]+)-([0-9a-f]{16})\.sealed")
_CREATED = struct.Struct(">q")
_SEED_LINE = re.compile(rb"(?:#[^\n]*\n)+seed ([0-9a-f]{64})\npublic ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class RootKeys:
    """The member's root key and the committed next one; hold them no longer than needed."""

    root: PrivateKey
    next: PrivateKey


@dataclass(frozen=True, slots=True, repr=False)
class _Held:
    """One operational key in memory; `signing` is None for a key that only decrypts."""

    purpose: str
    key_id: str
    created: Micros
    public: bytes
    signing: PrivateKey | None
    secret: bytes


class Keyring:
    """The keys of the node in `directory`; any thread may use one keyring.

    Where several keys share a purpose the newest is meant. A key that another process added is
    found when its id is asked for.
    """

    def __init__(self, directory: Path, sealer: Sealer) -> None:
        self._directory = directory
        self._sealer = sealer
        self._lock = threading.Lock()
        self._held: dict[str, tuple[_Held, ...]] = {}

    @classmethod
    def create(
        cls,
        directory: Path,
        purposes: Iterable[str],
        at: Micros,
        secret_file: Path | None = None,
    ) -> Keyring:
        """Makes root, next root, secret and one key per purpose; raises Conflict if already made.

        A `secret_file` that is passed in and exists is used as it is.
        """
        if (directory / "keys").exists():
            raise Conflict("keyring", f"{directory} already has keys", do="Use another folder")
        wanted = [_purpose(text) for text in purposes]
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealer = Sealer(_settled_secret(secret_file or directory / "secret"))
        if not (directory / "root").exists():
            _write_root(directory)
        folder = files.new_folder(directory / "keys.new")
        for purpose in wanted:
            _write_key(folder, sealer, _generate(purpose, at))
        files.put_folder(folder, directory / "keys")
        return cls.open(directory, secret_file)

    @classmethod
    def open(cls, directory: Path, secret_file: Path | None = None) -> Keyring:
        """The keyring that `create` made; raises NotFound or Untrusted, and says what to do."""
        if not (directory / "keys").exists():
            raise NotFound(
                "keyring", f"There are no keys in {directory}", do="Run `hueandcry init` first"
            )
        keyring = cls(directory, Sealer(_read_secret(directory, secret_file)))
        keyring.reload()
        return keyring

    def reload(self) -> None:
        """Reads every key file again: all of them or none, so a bad file changes nothing."""
        folder = self._directory / "keys"
        files.check_folder(folder)
        found: dict[str, list[_Held]] = {}
        for path in sorted(folder.iterdir()):
            name = _SEALED.fullmatch(path.name)
            if name is not None and name[1] in PURPOSES:
                content = self._sealer.open_key(name[1], name[2], files.read_secret(path))
                found.setdefault(name[1], []).append(_unpack(name[1], name[2], content))
        ordered = {purpose: tuple(sorted(held, key=_age)) for purpose, held in found.items()}
        with self._lock:
            self._held = ordered

    def add(self, purpose: str, at: Micros) -> str:
        """The id of a new key of this purpose, durable on return and from now on the newest."""
        held = _generate(_purpose(purpose), at)
        _write_key(self._directory / "keys", self._sealer, held)
        self.reload()
        return held.key_id

    def key_ids(self, purpose: str) -> list[str]:
        """The ids of the keys of this purpose, newest first."""
        return [held.key_id for held in reversed(self._of(purpose))]

    def holds(self, purpose: str, key_id: str) -> bool:
        """Whether this key is here, one that another process has just added too."""
        try:
            return bool(self._find(purpose, key_id))
        except NotFound:
            return False

    def public(self, purpose: str, key_id: str | None = None) -> bytes:
        """The 32 public bytes; for `age` those of the recipient."""
        return self._find(purpose, key_id).public

    def sign(self, purpose: str, message: bytes, key_id: str | None = None) -> bytes:
        """The 64 bytes of a signature; raises NotFound for a key that is not here."""
        signing = self._find(purpose, key_id).signing
        if signing is None:
            raise NotPermitted("key_purpose", f"A key for {purpose} does not sign")
        return signing.sign(message)

    def recipient(self, key_id: str | None = None) -> str:
        """The `age1…` text that the card publishes."""
        return age.recipient(self.public(KeyPurpose.AGE, key_id))

    def identity(self, key_id: str | None = None) -> str:
        """The `AGE-SECRET-KEY-1…` text that decrypts what was sent to `recipient`."""
        return age.identity(self._find(KeyPurpose.AGE, key_id).secret)

    def seal(self, context: str, plaintext: bytes) -> str:
        """An opaque token that only this node can read, and only for the same `context`."""
        return self._sealer.seal(context, plaintext)

    def open_sealed(self, context: str, token: str) -> bytes:
        """What `seal` was given; raises Untrusted for any other token."""
        return self._sealer.open_sealed(context, token)

    def mac(self, context: str, data: bytes) -> bytes:
        """32 bytes that stand for `data` here, and that nobody without the secret can make."""
        return self._sealer.mac(context, data)

    def root_present(self) -> bool:
        """Whether the root still lies beside the node, where a burglar would find it too."""
        return (self._directory / "root").exists()

    def root(self) -> RootKeys:
        """Reads root and next root; raises NotFound when the folder has been moved away."""
        folder = self._directory / "root"
        if not self.root_present():
            raise NotFound(
                "root_away",
                f"The root key is not in {folder}",
                why="It has been moved away, as it should be",
                do=f"Bring the folder back to {folder} for this step, and move it away after",
            )
        files.check_folder(folder)
        if not (folder / "next.key").exists() and (folder / "after.key").exists():
            files.move_secret(folder / "after.key", folder / "next.key")
        return RootKeys(_read_seed(folder / "root.key"), _read_seed(folder / "next.key"))

    def prepare_root(self) -> PrivateKey:
        """The key that is to follow the next root: made once, durable, the same until advanced."""
        self.root()
        path = self._directory / "root" / "after.key"
        if not path.exists():
            _write_seed(path, _NEXT_ROOT)
        return _read_seed(path)

    def advance_root(self) -> None:
        """The next root becomes the root, and the prepared key the next one; killed between the
        two steps, `root` takes the second. The old root is gone."""
        folder = self._directory / "root"
        self.root()
        if not (folder / "after.key").exists():
            raise NotFound("root_after", "No rotation was prepared", do="Begin it anew")
        files.move_secret(folder / "next.key", folder / "root.key")
        files.move_secret(folder / "after.key", folder / "next.key")

    def _of(self, purpose: str) -> tuple[_Held, ...]:
        with self._lock:
            return self._held.get(purpose, ())

    def _find(self, purpose: str, key_id: str | None) -> _Held:
        held = _pick(self._of(_purpose(purpose)), key_id)
        if held is None:
            self.reload()
            held = _pick(self._of(purpose), key_id)
        if held is None:
            raise NotFound(
                "key",
                f"There is no key {key_id or ''} for {purpose} here".replace("  ", " "),
                do=f"Put it back into {self._directory / 'keys'}, or add a new one",
            )
        return held


def _age(held: _Held) -> tuple[Micros, str]:
    return held.created, held.key_id


def _pick(held: tuple[_Held, ...], key_id: str | None) -> _Held | None:
    if key_id is None:
        return held[-1] if held else None
    return next((key for key in held if key.key_id == key_id), None)


def _purpose(text: str) -> str:
    if text not in PURPOSES:
        raise Malformed(
            "key_purpose", f"{text!r} is not a purpose", do=f"Use {', '.join(PURPOSES)}"
        )
    return str(text)


def _settled_secret(path: Path) -> bytes:
    """The secret in `path`, made now if there is none."""
    if not path.exists():
        files.write_secret(path, os.urandom(SECRET_BYTES))
    return files.read_secret(path, forbidden=files.OWNER_AND_GROUP)


def _read_secret(directory: Path, secret_file: Path | None) -> bytes:
    if secret_file is not None:
        return files.read_secret(secret_file, forbidden=files.OWNER_AND_GROUP)
    return files.read_secret(directory / "secret")


def _generate(purpose: str, at: Micros) -> _Held:
    secret = age.generate() if purpose == KeyPurpose.AGE else ed25519.generate().seed
    return _hold(purpose, at, secret)


def _hold(purpose: str, created: Micros, secret: bytes) -> _Held:
    if purpose == KeyPurpose.AGE:
        public = age.public(secret)
        return _Held(purpose, key_id_of(public), created, public, None, secret)
    signing = PrivateKey(secret)
    return _Held(purpose, signing.key_id, created, signing.public, signing, secret)


def _write_key(folder: Path, sealer: Sealer, held: _Held) -> None:
    content = sealer.seal_key(held.purpose, held.key_id, _pack(held))
    files.write_secret(folder / f"{held.purpose}-{held.key_id}.sealed", content)


def _pack(held: _Held) -> bytes:
    """When it was made (int64, big-endian), then the seed, or for age its identity in text."""
    is_age = held.purpose == KeyPurpose.AGE
    return _CREATED.pack(held.created) + (
        age.identity(held.secret).encode() if is_age else held.secret
    )


def _unpack(purpose: str, key_id: str, content: bytes) -> _Held:
    created, secret = _CREATED.unpack(content[:8])[0], content[8:]
    if purpose == KeyPurpose.AGE:
        secret = age.read_identity(secret.decode("ascii"))
    held = _hold(purpose, created, secret)
    if held.key_id != key_id:
        raise Untrusted("sealed_key", f"The file {purpose}-{key_id} holds another key")
    return held


_NEXT_ROOT = "NEXT ROOT key, the only one that may follow the root"


def _write_root(directory: Path) -> None:
    folder = files.new_folder(directory / "root.new")
    _write_seed(folder / "root.key", "ROOT key: whoever has it is this member. Keep it offline")
    _write_seed(folder / "next.key", _NEXT_ROOT)
    files.put_folder(folder, directory / "root")


def _write_seed(path: Path, what: str) -> None:
    key = ed25519.generate()
    text = f"# hueandcry {what}; never send it to anybody.\n"
    text += "# Ed25519 (RFC 8032), seed and public key as hex.\n"
    text += f"seed {key.seed.hex()}\npublic {key.public.hex()}\n"
    files.write_secret(path, text.encode())


def _read_seed(path: Path) -> PrivateKey:
    """The public key is stated as well, so half a file or a slip of a hand is never a key."""
    found = _SEED_LINE.fullmatch(files.read_secret(path))
    key = PrivateKey(bytes.fromhex(found[1].decode())) if found else None
    if found is None or key is None or key.public.hex().encode() != found[2]:
        raise Untrusted("root_key", f"{path} is not a whole root key", do="Bring the right file")
    return key
