"""The contracts of the house that import-linter cannot see."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "hueandcry"

#: The order of the apps, lowest first; engine rooms and Django's own tables lie below them all.
ORDER = (
    "members",
    "peers",
    "directory",
    "evidence",
    "signals",
    "detection",
    "reports",
    "cooperation",
    "duty",
    "deconfliction",
    "exchange",
    "collections",
    "sources",
    "webhooks",
)


#: What stands above all apps: tables of the doors, and of the library that signs people in.
ABOVE = ("desk", "account", "mfa", "socialaccount")


def _height(label: str) -> int:
    if label in ABOVE:
        return len(ORDER) + 1
    return ORDER.index(label) + 1 if label in ORDER else 0


def test_foreign_keys_point_downward_only() -> None:
    """A key given as a string is invisible to import-linter."""
    up = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if _height(field.related_model._meta.app_label) > _height(model._meta.app_label)
    ]
    assert up == []


def test_every_app_has_a_place_in_the_order() -> None:
    found = {path.name for path in (SOURCE / "apps").iterdir() if (path / "face.py").exists()}
    assert found == set(ORDER)


def test_no_module_is_a_drawer_for_everything() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")}
    assert names.isdisjoint({"utils", "util", "helpers", "helper", "common", "misc"})


def test_no_file_is_longer_than_400_lines() -> None:
    long = [
        str(path.relative_to(ROOT))
        for path in SOURCE.rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > 400
    ]
    assert long == []


def test_packages_of_apps_stay_empty() -> None:
    """Importing models in `__init__` fails before Django's registry is ready."""
    filled = [path for path in (SOURCE / "apps").rglob("__init__.py") if path.read_text().strip()]
    assert filled == []


def test_every_module_says_what_it_promises() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCE.rglob("*.py")
        if "migrations" not in path.parts and path.name not in ("apps.py", "__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_core_asks_no_clock() -> None:
    """`datetime.now` and its like would make a rule depend on when it runs."""
    asked = re.compile(r"\.(now|utcnow|today)\(\)")
    guilty = [path for path in (SOURCE / "core").rglob("*.py") if asked.search(path.read_text())]
    assert guilty == []


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    for name in ("run.txt", "dev.txt"):
        text = (ROOT / "requirements" / name).read_text("utf-8")
        pinned = re.findall(r"^[a-z0-9._-]+(?:\[.*\])?==", text, re.MULTILINE)
        assert len(pinned) > 20
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text and "index-url" not in text
    assert "resolved" not in (ROOT / "requirements/npm/package-lock.json").read_text("utf-8")
