"""The stand-alone verifier: one file that any Python from 3.11 runs, with nothing installed.

`python -m tools.verifier [FILE]` writes `dist/verify.pyz`. It holds the verifier and those modules
of the core that it imports, as source that can be read. The same sources give the same bytes.
"""

from __future__ import annotations

import ast
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
TARGET = SOURCE.parent / "dist" / "verify.pyz"

_STARTS = "hueandcry.verifier.__main__"
_MAIN = f"""\
import sys
if sys.version_info < (3, 11):
    sys.exit("verify: Python 3.11 or later is needed, this is " + sys.version.split()[0])
from {_STARTS} import main
sys.exit(main())
"""
_FIRST_LINE = b"#!/usr/bin/env python3\n"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def needed(start: str = _STARTS) -> list[str]:
    """Every module of ours that `start` imports, packages above them too, sorted."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found and _file(name).exists():
            found.add(name)
            waiting += [name.rpartition(".")[0], *_imported(name)] if "." in name else []
    return sorted(found)


def _file(name: str) -> Path:
    place = SOURCE.joinpath(*name.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def _imported(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_file(name).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def build(target: Path = TARGET) -> list[str]:
    """Writes the file; the names of the modules in it."""
    names = needed()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        _put(archive, "__main__.py", _MAIN)
        for name in names:
            place = _file(name)
            _put(archive, place.relative_to(SOURCE).as_posix(), place.read_text("utf-8"))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_FIRST_LINE + held.getvalue())
    target.chmod(0o755)
    return names


def _put(archive: zipfile.ZipFile, path: str, text: str) -> None:
    entry = zipfile.ZipInfo(path, _LONG_AGO)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(entry, text)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    modules = build(place)
    print(f"{place}: {place.stat().st_size:,} bytes, {len(modules)} modules")
