"""The `hueandcry` command: one table of commands, each loaded only when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from hueandcry.core.errors import HueError
from hueandcry.doors.cli.usage import Usage

#: Command → (module, what it does). Loading one does not load the others, nor Django.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "a partnership of three nodes on this machine, from raising to proving"),
    "init": ("node", "found a node: database, keys, first administrator"),
    "serve": ("node", "run this node: web and loops in one go"),
    "worker": ("worker", "run the loops apart from the web process"),
    "doctor": ("doctor", "check this node and say what to do"),
    "check": ("claims", "verdict on values, with reasons"),
    "verify": ("verifying", "check a package of evidence, offline: ten checks"),
    "policy": ("trusting", "whom this node trusts, as a text for the verifier"),
    "scan": ("scanning", "what a message looks like and why, offline"),
    "train": ("training", "adapt the message model to labelled messages of your own"),
    "report": ("claims", "raise claims about values"),
    "reports": ("reports", "what happened to people: add, list, show, confirm, reject, import"),
    "evidence": ("evidence", "exhibits and their custody: add, list, show, take, hold, export"),
    "request": ("requesting", "requests to other members: types, new, list, show, act"),
    "goaml": ("goaml", "a report of suspicious transactions as XML for the unit, offline"),
    "deconflict": ("deconflicting", "whether a peer works on the same numbers, and nothing else"),
    "duty": ("duty", "who is on duty, what rings: list, add, gaps, calls, ack, note, take"),
    "retract": ("claims", "withdraw our claims about a value"),
    "ingest": ("ingest", "take a list of values in bulk"),
    "lists": ("lists", "lists for the tools of others: write, formats"),
    "source": ("sources", "saved lists of others: add, list, show, preview, run, pause, remove"),
    "trace": ("claims", "what became of our claims about a value, hop by hop"),
    "person": ("people", "people and roles: add, list, roles, reset, deactivate, activate"),
    "token": ("tokens", "tokens of machines: new, list, revoke"),
    "collection": ("collections", "places where other tools read and write by TAXII"),
    "webhook": ("webhooks", "signed notices of what changed: list, add, test, resume, remove"),
    "settings": ("settings", "settings of this node: list, set, clear, history"),
    "join": ("joining", "join a partnership: self-test, peer, agreement, first sync"),
    "peer": ("peering", "other members' nodes: add, list, sync, suspend"),
    "export": ("carriage", "write what waits for a peer into a file, for people to carry"),
    "import": ("carriage", "verify carried files and take in what is in them"),
    "directory": ("directory", "the partnership: charter, propose, sign, list, show"),
    "seat": ("seats", "guests that work on this node: add, list, export, end"),
    "treaties": ("treaties", "which instrument is in force for whom: list, check, import"),
    "keys": ("keys", "this node's keys: list, renew, revoke, rotate-root"),
    "log": ("ledger", "the ledger: verify, status, succeed"),
    "backup": ("backup", "an encrypted copy of this node while it runs"),
    "purge": ("purge", "delete what must not be kept any longer; erase one value"),
    "hold": ("purge", "legal holds: add, list, end"),
    "restore": ("restore", "a backup becomes a node again, in an empty place"),
}


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 refused or found wrong, 2 usage."""
    given = _take_data(list(sys.argv[1:] if arguments is None else arguments))
    if not given or given[0] in ("-h", "--help", "help"):
        _help()
        sys.exit(0 if given else 2)
    if given[0] == "--version":
        print(import_module("importlib.metadata").version("hueandcry"))
        sys.exit(0)
    if given[0] not in COMMANDS:
        _complain(f"There is no command {given[0]!r}. Run `hueandcry --help` for the list.")
        sys.exit(2)
    sys.exit(_command(given[0], given[1:]))


def _command(name: str, rest: list[str]) -> int:
    module = import_module(f"hueandcry.doors.cli.{COMMANDS[name][0]}")
    try:
        module.COMMANDS[name](args=rest, prog_name=f"hueandcry {name}", standalone_mode=True)
    except HueError as refused:
        _complain(str(refused))
        return 2 if isinstance(refused, Usage) else 1
    except KeyboardInterrupt:
        return 130
    except SystemExit as exit:
        return exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    return 0


def _take_data(arguments: list[str]) -> list[str]:
    """Reads `--data DIR` wherever it stands, before anything looks at the environment."""
    rest: list[str] = []
    while arguments:
        word = arguments.pop(0)
        if word == "--":
            return [*rest, word, *arguments]
        if word == "--data" and arguments:
            os.environ["HUEANDCRY_DATA"] = arguments.pop(0)
        elif word.startswith("--data="):
            os.environ["HUEANDCRY_DATA"] = word.partition("=")[2]
        else:
            rest.append(word)
    return rest


def _help() -> None:
    print("Usage: hueandcry COMMAND [OPTIONS]\n")
    print("Raise a scam once; every partner entitled to it acts on it within a second.\n")
    for name, (_, does) in COMMANDS.items():
        print(f"  {name:10} {does}")
    print("\nEvery command takes --data DIR (default $HUEANDCRY_DATA, else ./data) and --help.")
    print("Commands that answer take --json.")


def _complain(message: str) -> None:
    print(f"hueandcry: {message}", file=sys.stderr)
