"""`hueandcry verify`: ten checks of a package of evidence, from files alone; no node is opened.

It takes its arguments by the standard library, as the verifier that stands alone does: loading what
the other commands take theirs by would cost more than the whole verification.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from hueandcry.core.errors import Untrusted
from hueandcry.core.policies import Policy
from hueandcry.verifier import command, policies
from hueandcry.verifier.results import NotCheckedError
from hueandcry.verifier.shipping import Form, form_of

POLICY: Final = "policy.txt"  #: in the folder of a node: whom it trusts
_SHACL_TIME: Final = 300  #: seconds; a graph of ordinary size takes five


def verify(args: Sequence[str], prog_name: str, **_: Any) -> NoReturn:
    """Verifies a package; with the folder of a node named, by its policy and its age keys."""
    given = command.parser(prog_name, case=True).parse_args(args)
    node = os.environ.get("HUEANDCRY_DATA")
    command.answer(
        given,
        otherwise=lambda: _policy(node),
        keys=lambda package: _keys(package, node),
        shacl=_shacl if given.case else None,
    )


def _policy(node: str | None) -> Policy | None:
    """The policy of the node whose folder is named, if it has one."""
    own = Path(node) / POLICY if node else None
    return policies.read(own) if own is not None and own.exists() else None


def _keys(package: Path, node: str | None) -> list[str]:
    """The age identities of that node, for what is sealed."""
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


COMMANDS = {"verify": verify}
