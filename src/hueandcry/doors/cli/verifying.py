"""`hueandcry verify`: ten checks of a package of evidence, from files alone; no node is opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from hueandcry.core.errors import Untrusted
from hueandcry.core.policies import Policy
from hueandcry.doors.cli.commands import Json, command
from hueandcry.verifier import opening, policies, telling
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import NotCheckedError
from hueandcry.verifier.shipping import Form, form_of

POLICY: Final = "policy.txt"  #: in the folder of a node: whom it trusts
_SHACL_TIME: Final = 300  #: seconds; a graph of ordinary size takes five


def verify(
    package: Annotated[Path, typer.Argument(help="X.tar.age, the opened X.tar, or its folder")],
    policy: Annotated[Path | None, typer.Option(help="whom to trust")] = None,
    key: Annotated[Path | None, typer.Option(help="age key file, for what is sealed")] = None,
    case: Annotated[bool, typer.Option("--case", help="ask the rules of CASE too")] = False,
    json: Json = False,
) -> None:
    """Verify a package of evidence: ten checks, no network, no account."""
    node = os.environ.get("HUEANDCRY_DATA")
    report = examine(
        package,
        policy=_policy(policy, node),
        keys=_keys(package, key, node),
        shacl=_shacl if case else None,
    )
    sys.stdout.write(telling.as_json(report) if json else telling.told(report))
    if not report.accepted:
        raise typer.Exit(1)


def _policy(given: Path | None, node: str | None) -> Policy | None:
    """The policy named, else that of the node whose folder is named, else none."""
    if given is not None:
        return policies.read(given)
    own = Path(node) / POLICY if node else None
    return policies.read(own) if own is not None and own.exists() else None


def _keys(package: Path, given: Path | None, node: str | None) -> list[str]:
    """The age identities named; else, for what is sealed, those of the node whose folder is."""
    if given is not None:
        return opening.read_keys(given)
    if not node or form_of(package) is not Form.SEALED:
        return []
    # Opening a keyring loads a cryptographic library, which nothing else here needs.
    from hueandcry.engine.keys.keyring import KeyPurpose, Keyring

    secret = os.environ.get("HUEANDCRY_SECRET_FILE")
    keyring = Keyring.open(Path(node), Path(secret) if secret else None)
    return [keyring.identity(each) for each in keyring.key_ids(KeyPurpose.AGE)]


def _shacl(graph: bytes) -> str:
    """Asks `case_validate` of case-utils, in a process of its own, whether the graph conforms."""
    beside = shutil.which("case_validate", path=str(Path(sys.executable).parent))
    program = beside or shutil.which("case_validate")
    if program is None:
        raise NotCheckedError(
            "no_case_utils",
            "The structure holds, but case-utils is not installed here, which knows the rules of"
            " CASE: install it, or verify without --case",
        )
    with tempfile.NamedTemporaryFile(suffix=".jsonld") as file:
        file.write(graph)
        file.flush()
        asked = subprocess.run(
            [program, file.name], capture_output=True, timeout=_SHACL_TIME, check=False
        )
    if asked.returncode:
        said = (asked.stdout or asked.stderr).decode(errors="replace")
        raise Untrusted("case_rules", "The graph breaks the rules of CASE", why=said[-400:])
    return "it conforms to the rules of CASE (SHACL)"


COMMANDS = {"verify": command(verify)}
