"""Every text that the public site marks for translation: from its templates and its modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

import hueandcry.doors.web

WEB = Path(hueandcry.doors.web.__file__).parent
DESK = WEB.parent / "desk"  # what every door says is in the catalogue of the site

Message = tuple[str, str]  #: context (empty: none) and text

_FUNCTIONS = {"_": 1, "gettext_lazy": 1, "gettext": 1, "pgettext_lazy": 2}
_CALL = re.compile(r"\bgettext\((u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))\)")


def messages() -> set[Message]:
    """Every message of the public site."""
    return {message for found in (_of_modules(), _of_templates()) for message in found}


def _of_modules() -> Iterator[Message]:
    for module in sorted([*WEB.rglob("*.py"), *DESK.glob("*.py")]):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from _of_call(node.func.id, node.args)


def _of_call(name: str, args: list[ast.expr]) -> Iterator[Message]:
    if len(args) != _FUNCTIONS.get(name):
        return
    context, text = (("", *map(ast.literal_eval, args)))[-2:]
    yield context, text


def _of_templates() -> Iterator[Message]:
    for template in sorted((WEB / "templates").rglob("*.html")):
        code = templatize(template.read_text(), origin=str(template))
        for match in _CALL.finditer(code):
            yield "", ast.literal_eval(match[1])
