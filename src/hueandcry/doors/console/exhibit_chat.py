"""A chat that is an exhibit, message by message, each as it is cited; nothing in it is a link."""

from __future__ import annotations

from itertools import islice
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.doors.console import exhibit_page
from hueandcry.doors.console.exhibit_forms import ChatForm
from hueandcry.doors.console.staff import page

#: Messages of one page; who reads on says from where, which is an event of its own.
SHOWN: Final = 2_000


@require_http_methods(["GET", "HEAD", "POST"])  # GET: the page in another language
@page("exhibits")
def read(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """The messages from a place on; custody and access log tell of it before one is read."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("console:exhibit", args=[exhibit]))
    view = evidence.exhibit(str(exhibit))
    asked = ChatForm(request.POST, auto_id="chat-%s")
    if not asked.is_valid():
        return exhibit_page.shown(request, exhibit, {("chat", 0): asked}, status=400)
    exhibit_page.note_reading(request, view, asked.said())
    chat = evidence.chat(view.id)
    first = asked.cleaned_data["first"] or 0
    wanted = (each for each in chat.messages if each.place >= first)
    messages = list(islice(wanted, SHOWN + 1))
    context = {
        "exhibit": view,
        "chat": chat,
        "found": messages[:SHOWN],
        "cited": f"{view.number}, {chat.unit} {messages[0].place}" if messages else "",
        "first": first,
        "next": messages[SHOWN].place if len(messages) > SHOWN else None,
    }
    return render(request, "console/exhibit_chat.html", context)
