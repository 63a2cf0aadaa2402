"""The documentation is true: what it names exists, and what exists is in it."""

from __future__ import annotations

import ast
import base64
import json
import re
from functools import cache
from pathlib import Path

import pytest

from hueandcry.apps.detection.face import MEANINGS
from hueandcry.apps.exchange.intake import read_claim
from hueandcry.apps.exchange.rules import read_batch_body
from hueandcry.apps.members.rules import SCOPES
from hueandcry.apps.peers.agreements import TEMPLATES
from hueandcry.apps.signals.rules import Code
from hueandcry.apps.sources.rules import PROBLEMS, What
from hueandcry.config.environment import VARIABLES
from hueandcry.config.loops import loops
from hueandcry.core import jcs, jws, tlog
from hueandcry.core.formats import FAULTS, FORMATS
from hueandcry.core.sharing import BASES, Terms, personal_terms, read_terms, standard_terms
from hueandcry.core.types import PERSONAL
from hueandcry.doors.cli.main import COMMANDS
from hueandcry.doors.peer.app import CALLS
from hueandcry.engine.policy import face as policy

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "hueandcry"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "adr").glob("*.md"))

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"`([a-z_]+(?:/[a-z0-9_]+)+\.py)(?::([A-Za-z_][A-Za-z0-9_]*))?`")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    level = heading.index(" ")
    rest = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_column(text: str) -> list[str]:
    """Every `code` in the first column of the tables in `text`, in order."""
    cells = [row.split("|")[1] for row in text.splitlines() if row.startswith("|")]
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def worked(text: str, name: str) -> list[str]:
    """The lines of the code block after the comment that names a worked example."""
    block = text.split(f"<!-- worked {name} -->\n```json\n", 1)[1]
    return block.split("\n```", 1)[0].split("\n")


_TEST = re.compile(r"`([a-z_/0-9]+\.py)::(test_[a-z0-9_]+)`")


def test_every_line_of_the_threat_model_is_held_by_a_test_that_exists() -> None:
    text = page("docs/security.md")
    rows = [row for row in text.splitlines() if row.startswith("| ") and "| test |" not in row]
    rows = [row for row in rows if not row.startswith("| ---")]
    assert len(rows) > 40 and all(_TEST.search(row) for row in rows)
    missing = [
        f"{file}::{name}"
        for file, name in _TEST.findall(text)
        if f"def {name}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ]
    assert missing == []


# --- what exists is documented ----------------------------------------------------------------


def test_every_environment_variable_is_documented_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "## Environment")
    assert sorted(first_column(text)) == sorted(VARIABLES)
    assert set(re.findall(r"HUEANDCRY_[A-Z_]+", page("docs/configuration.md"))) == set(VARIABLES)


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "## Settings")
    rows = [row.split("|") for row in text.splitlines() if row.startswith("| `")]
    said = {row[1].strip(" `"): row[2].strip() for row in rows}
    shown = {name: policy.text_of(s.default) for name, s in policy.declared().items()}
    held = {name: text.replace("\n", ", ") for name, text in shown.items()}
    assert said == {n: v for n, v in held.items() if not n.startswith("test.")}


def test_every_scope_of_a_token_is_documented_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "## Audiences")
    table = text.split("| scope | opens |", 1)[1].split("\n\n", 1)[0]
    assert first_column(table) == list(SCOPES)


def test_every_command_is_in_the_readme_and_no_other() -> None:
    rows = first_column(section(page("README.md"), "## Commands"))
    assert sorted(rows) == sorted(f"hueandcry {name}" for name in COMMANDS)


def test_every_loop_is_in_the_architecture_and_no_other() -> None:
    rows = first_column(section(page("docs/architecture.md"), "## Loops"))
    assert sorted(rows) == sorted(loop.name for loop in loops())


def test_every_reason_code_of_a_verdict_is_documented_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "### Reason codes of a verdict")
    assert sorted(first_column(text)) == sorted([*(code.text for code in Code), "claim"])


def test_every_reason_code_of_a_message_is_documented_in_its_words_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "### Reason codes of a message")
    assert first_column(text) == list(MEANINGS)
    assert all(f"| {meaning.words} |" in text for meaning in MEANINGS.values())


def test_every_reason_of_a_rejected_row_is_documented_and_no_other() -> None:
    text = section(page("docs/formats.md"), "### Why a row was rejected")
    assert sorted(first_column(text)) == sorted(FAULTS)


def test_every_problem_of_a_source_is_documented_and_no_other() -> None:
    rows = first_column(section(page("docs/sources.md"), "## Runs"))
    assert sorted(rows) == sorted(PROBLEMS)


def test_every_way_of_a_source_is_documented_and_no_other() -> None:
    table = page("docs/sources.md").split("\n## ", 1)[0]
    named = [row.split("|")[1].strip(" `") for row in table.splitlines() if row.startswith("| `")]
    assert named == list(What)


def test_every_format_is_documented_and_no_other() -> None:
    table = page("docs/formats.md").split("\n## ", 1)[0]
    named = [row.split("|")[1].strip(" `") for row in table.splitlines() if row.startswith("| `")]
    assert named == list(FORMATS)


def test_every_transfer_basis_is_explained_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "### Transfer bases")
    assert first_column(text) == sorted(BASES)


