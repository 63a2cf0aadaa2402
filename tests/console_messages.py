"""Every text that the console marks for translation: from its templates and its modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

import hueandcry.doors.console

CONSOLE = Path(hueandcry.doors.console.__file__).parent

#: Context (empty: none), text, and the text for several (empty: the same).
Message = tuple[str, str, str]

_FUNCTIONS = {
    **dict.fromkeys(("_", "gettext_lazy", "gettext"), ("one",)),
    "pgettext_lazy": ("context", "one"),
    "pgettext": ("context", "one"),
    "ngettext": ("one", "many", "number"),
}
_TEXT = r"(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))"
_CALL = re.compile(rf"\b(n?)gettext\({_TEXT}(?:, ?{_TEXT})?")


def messages() -> set[Message]:
    """Every message of the console."""
    return {message for found in (_of_modules(), _of_templates()) for message in found}


def _of_modules() -> Iterator[Message]:
    for module in sorted(CONSOLE.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from _of_call(node.func.id, node.args)


def _of_call(name: str, args: list[ast.expr]) -> Iterator[Message]:
    form = _FUNCTIONS.get(name, ())
    if not form or len(args) != len(form):
        return
    said = {part: arg for part, arg in zip(form, args, strict=True) if part != "number"}
    texts = {part: str(ast.literal_eval(arg)) for part, arg in said.items()}
    yield texts.get("context", ""), texts["one"], texts.get("many", "")


def _of_templates() -> Iterator[Message]:
    for template in sorted((CONSOLE / "templates").rglob("*.*")):
        code = templatize(template.read_text(), origin=str(template))
        for match in _CALL.finditer(code):
            many = str(ast.literal_eval(match[3])) if match[1] and match[3] else ""
            yield "", str(ast.literal_eval(match[2])), many
