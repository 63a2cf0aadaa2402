"""The ten languages that people may choose: their codes, here and in Django, and their names."""

from __future__ import annotations

from typing import Final

from django.conf import locale, settings
from django.http import HttpRequest
from django.utils.translation import get_language

#: Django knows neither; without its entry a language can be neither chosen nor described.
_UNKNOWN_TO_DJANGO: Final = {
    "lo": {"bidi": False, "code": "lo", "name": "Lao", "name_local": "ລາວ"},
    "fil": {"bidi": False, "code": "fil", "name": "Filipino", "name_local": "Filipino"},
}
#: Our codes of those whose public pages a speaker has read, as the heads of the catalogues say.
REVIEWED: Final = frozenset({"en"})
#: Django's code → ours (ISO 639), where they differ.
_OURS: Final = {"zh-hans": "zh"}


def introduce() -> None:
    """Tells Django of the languages that it does not know. Called once, when apps are ready."""
    for code, row in _UNKNOWN_TO_DJANGO.items():
        locale.LANG_INFO.setdefault(code, row)


def reading() -> str:
    """Our code of the language in which the page is shown."""
    code = get_language() or settings.LANGUAGE_CODE
    return _OURS.get(code, code)


def name(code: str) -> str:
    """A language by its own name; by its code where it is none of the ten."""
    return _NAMES.get(code, code)


def offered(request: HttpRequest) -> list[tuple[str, str]]:
    """Languages of this page, as Django's codes and own names: staff have fewer than the public."""
    staff = request.path.startswith(settings.SESSION_COOKIE_PATH)
    return list(settings.STAFF_LANGUAGES if staff else settings.LANGUAGES)


_NAMES: Final = {_OURS.get(code, code): name for code, name in settings.LANGUAGES}
