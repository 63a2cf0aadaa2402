"""*Get help*: pages that can be reached without having checked or reported anything."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.doors.desk import hotlines
from hueandcry.doors.desk.frame import chosen_language, no_store, our_member
from hueandcry.doors.desk.hotlines import Purpose
from hueandcry.doors.web.help_pages import BY_NAME, PAGES, HelpPage


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """All pages of help, and all lines of one country."""
    return _shown(request, None, tuple(Purpose))


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One page; 404 for another name."""
    found = BY_NAME.get(name)
    if found is None:
        raise Http404
    return _shown(request, found, found.lines)


def lines_context(country: str, purposes: tuple[Purpose, ...]) -> dict[str, object]:
    """What `web/_lines.html` shows: the lines of a country, by what they are for."""
    return {
        "country": country,
        "countries": hotlines.named(),
        "lines": hotlines.of(country, *purposes),
    }


def _shown(
    request: HttpRequest, found: HelpPage | None, purposes: tuple[Purpose, ...]
) -> HttpResponse:
    context = {
        "page": found,
        "pages": PAGES,
        "chosen_language": chosen_language(request) or "",
        **lines_context(_country(request), purposes),
    }
    return no_store(render(request, "web/help.html", context))


def _country(request: HttpRequest) -> str:
    """The country that was chosen, else that of the node."""
    us = our_member()
    return request.GET.get("country", us.country if us else hotlines.ANYWHERE).upper()
