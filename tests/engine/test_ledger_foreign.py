"""Our public log and its heads, judged by programs that are not ours: pymerkle and openssl."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine import children
from engine.logs import log, opened, publish
from hueandcry.core import notes
from hueandcry.core.tiles import bundles_between, decode_bundle
from hueandcry.core.witnessing import witness_key
from hueandcry.engine.keys.ed25519 import PrivateKey
from hueandcry.engine.ledger import face

ROOT = Path(__file__).resolve().parents[2]
PYMERKLE = ROOT / ".vendor" / "pymerkle" / "bin" / "python"

#: Builds the tree anew from the entries alone, and says its roots and paths.
JUDGE = """
import json, sys
from pymerkle import InmemoryTree
given = json.load(sys.stdin)
tree = InmemoryTree(algorithm="sha256")
for entry in given["entries"]:
    tree.append_entry(bytes.fromhex(entry))
size = given["size"]
json.dump({
    "root": tree.get_root(size).hex(),
    "paths": [
        [step.hex() for step in tree.prove_inclusion(index + 1, size).path[1:]]
        for index in given["indexes"]
    ],
    "old": [tree.get_root(old).hex() for old in given["old"]],
}, sys.stdout)
"""


def judged(**given: Any) -> Any:
    if not PYMERKLE.exists():
        pytest.skip("pymerkle is not installed beside this: `make foreign`")
    done = subprocess.run(
        [PYMERKLE, "-c", JUDGE], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_another_implementation_comes_to_the_same_root_and_paths(database: None) -> None:
    log(300)
    publish()
    size = opened().size
    tiles = bundles_between(0, size)
    entries = [entry for tile in tiles for entry in decode_bundle(face.tile(tile.path))]
    indexes = [0, 1, 127, 128, 255, 256, size - 1]
    found = judged(
        entries=[each.hex() for each in entries], size=size, indexes=indexes, old=[1, 255]
    )
    assert found["root"] == opened().root.hex()
    ours = [[step.hex() for step in face.proof(index, size)] for index in indexes]
    assert found["paths"] == ours


def check_by_openssl(folder: Path, public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `openssl pkeyutl` believes an Ed25519 signature."""
    if shutil.which("openssl") is None:
        pytest.skip("the program openssl is not installed")
    der = bytes.fromhex("302a300506032b6570032100") + public  # RFC 8410 section 4
    text = base64.b64encode(der).decode()
    (folder / "key.pem").write_text(
        f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"
    )
    (folder / "signature").write_bytes(signature)
    (folder / "message").write_bytes(message)
    words = ("-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message")
    done = subprocess.run(
        ["openssl", "pkeyutl", *words, "-sigfile", "signature"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode == 0 and "Verified Successfully" in done.stdout


def test_openssl_believes_the_signatures_of_a_log_and_of_its_witness(
    database: None, tmp_path: Path
) -> None:
    log(5)
    publish()
    note = face.checkpoint()
    assert note is not None
    parsed = notes.parse_note(note)
    text = parsed.text.encode()
    (signed,) = parsed.signatures
    public = children.KEY.public
    assert check_by_openssl(tmp_path, public, signed.signature, text)
    assert not check_by_openssl(tmp_path, public, signed.signature, text + b"\n")
    witness = PrivateKey(bytes(range(1, 33)))
    line = notes.cosign(parsed.text, witness_key("ab" * 32, witness.public), 7, witness.sign)
    message = b"cosignature/v1\ntime 7\n" + text
    assert check_by_openssl(tmp_path, witness.public, line.signature[8:], message)