def test_every_member_of_the_terms_is_explained_and_no_other() -> None:
    text = section(page("docs/configuration.md"), "### What each term means")
    members = json.loads(standard_terms("0" * 64, "1" * 64, 0).terms_bytes())
    assert sorted(first_column(text)) == sorted(members)


def test_every_peer_call_is_documented_and_no_other() -> None:
    rows = first_column(section(page("docs/protocol.md"), "## 2. Signed calls"))
    shown = [row.partition("?")[0] for row in rows if row.startswith(("GET ", "POST "))]
    assert sorted(shown) == sorted(f"{method} {path}" for method, path in CALLS)


def test_the_templates_are_what_the_documentation_says() -> None:
    text = section(page("docs/configuration.md"), "### The two templates")
    assert all(f"`{name}`" in text for name in TEMPLATES)
    terms = standard_terms("0" * 64, "1" * 64, 0)
    assert set(_row(text, "kinds").split(":")[1].split(", ")) == {
        kind.value for kind in terms.kinds
    }
    assert f"TLP:{terms.ceiling.wire}" in _row(text, "ceiling")
    assert _row(text, "onward") == "CLEAR and GREEN"
    figures = (f"{terms.retention_days} days", f"{terms.breach_hours} hours", f"{terms.rate:_}")
    said = _row(text, "retention, breach, rate").replace("600 000", "600_000")
    assert all(figure in said for figure in figures)
    personal = personal_terms("0" * 64, "1" * 64, 0)
    assert {code for _, code in personal.basis} == {"public-interest"}
    assert {kind for kind, _ in personal.basis} == PERSONAL


def _row(text: str, name: str) -> str:
    line = next(line for line in text.splitlines() if line.startswith(f"| {name} |"))
    return line.split("|")[2].strip().replace(": ", ":")


# --- what is documented exists ----------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    text = _CODE_BLOCK.sub("", path.read_text("utf-8"))
    dead = [link for link in _LINK.findall(text) if not _leads(path, link)]
    assert dead == []


def _leads(path: Path, link: str) -> bool:
    if link.startswith(("https://", "http://", "mailto:")):
        return True
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target.read_text("utf-8"))


def _anchors(text: str) -> set[str]:
    """The anchors that a reader of Markdown makes of the headings."""
    heads = re.findall(r"^#+ (.+)$", _CODE_BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_function_that_is_named_exists(path: Path) -> None:
    lost = [
        f"{file}:{name}"
        for file, name in _PLACE.findall(path.read_text("utf-8"))
        if not _is_there(file, name)
    ]
    assert lost == []


def _is_there(file: str, name: str) -> bool:
    found = next((root / file for root in (SOURCE, ROOT) if (root / file).is_file()), None)
    return found is not None and (not name or name in _names(found))


@cache
def _names(path: Path) -> frozenset[str]:
    """Functions and classes that a module defines."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def test_the_architecture_says_where_things_are() -> None:
    assert len(_PLACE.findall(page("docs/architecture.md"))) > 40


def test_every_room_in_the_picture_of_the_house_exists_and_no_room_is_missing() -> None:
    picture = section(page("docs/architecture.md"), "## The house").split("```")[1]
    words = set(re.findall(r"[a-z0-9_]+", picture))
    rooms = {
        path.name
        for floor in ("apps", "doors", "engine")
        for path in (SOURCE / floor).iterdir()
        if (path / "__init__.py").exists()
    }
    assert rooms <= words


def test_every_error_code_of_the_peer_door_is_raised_somewhere() -> None:
    codes = first_column(section(page("docs/protocol.md"), "## 2. Signed calls"))
    source = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    unknown = [code for code in codes if " " not in code and f'"{code}"' not in source]
    assert unknown == []


# --- decisions --------------------------------------------------------------------------------


def test_records_of_decisions_have_numbers_of_their_own() -> None:
    numbers = [path.name[:4] for path in RECORDS]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"[0-9]{4}-[a-z0-9-]+\.md", path.name) for path in RECORDS)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name[:4])
def test_a_record_says_context_decision_and_what_follows(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# {path.name[:4]}: ")
    for part in ("**Status:**", "**Context.**", "**Decision.**", "**Consequences.**"):
        assert part in text


# --- worked examples --------------------------------------------------------------------------


def test_the_worked_terms_can_be_signed() -> None:
    text = page("docs/configuration.md")
    (line,) = worked(text, "terms")
    terms = read_terms(line.encode())
    assert isinstance(terms, Terms)
    assert f"`{terms.digest}`" in text


def test_the_worked_terms_come_from_a_draft_in_any_layout_as_the_page_shows() -> None:
    (line,) = worked(page("docs/configuration.md"), "terms")
    draft = json.dumps(dict(reversed(json.loads(line).items())), indent=4)
    assert jcs.canonical(json.loads(draft)) == line.encode()


def test_the_worked_batch_is_one_that_its_reader_takes() -> None:
    text = page("docs/protocol.md")
    (line,) = worked(text, "claim")
    header, payload = worked(text, "batch")
    parts = [_base64url(each) for each in (header.encode(), payload.encode(), bytes(64))]
    document = jws.open_document(b".".join(parts)).stated
    claim = read_claim(line.encode(), document.iss)
    body = read_batch_body(document.body)
    assert (document.type, body.count) == ("batch", 1)
    assert body.root == tlog.root([tlog.leaf_hash(line.encode())])
    assert document.iat >= claim.modified


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
