"""Build hook: every catalogue of translations (.po) becomes what programs read (.mo)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface[Any]):
    """Runs for whatever is built: wheel, source distribution, editable installation."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for source in sorted(Path(self.root, "src").rglob("locale/*/LC_MESSAGES/*.po")):
            compile_catalogue(source)


def compile_catalogue(source: Path) -> Path:
    """Writes the .mo beside its .po; ValueError for a .po that cannot be read."""
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    target = source.with_suffix(".mo")
    with target.open("wb") as file:
        write_mo(file, catalogue)
    return target
