"""Signed notes, checkpoints, cosignatures and proof files as C2SP writes them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.signing import private, public, verify
from hueandcry.core import notes, tlog
from hueandcry.core.errors import HueError, Malformed, TooLarge, Untrusted
from hueandcry.core.notes import COSIGNATURE, ED25519, Checkpoint, Note, ProofFile, VerifierKey

# The examples printed in c2sp.org/signed-note and in the documentation of golang.org/x/mod.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONn"
    "cAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupL"
    "Lr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

LOG = VerifierKey("log.example/log/1", ED25519, public(1))
WITNESSES = [VerifierKey(f"w{n}.example", COSIGNATURE, public(n)) for n in range(10, 30)]
STRANGER = VerifierKey("stranger.example", ED25519, public(9))
HASHES = [tlog.leaf_hash(bytes((n,))) for n in range(100)]
TREE = tlog.MerkleTree(HASHES)
HEAD = Checkpoint("log.example/log/1", 100, TREE.root)
NOW = 1_763_942_400

LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
TEXTS = st.lists(LINES, min_size=1, max_size=5).map(lambda lines: "\n".join(lines) + "\n")


def signed(text: str = HEAD.text, *, witnesses: int = 0) -> Note:
    signatures = [notes.sign_note(text, LOG, private(1).sign)]
    for n, key in enumerate(WITNESSES[:witnesses]):
        signatures.append(notes.cosign(text, key, NOW + n, private(10 + n).sign))
    return Note(text, tuple(signatures))


def refusal(open_it: Any, *arguments: Any) -> str:
    with pytest.raises(HueError) as caught:
        open_it(*arguments)
    assert isinstance(caught.value, (Malformed, TooLarge, Untrusted))
    return caught.value.code


# --- the printed examples ----------------------------------------------------------------------


@pytest.mark.parametrize(("vkey", "note"), [(SPEC_KEY, SPEC_NOTE), (GO_KEY, GO_NOTE)])
def test_the_printed_notes_open_and_are_written_byte_for_byte(vkey: str, note: str) -> None:
    key = VerifierKey.read(vkey)
    opened = notes.open_note(note.encode(), [key], verify)
    assert key.vkey == vkey
    assert opened.encode() == note.encode()
    assert opened.text == note.rpartition("\n\n")[0] + "\n"


def test_the_printed_note_of_the_reference_text_opens() -> None:
    opened = notes.open_note(SPEC_NOTE.encode(), [VerifierKey.read(SPEC_KEY)], verify)
    assert opened.text == "This is an example message.\n"


def test_the_printed_cosignature_states_its_time() -> None:
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
        "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    signature = notes.Signature.read(line)
    assert signature.time == 1679315147
    assert signature.line == line + "\n"


def test_a_cosignature_is_over_the_lines_that_the_specification_prints() -> None:
    messages: list[bytes] = []
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    def remember(message: bytes) -> bytes:
        messages.append(message)
        return bytes(64)

    made = notes.cosign(text, WITNESSES[0], 1679315147, remember)
    assert messages == [b"cosignature/v1\ntime 1679315147\n" + text.encode()]
    assert made.signature == (1679315147).to_bytes(8, "big") + bytes(64)


# --- verifier keys -----------------------------------------------------------------------------


def test_no_other_spelling_of_a_verifier_key_is_taken() -> None:
    for at in range(len(GO_KEY)):
        flipped = GO_KEY[:at] + chr(ord(GO_KEY[at]) ^ 1) + GO_KEY[at + 1 :]
        for wrong in (flipped, GO_KEY[:at], GO_KEY[at + 1 :], GO_KEY[:at] + GO_KEY[at].swapcase()):
            if wrong != GO_KEY:
                assert refusal(VerifierKey.read, wrong) in {"vkey", "name"}


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\tb", "a\nb", "\u2003"])
def test_a_name_with_blanks_or_a_plus_names_no_key(name: str) -> None:
    assert refusal(VerifierKey, name, ED25519, public(1)) == "name"


@pytest.mark.parametrize("kind", [0, 2, 5, 6, 255])
def test_other_types_of_keys_are_not_taken(kind: int) -> None:
    assert refusal(VerifierKey, "a", kind, public(1)) == "vkey"


# --- opening -----------------------------------------------------------------------------------


@given(TEXTS)
def test_any_text_survives_being_signed_and_opened(text: str) -> None:
    note = signed(text)
    assert notes.parse_note(note.encode()) == note
    assert notes.open_note(note.encode(), [LOG, STRANGER], verify) == note


def test_a_note_with_any_byte_changed_is_refused() -> None:
    data = signed(witnesses=1).encode()
    for at in range(len(data)):
        for bit in (1, 0x20):
            flipped = data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]
            # A changed name or id makes a signature one of nobody known: it must then be missed.
            try:
                opened = notes.open_checkpoint(flipped, LOG, WITNESSES, verify)
            except (Malformed, Untrusted):
                continue
            assert opened.checkpoint == HEAD
            assert opened.cosignatures == ()


def test_signatures_of_unknown_keys_are_left_out() -> None:
    extra = notes.sign_note(HEAD.text, STRANGER, private(9).sign)
    note = Note(HEAD.text, (extra, *signed(witnesses=2).signatures))
    opened = notes.open_note(note.encode(), [LOG, WITNESSES[0]], verify)
    assert [each.name for each in opened.signatures] == [LOG.name, WITNESSES[0].name]


def test_one_bad_signature_by_a_known_key_refuses_the_whole_note() -> None:
    bad = notes.cosign("another text\n", WITNESSES[0], NOW, private(10).sign)
    note = Note(HEAD.text, (*signed().signatures, bad))
    assert refusal(notes.open_note, note.encode(), [LOG, WITNESSES[0]], verify) == "signature"
    assert notes.open_note(note.encode(), [LOG], verify).signatures == signed().signatures


def test_a_bad_signature_hidden_behind_a_good_one_of_the_same_key_is_found() -> None:
    bad = notes.Signature(LOG.name, LOG.id, bytes(64))
    note = Note(HEAD.text, (*signed().signatures, bad))
    assert refusal(notes.open_note, note.encode(), [LOG], verify) == "signature"


def test_a_key_that_signed_twice_counts_once() -> None:
    later = notes.cosign(HEAD.text, WITNESSES[0], NOW + 99, private(10).sign)
    note = Note(HEAD.text, (*signed(witnesses=1).signatures, later))
    opened = notes.open_checkpoint(note.encode(), LOG, WITNESSES, verify)
    assert [each.time for each in opened.cosignatures] == [NOW]


def test_same_name_with_another_id_is_another_key() -> None:
    impostor = VerifierKey(LOG.name, ED25519, public(2))
    note = Note(HEAD.text, (notes.sign_note(HEAD.text, impostor, private(2).sign),))
    assert refusal(notes.open_note, note.encode(), [LOG], verify) == "unsigned"
    assert refusal(notes.open_note, note.encode(), [], verify) == "unsigned"


def test_a_plain_signature_never_passes_as_a_cosignature_of_the_same_key() -> None:
    plain, timed = (VerifierKey("w", kind, public(3)) for kind in (ED25519, COSIGNATURE))
    assert plain.id != timed.id
    one = notes.sign_note(HEAD.text, plain, private(3).sign)
    moved = Note(HEAD.text, (notes.Signature("w", timed.id, bytes(8) + one.signature),))
    assert refusal(notes.open_note, moved.encode(), [timed], verify) == "signature"
    short = Note(HEAD.text, (notes.Signature("w", timed.id, one.signature),))
    assert refusal(notes.open_note, short.encode(), [timed], verify) == "signature"
    assert refusal(notes.sign_note, HEAD.text, timed, private(3).sign) == "key_type"
    assert refusal(notes.cosign, HEAD.text, plain, NOW, private(3).sign) == "key_type"


def test_the_time_of_a_cosignature_is_signed() -> None:
    made = notes.cosign(HEAD.text, WITNESSES[0], NOW, private(10).sign)
    moved = (NOW + 1).to_bytes(8, "big") + made.signature[8:]
    note = Note(HEAD.text, (notes.Signature(made.name, made.key_id, moved),))
    assert refusal(notes.open_note, note.encode(), [WITNESSES[0]], verify) == "signature"


@pytest.mark.parametrize("seconds", [-1, 2**63])
def test_a_cosignature_states_a_time_that_others_can_read(seconds: int) -> None:
    assert refusal(notes.cosign, HEAD.text, WITNESSES[0], seconds, private(10).sign) == "time"


def test_a_key_of_small_order_opens_nothing() -> None:
    weak = VerifierKey("weak", ED25519, bytes(32))
    note = Note("text\n", (notes.Signature("weak", weak.id, bytes(64)),))
    assert refusal(notes.open_note, note.encode(), [weak], lambda *_: True) == "small_order_key"


def test_a_hundred_signatures_are_read_and_no_more() -> None:
    line = notes.Signature("nobody", bytes(4), bytes(64))
    hundred = Note(HEAD.text, (*signed(witnesses=20).signatures, *[line] * 79))
    assert len(notes.open_note(hundred.encode(), [LOG, *WITNESSES], verify).signatures) == 21
    more = Note(HEAD.text, (*hundred.signatures, line))
    assert refusal(notes.parse_note, more.encode()) == "signatures"
    assert refusal(notes.parse_note, b"a" * (notes.MAX_NOTE + 1)) == "too_large"


SIGNATURE = SPEC_NOTE.rpartition("\n\n")[2]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n" + SIGNATURE,
        "text\n\n" + SIGNATURE[:-1],
        "text\n\n" + SIGNATURE + "\n",
        "text\n\n" + SIGNATURE + "text\n",
        "text\n\n" + SIGNATURE.replace("—", "-"),
        "text\n\n" + SIGNATURE.replace("— ", "—"),
        "text\n\n" + SIGNATURE.replace("foo ", "foo  "),
        "text\n\n" + SIGNATURE.replace("foo", "f+o"),
        "text\n\n" + SIGNATURE.replace("foo", "f\u00a0o"),
        "text\n\n" + SIGNATURE.replace("QM=", "QN="),
        "text\n\n" + SIGNATURE.replace("QM=", "QM"),
        "text\n\n" + SIGNATURE.replace("QM=", "QM=="),
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name \n",
        "te\txt\n\n" + SIGNATURE,
        "te\rxt\n\n" + SIGNATURE,
        "te\x00xt\n\n" + SIGNATURE,
        "text\r\n\r\n" + SIGNATURE,
    ],
)
def test_what_is_not_a_note_is_refused(data: str) -> None:
    assert refusal(notes.parse_note, data.encode()) in {"note", "name"}


def test_a_note_is_utf_8() -> None:
    assert refusal(notes.parse_note, b"\xff\n\n" + SIGNATURE.encode()) == "not_utf8"


@pytest.mark.parametrize("text", ["", "text", "te\txt\n", "te\x1fxt\n"])
def test_a_text_that_could_not_be_opened_is_not_signed(text: str) -> None:
    assert refusal(notes.sign_note, text, LOG, private(1).sign) == "note"


# --- checkpoints -------------------------------------------------------------------------------


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_survive_being_signed_and_opened(size: int, root: bytes) -> None:
    head = Checkpoint(LOG.name, size, root)
    note = notes.sign_checkpoint(head, LOG, private(1).sign)
    assert notes.open_checkpoint(note.encode(), LOG, [], verify).checkpoint == head


def test_a_checkpoint_is_three_lines() -> None:
    root = base64.b64encode(TREE.root).decode()
    assert HEAD.text == f"log.example/log/1\n100\n{root}\n"
    assert Checkpoint.read(HEAD.text + "extension\n").extensions == ("extension",)


ROOT = base64.b64encode(TREE.root).decode()


@pytest.mark.parametrize(
    "text",
    ["", "a\n", "a\n1\n", f"a\n1\n{ROOT}", f"\n1\n{ROOT}\n", f"a b\n1\n{ROOT}\n",
     f"a\n01\n{ROOT}\n", f"a\n-1\n{ROOT}\n", f"a\n+1\n{ROOT}\n", f"a\n 1\n{ROOT}\n",
     f"a\n1_0\n{ROOT}\n", f"a\n\n{ROOT}\n",
     f"a\n9223372036854775808\n{ROOT}\n", f"a\n\u0661\n{ROOT}\n", f"a\n1\n{ROOT[:-1]}\n",
     f"a\n1\n{ROOT[:-4]}\n", f"a\n1\n{ROOT}\n\n", f"a\n1\n{ROOT}\n\next\n", f"a\n1\n\n{ROOT}\n",
     f"a\n1\n {ROOT}\n"],
)  # fmt: skip
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    assert refusal(Checkpoint.read, text) in {"checkpoint", "name"}


def test_witnesses_without_the_log_do_not_make_a_checkpoint() -> None:
    alone = Note(HEAD.text, signed(witnesses=3).signatures[1:])
    assert refusal(notes.open_checkpoint, alone.encode(), LOG, WITNESSES, verify) == "unsigned"


def test_the_key_of_one_log_cannot_speak_for_another() -> None:
    other = Checkpoint("log.example/log/2", 100, TREE.root)
    assert refusal(notes.sign_checkpoint, other, LOG, private(1).sign) == "origin"
    assert refusal(notes.open_checkpoint, signed(other.text).encode(), LOG, [], verify) == "origin"


def test_keys_are_used_for_their_own_purpose_only() -> None:
    data = signed().encode()
    assert refusal(notes.open_checkpoint, data, WITNESSES[0], [], verify) == "key_type"
    assert refusal(notes.open_checkpoint, data, LOG, [STRANGER], verify) == "key_type"


# --- proof files -------------------------------------------------------------------------------


def proof_file(index: int = 7, extra: bytes = b"") -> ProofFile:
    return ProofFile(index, tuple(TREE.inclusion(index)), signed(witnesses=2).encode(), extra)


@given(st.integers(0, 99), st.binary(max_size=40))
def test_proof_files_survive_being_written_and_read(index: int, extra: bytes) -> None:
    proof = proof_file(index, extra)
    assert notes.parse_proof(proof.encode()) == proof
    opened = notes.open_proof(proof, HASHES[index], LOG, WITNESSES, verify)
    assert opened.checkpoint == HEAD
    assert len(opened.cosignatures) == 2


def test_a_proof_file_is_written_as_the_specification_says() -> None:
    proof = ProofFile(3, (b"\x01" * 32,), SPEC_NOTE.encode(), b"extra")
    assert proof.encode().decode() == (
        "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 3\n"
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n" + SPEC_NOTE
    )
    single = ProofFile(0, (), SPEC_NOTE.encode())
    assert notes.parse_proof(single.encode()) == single


def test_a_proof_proves_one_leaf_at_one_place() -> None:
    proof = proof_file(7)
    assert refusal(notes.open_proof, proof, HASHES[8], LOG, WITNESSES, verify) == "proof"
    moved = ProofFile(8, proof.hashes, proof.checkpoint)
    assert refusal(notes.open_proof, moved, HASHES[7], LOG, WITNESSES, verify) == "proof"
    assert refusal(notes.open_proof, proof, HASHES[7], STRANGER, [], verify) == "unsigned"


WRITTEN = proof_file().encode().decode()


@pytest.mark.parametrize(
    "data",
    [
        "",
        WRITTEN.replace("@v1", "@v2"),
        WRITTEN.replace("index 7\n", ""),
        WRITTEN.replace("index 7", "index 07"),
        WRITTEN.replace("index 7", "index -7"),
        WRITTEN.replace("index 7", "index  7"),
        WRITTEN.replace("index 7", "extra !\nindex 7"),
        WRITTEN.replace("index 7", "extra \nindex 7"),
        WRITTEN.replace("index 7", "index 7\nextra AAAA"),
        WRITTEN.replace("=\n", "\n", 1),
        WRITTEN.replace("\n", "\r\n"),
        "c2sp.org/tlog-proof@v1\n\n" + SPEC_NOTE,
    ],
)
def test_what_is_not_a_proof_file_is_refused(data: str) -> None:
    assert refusal(notes.parse_proof, data.encode()) in {"tlog_proof", "note"}


def test_a_proof_file_is_bounded() -> None:
    long = ProofFile(0, (bytes(32),) * 65, SPEC_NOTE.encode())
    assert refusal(notes.parse_proof, long.encode()) == "tlog_proof"
    assert refusal(notes.parse_proof, b"a" * (notes.MAX_NOTE + 1)) == "too_large"
