"""Files of any size: sealed, written once, whole or not there, and gone when their key is gone."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

import databases
from hueandcry.core.errors import Broken, Conflict, HueError, Malformed, NotFound, TooLarge
from hueandcry.core.types import DAY
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs import models
from hueandcry.engine.blobs import store as stores
from hueandcry.engine.blobs.sealing import CHUNK, TAG, Seal, opened, sealed_size
from hueandcry.engine.blobs.store import Store
from hueandcry.engine.keys import age
from hueandcry.engine.store.work import unit_of_work
from node_scene import keyring

HERE = Path(__file__).resolve().parent
KEY = bytes(range(32))
#: Lengths at which the sealing changes its ways.
EDGES = st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])


@pytest.fixture(params=["folder", "memory"])
def place(
    request: pytest.FixtureRequest,
    database: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Store:
    """A store of either sort; S3 stores speak the same protocol, and `doctor` probes them."""
    keyring()
    made = (
        Store(LocalStore(tmp_path), tmp_path)
        if request.param == "folder"
        else Store(MemoryStore(), None)
    )
    monkeypatch.setattr(blobs, "store", lambda: made)
    return made


def names(place: Store) -> set[str]:
    return {name for part in place.listed() for name, _ in part}


def later(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + by)


# --- sealing --------------------------------------------------------------------------------------


def seal(content: bytes, pieces: int = 1, key: bytes = KEY) -> bytes:
    sealing_, step = Seal(key), max(1, len(content) // pieces)
    cut = [content[at : at + step] for at in range(0, len(content), step)]
    return b"".join([*(sealing_.update(piece) for piece in cut), sealing_.finish()])


@settings(deadline=None)
@given(EDGES, st.integers(1, 5), st.integers(1_000, 200_000))
def test_what_was_sealed_in_any_pieces_opens_from_any_pieces(
    size: int, pieces: int, step: int
) -> None:
    content = os.urandom(size)
    sealed = seal(content, pieces)
    assert len(sealed) == sealed_size(size)
    given_out = [sealed[at : at + step] for at in range(0, len(sealed), step)]
    assert b"".join(opened(given_out, KEY)) == content


@settings(deadline=None)
@given(EDGES, st.data())
def test_a_sealed_stream_that_was_changed_cut_or_grown_anywhere_does_not_open(
    size: int, data: st.DataObject
) -> None:
    sealed = seal(bytes(size))
    at = data.draw(st.integers(0, len(sealed) - 1))
    for other in (
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :],
        sealed[:at],
        sealed + b"x",
        sealed + sealed,
    ):
        with pytest.raises(Broken, match="does not open"):
            list(opened([other], KEY))


def test_chunks_that_were_swapped_or_left_out_do_not_open() -> None:
    sealed, step = seal(os.urandom(3 * CHUNK)), CHUNK + TAG
    first, second, third = (sealed[n * step : (n + 1) * step] for n in range(3))
    for other in ((second, first, third), (first, third), (first, second), (second, third)):
        with pytest.raises(Broken):
            list(opened([b"".join(other)], KEY))


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 200_000])
def test_age_opens_what_we_sealed_as_its_own_payload(size: int) -> None:
    """The oracle: a header of age around our stream, made by hand (C2SP age)."""
    secret, file_key, nonce, content = age.generate(), bytes(16), bytes(16), os.urandom(size)
    payload_key = hkdf(file_key, nonce, b"payload")
    header = age_header(age.public(secret), file_key)
    identity = pyrage.x25519.Identity.from_str(age.identity(secret))
    whole = header + nonce + seal(content, key=payload_key)
    assert pyrage.decrypt(whole, [identity]) == content


def age_header(recipient: bytes, file_key: bytes) -> bytes:
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    wrap = hkdf(shared, share + recipient, b"age-encryption.org/v1/X25519")
    body = ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None)
    header = f"age-encryption.org/v1\n-> X25519 {plain64(share)}\n{plain64(body)}\n---".encode()
    mac = HMAC(hkdf(file_key, b"", b"header"), SHA256())
    mac.update(header)
    return header + f" {plain64(mac.finalize())}\n".encode()


def hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=info).derive(key)


def plain64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


# --- in and out -----------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.parametrize("size", [0, 1, 100_000, 2 * stores.PIECE + 5])
def test_a_blob_reads_back_as_it_was_and_says_what_it_is(place: Store, size: int) -> None:
    content = os.urandom(size)
    blob = blobs.put(io.BytesIO(content), size)
    assert (blob.size, blob.sha256) == (size, hashlib.sha256(content).digest())
    assert b"".join(blobs.stream(blob.id)) == content == blobs.read(blob.id, size)
    assert blobs.get(blob.id) == blob


@pytest.mark.database
def test_nothing_of_the_content_lies_in_the_store(place: Store) -> None:
    content = b"the words of a victim " * 100
    blobs.put([content], len(content))
    (name,) = names(place)
    assert b"victim" not in b"".join(place.pieces(name))


@pytest.mark.database
@pytest.mark.parametrize("limit", [0, 10, stores.PIECE + CHUNK])
def test_a_stream_beyond_its_limit_is_refused_as_soon_as_it_is_and_leaves_nothing(
    place: Store, tmp_path: Path, limit: int
) -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(CHUNK)
            yield bytes(CHUNK)

    with pytest.raises(TooLarge) as refused:
        blobs.put(endless(), limit)
    assert refused.value.code == "file_too_large"
    assert sum(read) <= limit + CHUNK
    assert names(place) == set() and not models.Blob.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.database
def test_a_stream_that_breaks_off_leaves_nothing(place: Store, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(2 * stores.PIECE)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        blobs.put(broken(), 1 << 30)
    assert names(place) == set()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.database
def test_the_same_content_twice_is_two_blobs_of_which_one_may_go(place: Store) -> None:
    first, second = blobs.put([b"same"], 4), blobs.put([b"same"], 4)
    assert blobs.same(first.sha256) == [first, second]
    with unit_of_work():
        blobs.shred(first.id)
    assert blobs.same(first.sha256) == [second]
    assert blobs.read(second.id, 4) == b"same"


def test_a_name_is_never_written_over(tmp_path: Path) -> None:
    for place in (Store(LocalStore(tmp_path), tmp_path), Store(MemoryStore(), None)):
        place.put("ab" * 16, b"first")
        with pytest.raises(Conflict):
            place.put("ab" * 16, b"second")
        assert b"".join(place.pieces("ab" * 16)) == b"first"


@pytest.mark.database
def test_what_is_larger_than_somebody_wants_to_read_is_refused_before_it_is_read(
    place: Store,
) -> None:
    blob = blobs.put([bytes(11)], 11)
    place.remove(next(iter(names(place))))
    with pytest.raises(TooLarge):
        blobs.read(blob.id, 10)


@pytest.mark.database
def test_bytes_that_were_changed_swapped_or_lost_are_said_to_be(place: Store) -> None:
    one, two = blobs.put([b"one"], 3), blobs.put([b"two"], 3)
    rows = {row.name.hex(): row for row in models.Blob.objects.all()}
    sealed = b"".join(place.pieces(two.id))
    place.remove(one.id)
    with pytest.raises(NotFound, match="gone"):
        blobs.read(one.id, 9)
    assert blobs.missing() == 1
    place.put(one.id, sealed)
    with pytest.raises(Broken):
        blobs.read(one.id, 9)
    models.Blob.objects.filter(pk=rows[one.id].pk).update(key=rows[two.id].key)
    with pytest.raises(Broken, match="another one"):
        blobs.read(one.id, 9)
    models.Blob.objects.filter(pk=rows[two.id].pk).update(sha256=bytes(32))
    with pytest.raises(Broken, match="digest"):
        blobs.read(two.id, 9)


# --- away -----------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_shredded_blob_is_gone_with_its_key_and_its_bytes(place: Store) -> None:
    blob = blobs.put([b"gone"], 4)
    with unit_of_work():
        blobs.shred(blob.id)
    assert names(place) == set() and not models.Blob.objects.exists()
    for act in (blobs.get, blobs.stream, blobs.shred):
        for id in (blob.id, "", "zz", "ab" * 15):
            with pytest.raises(NotFound):
                act(id)


@pytest.mark.database
def test_shredding_that_is_undone_leaves_the_blob_whole(place: Store) -> None:
    blob = blobs.put([b"kept"], 4)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        blobs.shred(blob.id)
        raise ZeroDivisionError
    assert blobs.read(blob.id, 4) == b"kept"


@pytest.mark.database
def test_bytes_that_no_row_knows_go_after_a_day_and_no_others(
    place: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob, orphan = blobs.put([b"kept"], 4), blobs.take([b"orphan"], 6)
    place.put("somebody-elses", b"not ours")
    assert blobs.tidy() is False
    assert orphan.name.hex() in names(place)
    later(monkeypatch, blobs.GRACE + DAY)
    blobs.tidy()
    assert orphan.name.hex() not in names(place)
    assert "somebody-elses" in names(place)
    assert blobs.read(blob.id, 4) == b"kept"


@pytest.mark.database
def test_a_store_that_cannot_remove_just_now_hinders_no_shredding(
    place: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = blobs.put([b"x"], 1)

    def unwell(*_: object) -> None:
        raise HueError("blob_store", "away")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "remove", unwell)
        with unit_of_work():
            blobs.shred(blob.id)
    assert len(names(place)) == 1 and not models.Blob.objects.exists()
    later(monkeypatch, blobs.GRACE + DAY)
    blobs.tidy()
    assert names(place) == set()


# --- sudden death ---------------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["grow", "add", "close", "settle", "row", "commit"])
def test_a_process_that_ends_at_any_step_leaves_a_whole_blob_or_none(
    database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    keyring()
    monkeypatch.setenv("HUEANDCRY_BLOBS", str(tmp_path))
    ((code, said),) = databases.run_children(HERE / "blob_children.py", [[step, when]])
    assert code == -signal.SIGKILL, said
    folder = tmp_path / stores.mark()
    place = Store(LocalStore(folder, mkdir=True), folder)
    monkeypatch.setattr(blobs, "store", lambda: place)
    kept = [name.hex() for name in models.Blob.objects.values_list("name", flat=True)]
    assert len(kept) == (1 if (step, when) == ("commit", "after") else 0)
    later(monkeypatch, blobs.GRACE + DAY)
    blobs.tidy()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
        folder / name[:2] / name for name in names(place)
    ]
    assert len(names(place)) == len(kept)
    for id in kept:
        assert hashlib.sha256(b"".join(blobs.stream(id))).digest() == blobs.get(id).sha256


# --- the place ------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_sound_store_passes_its_check_and_keeps_nothing_of_it(place: Store) -> None:
    blobs.check_store()
    assert names(place) == set()


@pytest.mark.database
def test_a_store_that_writes_over_does_not_pass(
    place: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "put", lambda self, name, data: None)
    monkeypatch.setattr(Store, "pieces", lambda self, name: iter([seal(b"hueandcry")]))
    monkeypatch.setattr(os, "urandom", lambda n: KEY[:n])
    with pytest.raises(Broken, match="writes over"):
        blobs.check_store()


@pytest.mark.database
def test_two_nodes_in_one_store_never_touch_what_is_the_others(
    database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring()
    environment = replace(django_settings.ENVIRONMENT, blobs=str(tmp_path))
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment)
    stores.forget()
    theirs = blobs.take([b"theirs"], 6)  # no row of ours knows it
    monkeypatch.setattr(stores, "mark", lambda: "ours")
    stores.forget()
    ours = blobs.take([b"ours"], 4)
    later(monkeypatch, blobs.GRACE + DAY)
    blobs.tidy()
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    stores.forget()
    assert theirs.id in left and ours.id not in left


@pytest.mark.parametrize(
    "url", ["ftp://files.example/x", "s3://", "gs://bucket", "https://x.example"]
)
def test_an_address_that_is_no_place_for_files_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Settings:
        class ENVIRONMENT:
            blobs = url

    keyring()
    monkeypatch.setattr(stores, "settings", Settings)
    stores.forget()
    with pytest.raises(Malformed, match="HUEANDCRY_BLOBS"):
        stores.store()
    stores.forget()
