"""The evidence of the demonstration: preserved in Bangkok, received in Hanoi, checked by nobody's
node.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import hueandcry
from hueandcry.core.errors import Broken
from hueandcry.core.packages import SEALED_ENDING
from hueandcry.doors.cli import demo_victims
from hueandcry.doors.cli.partnership import Node
from hueandcry.engine import clock
from hueandcry.engine.keys import agefile
from hueandcry.engine.keys.keyring import KeyPurpose, Keyring

PATIENCE: Final = 90.0

_CHAT: Final = """\
12/11/2026, 14:02 - Messages and calls are end-to-end encrypted.
12/11/2026, 14:03 - +66 81 234 5678: สวัสดีค่ะ ธนาคารกสิกรไทยค่ะ บัญชีของคุณถูกระงับ
12/11/2026, 14:04 - Somchai: บัญชีไหนครับ
12/11/2026, 14:05 - +66 81 234 5678: ยืนยันที่ https://secure-kbank-verify.example/login ภายในวันนี้ค่ะ
12/11/2026, 14:11 - +66 81 234 5678: โอนมาที่ 0123456789 เพื่อปลดล็อกค่ะ
"""

_LOG_INS: Final = """\
account,at,address
0123456789,2026-09-18T02:14:07Z,198.51.100.24
0123456789,2026-09-21T02:09:55Z,198.51.100.24
"""


def preserve(node: Node, folder: Path) -> list[dict[str, Any]]:
    """A chat export and a screenshot as exhibits that the prosecutor has taken, as they answer."""
    chat, picture = folder / "WhatsApp chat.txt", folder / "screenshot.png"
    chat.write_text(_CHAT)
    picture.write_bytes(demo_victims.screenshot("trung-thuong-tri-an.example/nhan-qua"))
    added = []
    for file, what in ((chat, "Chat that the victim exported"), (picture, "Her screenshot")):
        said = node.command(
            *("evidence", "add", str(file), "--description", what, "--place", "Bangkok"),
            *("--collected-by", "Malee", "--authority", "Consent of the victim"),
        )
        node.command(
            *("evidence", "take", said["number"], "--reason", "Case 7/2026"),
            *("--authority", "Office of the Attorney General", "--as", "prosecutor"),
        )
        added.append(said)
    return added


def produce(node: Node, to: Node, folder: Path) -> dict[str, Any]:
    """The preserved records as an exhibit, packed and sent; the package as `to` has it."""
    records = folder / "log-ins.csv"
    records.write_text(_LOG_INS)
    added = node.command(
        *("evidence", "add", str(records), "--description", "Log-in records", "--place", "Hanoi"),
        *("--collected-by", "Mekong Bank", "--authority", "Order 7/2026"),
    )
    node.command(
        *("evidence", "take", added["number"], "--reason", "Asked for by Bangkok"),
        *("--authority", "Order 7/2026", "--as", "huong"),
    )
    return hand_over(node, to, [added["number"]], folder / "records.tar.age", "huong")


def hand_over(node: Node, to: Node, numbers: Sequence[str], file: Path, by: str) -> dict[str, Any]:
    """Packs and sends; the package as `to` has it once it is settled there, and its digest."""
    said = node.command(
        *("evidence", "package", *numbers, "--to", to.fingerprint, "--output", str(file)),
        *("--send", "--reason", f"Asked for by {to.title}", "--as", by),
    )
    until = clock.monotonic() + PATIENCE
    while clock.monotonic() < until:
        for each in to.command("evidence", "incoming")["packages"]:
            if each["package"] == said["package"] and each["state"] != "announced":
                return _accepted(each) | {"tag_manifest": said["tag_manifest"]}
        time.sleep(0.2)
    raise Broken("absent", f"The package never arrived at {to.title}")


def _accepted(arrived: dict[str, Any]) -> dict[str, Any]:
    if arrived["state"] != "accepted":
        raise Broken("refused", "The package was refused", why=arrived["said"])
    return arrived


def judge(package: Path, owner: Node) -> dict[str, Any]:
    """What the stand-alone verifier says of the opened package, by the policy of its recipient.

    It runs without any installed package, as on an expert's machine: it gets the opened tar, its
    note, and a policy.
    """
    policy = package.with_name("policy.txt")
    owner.command("policy", "--output", str(policy))
    tar = package.with_name(package.name.removesuffix(SEALED_ENDING) + ".tar")
    keyring = Keyring.open(owner.folder, None)
    identities = [keyring.identity(each) for each in keyring.key_ids(KeyPurpose.AGE)]
    with package.open("rb") as source, tar.open("wb") as target:
        agefile.unseal(source, target, identities)
    alone = {"PYTHONPATH": str(Path(hueandcry.__file__).parents[1]), "PATH": os.defpath}
    words = [str(tar), "--policy", str(policy), "--json"]
    done = subprocess.run(
        [sys.executable, "-S", "-m", "hueandcry.verifier", *words],
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Broken("refused", "The stand-alone verifier refuses it", why=done.stdout[-2_000:])
    said: dict[str, Any] = json.loads(done.stdout)
    return said
