"""Keys on disk: sealed, whole or absent, and never shown."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import (
    Conflict,
    Malformed,
    NotFound,
    NotPermitted,
    Untrusted,
)
from hueandcry.core.keys import key_id
from hueandcry.engine.keys import age, ed25519
from hueandcry.engine.keys.keyring import PURPOSES, KeyPurpose, Keyring
from hueandcry.engine.keys.sealing import Sealer

AT = 1_795_000_000_000_000
SIGNING = [purpose for purpose in PURPOSES if purpose != KeyPurpose.AGE]


@pytest.fixture
def node(tmp_path: Path) -> Path:
    Keyring.create(tmp_path / "node", PURPOSES, AT)
    return tmp_path / "node"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- Ed25519 ------------------------------------------------------------------------------------


def test_ed25519_gives_the_first_signature_of_rfc_8032() -> None:
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    key = ed25519.PrivateKey(bytes.fromhex(seed))
    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert ed25519.verify(key.public, key.sign(b""), b"")


@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=70))
def test_verify_answers_false_to_anything_that_is_not_a_signature(
    public: bytes, signature: bytes, message: bytes
) -> None:
    assert not ed25519.verify(public, signature, message)


def test_a_signature_holds_for_its_key_and_message_only() -> None:
    key, other = ed25519.generate(), ed25519.generate()
    signature = key.sign(b"a")
    assert ed25519.verify(key.public, signature, b"a")
    assert not ed25519.verify(key.public, signature, b"b")
    assert not ed25519.verify(other.public, signature, b"a")


@pytest.mark.parametrize("public", [b"\x01" + bytes(31), bytes(32)])
def test_a_key_of_small_order_verifies_nothing(public: bytes) -> None:
    """With the neutral point as key, R = the neutral point and S = 0 fit every message."""
    assert not ed25519.verify(public, b"\x01" + bytes(63), b"anything")


def test_a_private_key_never_shows_its_seed() -> None:
    key = ed25519.generate()
    assert key.seed.hex() not in repr(key) + str(key)
    for leak in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            leak(key)


# --- age ----------------------------------------------------------------------------------------


def test_age_texts_are_those_of_the_age_specification() -> None:
    secret = b"\x42" * 32
    recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    assert age.identity(secret) == identity
    assert age.recipient(age.public(secret)) == recipient
    assert age.read_identity(identity) == secret
    assert age.read_recipient(recipient) == age.public(secret)


@given(st.binary(min_size=32, max_size=32), st.data())
def test_an_age_text_with_any_letter_changed_is_refused(key: bytes, data: st.DataObject) -> None:
    text = age.recipient(key)
    assert age.read_recipient(text) == key
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1AB é"))
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(Malformed):
            age.read_recipient(changed)


@pytest.mark.parametrize("text", ["", "age1", "AGE1QQ", "age1" + "q" * 58, "é" * 62])
def test_what_is_no_age_key_is_refused_without_being_quoted(text: str) -> None:
    for read in (age.read_recipient, age.read_identity):
        with pytest.raises(Malformed) as caught:
            read(text)
        assert not text or text not in str(caught.value)


# --- sealing ------------------------------------------------------------------------------------


@given(st.binary(max_size=200), st.text(max_size=20))
def test_a_token_opens_in_its_own_context_only(plain: bytes, context: str) -> None:
    sealer = Sealer(bytes(32))
    token = sealer.seal(context, plain)
    assert sealer.open_sealed(context, token) == plain
    with pytest.raises(Untrusted):
        sealer.open_sealed(context + "x", token)
    with pytest.raises(Untrusted):
        Sealer(b"\x01" * 32).open_sealed(context, token)


@given(st.text(max_size=80))
def test_a_token_that_was_not_made_here_is_refused(token: str) -> None:
    with pytest.raises(Untrusted):
        Sealer(bytes(32)).open_sealed("cursor", token)


def test_tokens_are_url_safe_and_never_the_same_twice() -> None:
    sealer = Sealer(bytes(32))
    tokens = {sealer.seal("cursor", b"12345") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_a_sealer_is_safe_between_threads() -> None:
    sealer = Sealer(bytes(32))

    def turn(i: int) -> bool:
        plain = i.to_bytes(8, "big") * 50
        return sealer.open_sealed(f"c{i % 7}", sealer.seal(f"c{i % 7}", plain)) == plain

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(turn, range(2_000)))


# --- the keyring --------------------------------------------------------------------------------


def test_a_new_node_has_root_secret_and_one_sealed_key_per_purpose(node: Path) -> None:
    assert {path.name for path in node.iterdir()} == {"root", "secret", "keys"}
    assert {path.name for path in (node / "root").iterdir()} == {"root.key", "next.key"}
    names = sorted(path.name.split("-")[0] for path in (node / "keys").iterdir())
    assert names == sorted(PURPOSES)


def test_nobody_else_can_read_what_is_made_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Keyring.create(tmp_path / "node", PURPOSES, AT)
    finally:
        os.umask(before)
    for path in (tmp_path / "node").rglob("*"):
        assert mode(path) == (0o700 if path.is_dir() else 0o600)
    assert mode(tmp_path / "node") == 0o700


def test_a_keyring_that_is_opened_again_signs_as_before(node: Path) -> None:
    first, second = Keyring.open(node), Keyring.open(node)
    for purpose in SIGNING:
        public = first.public(purpose)
        assert public == second.public(purpose)
        assert first.key_ids(purpose) == [key_id(public)]
        assert ed25519.verify(public, second.sign(purpose, b"m"), b"m")
    assert len({first.public(purpose) for purpose in PURPOSES}) == len(PURPOSES)


def test_the_age_key_decrypts_and_does_not_sign(node: Path) -> None:
    keyring = Keyring.open(node)
    secret = age.read_identity(keyring.identity())
    assert age.recipient(age.public(secret)) == keyring.recipient()
    assert age.public(secret) == keyring.public("age")
    with pytest.raises(NotPermitted):
        keyring.sign("age", b"m")


def test_no_key_lies_open_in_the_folder(node: Path) -> None:
    identity = Keyring.open(node).identity().encode()
    for path in (node / "keys").iterdir():
        assert identity not in path.read_bytes()


def test_an_added_key_is_the_newest_and_the_old_one_still_signs(node: Path) -> None:
    keyring, elsewhere = Keyring.open(node), Keyring.open(node)
    old = keyring.key_ids("act")[0]
    new = keyring.add("act", AT + 1)
    assert keyring.key_ids("act") == [new, old]
    assert key_id(keyring.public("act")) == new
    assert keyring.sign("act", b"m", old) != keyring.sign("act", b"m")
    assert elsewhere.sign("act", b"m", new) == keyring.sign("act", b"m", new)


def test_the_newest_key_is_the_latest_made_whatever_the_order_of_names(node: Path) -> None:
    keyring = Keyring.open(node)
    added = [keyring.add("log", AT + i) for i in range(1, 6)]
    assert Keyring.open(node).key_ids("log")[:5] == added[::-1]


def test_a_key_or_purpose_that_is_not_there_is_said_so(node: Path) -> None:
    keyring = Keyring.open(node)
    with pytest.raises(NotFound):
        keyring.sign("act", b"m", "0" * 16)
    with pytest.raises(Malformed):
        keyring.sign("root", b"m")


def test_a_second_create_is_refused_and_changes_nothing(node: Path) -> None:
    before = {path: path.read_bytes() for path in node.rglob("*") if path.is_file()}
    with pytest.raises(Conflict):
        Keyring.create(node, PURPOSES, AT)
    assert before == {path: path.read_bytes() for path in node.rglob("*") if path.is_file()}


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Keyring.open(tmp_path)
    assert "hueandcry init" in caught.value.do


# --- the root -----------------------------------------------------------------------------------


def test_root_and_next_root_are_two_keys_in_files_that_say_what_they_are(node: Path) -> None:
    keyring = Keyring.open(node)
    roots = keyring.root()
    assert roots.root.public != roots.next.public
    text = (node / "root" / "root.key").read_text()
    assert text.startswith("# hueandcry ROOT key")
    assert f"seed {roots.root.seed.hex()}\n" in text
    assert roots.root.seed.hex() not in repr(roots)


def test_a_node_works_without_its_root_and_says_what_to_bring_for_it(node: Path) -> None:
    shutil.move(node / "root", node.parent / "away")
    keyring = Keyring.open(node)
    assert keyring.sign("act", b"m")
    assert not keyring.root_present()
    with pytest.raises(NotFound) as caught:
        keyring.root()
    assert "Bring the folder back" in caught.value.do


def test_every_shortened_or_altered_root_file_is_refused(node: Path) -> None:
    path = node / "root" / "root.key"
    whole = path.read_bytes()
    changed = [whole[:end] for end in range(0, len(whole), 7)]
    changed += [whole.replace(b"\nseed ", b"\nseed 0"), whole + b"\n", b"\xff" * 40]
    flipped = bytearray(whole)
    flipped[whole.index(b"\nseed ") + 7] ^= 1
    for content in [*changed, bytes(flipped)]:
        path.write_bytes(content)
        with pytest.raises(Untrusted):
            Keyring.open(node).root()


# --- the secret ---------------------------------------------------------------------------------


def test_a_secret_that_is_kept_elsewhere_is_used_and_none_is_made(tmp_path: Path) -> None:
    secret = tmp_path / "mounted"
    secret.write_bytes(os.urandom(32))
    secret.chmod(0o440)
    Keyring.create(tmp_path / "node", PURPOSES, AT, secret)
    assert not (tmp_path / "node" / "secret").exists()
    assert Keyring.open(tmp_path / "node", secret).sign("act", b"m")
    with pytest.raises(NotFound):
        Keyring.open(tmp_path / "node")


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_secret_of_wrong_length_is_refused(node: Path, content: bytes) -> None:
    (node / "secret").write_bytes(content)
    with pytest.raises(Malformed):
        Keyring.open(node)


def test_another_secret_opens_nothing(node: Path) -> None:
    (node / "secret").write_bytes(bytes(32))
    with pytest.raises(Untrusted) as caught:
        Keyring.open(node)
    assert "same backup" in caught.value.do


@pytest.mark.parametrize("name", ["secret", "root/root.key", "root", "keys", "keys/act"])
@pytest.mark.parametrize("bits", [0o004, 0o020, 0o001])
def test_a_file_that_others_may_touch_is_refused_with_the_command_to_run(
    node: Path, name: str, bits: int
) -> None:
    path = node / name
    if name == "keys/act":
        path = next((node / "keys").glob("act-*"))
    path.chmod(mode(path) | bits)
    with pytest.raises(Untrusted) as caught:
        Keyring.open(node).root()
    assert caught.value.code == "key_permissions"
    assert f"chmod {'700' if path.is_dir() else '600'} {path}" in caught.value.do
