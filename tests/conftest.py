"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import django
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from hypothesis import settings

import databases

# No test fails by the clock, which says more about the machine than about the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """A function from a name to that file or folder beside the repository; skips when absent.

    This skip stays allowed where skips fail (HUEANDCRY_NO_SKIP=1): the material is not ours to
    ship, so that a clone of the repository alone never has it.
    """

    def path(name: str) -> Path:
        found = (SHARED / name).resolve()
        if not found.exists():
            pytest.skip(f"the shared material has no {name}: it is kept apart from the repository")
        return found

    return path


# Tests of the core run without Django, which shows that the core needs none of it.
WITHOUT_DJANGO = {Path(__file__).parent / name for name in ("core", "verifier")}


def pytest_addoption(parser: pytest.Parser) -> None:
    databases.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    databases.configure(config)


def pytest_pycollect_makemodule(module_path: Path) -> None:
    if WITHOUT_DJANGO.isdisjoint(module_path.parents):
        django.setup()


@pytest.hookimpl(tryfirst=True)  # before `-m database` looks at the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    databases.mark(config, items)


@pytest.fixture(scope="session")
def tables() -> databases.Tables:
    """The schema, made once per run by our own migrations; passwords need not be slow to guess."""
    PBKDF2PasswordHasher.iterations = 1_000
    return databases.Tables()


@pytest.fixture
def database(tables: databases.Tables) -> None:
    """A database as after `init`'s migrations, and no cache that remembers another one."""
    tables.reset()
    databases.forget_caches()
