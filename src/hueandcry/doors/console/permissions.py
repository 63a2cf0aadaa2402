"""Who may do what in the console: one table, by role. What is not in it is allowed to nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADMINISTRATOR: Final = "administrator"
ANALYST: Final = "analyst"
DUTY: Final = "duty"
LEGAL: Final = "legal"
CHECKER: Final = "checker"
AUDITOR: Final = "auditor"
POLICE: Final = "police"
GUEST: Final = "guest"

#: What each role is called; the order in which forms list them.
ROLES: Final[dict[str, str | Promise]] = {
    ADMINISTRATOR: _("Administrator"),
    ANALYST: _("Analyst"),
    DUTY: _("Duty officer"),
    LEGAL: _("Legal"),
    CHECKER: _("Checker"),
    AUDITOR: _("Auditor"),
    POLICE: _("Police"),
    GUEST: _("Guest member"),
}

_WORK: Final = frozenset({ANALYST, DUTY, LEGAL, CHECKER})
_EVERYBODY: Final = frozenset(ROLES)

#: What may be done → by whom. A name without a colon is a page; `page:act` an act on it.
#: A guest sees only what is of its own member: the pages ask `staff.seat(request)`.
MAY: Final[dict[str, frozenset[str]]] = {
    "today": _WORK | {ADMINISTRATOR, GUEST},
    "duty": _WORK,
    "duty:acknowledge": frozenset({DUTY, LEGAL}),
    "duty:hand_over": frozenset({DUTY}),
    "search": _WORK | {GUEST},
    "signal": _WORK | {GUEST},
    "signal:decide": frozenset({ANALYST, DUTY, LEGAL}),
    "signal:note": _WORK,
    "claims": frozenset({ANALYST, DUTY, GUEST}),
    "claims:raise": frozenset({ANALYST, DUTY, GUEST}),
    "claims:retract": frozenset({ANALYST, DUTY, GUEST}),
    "personal": _WORK | {GUEST},
    "reports": _WORK,
    "reports:personal": _WORK,
    "reports:triage": frozenset({ANALYST, DUTY}),
    "reports:import": frozenset({ANALYST, DUTY}),
    "reports:hold": frozenset({LEGAL}),
    "reports:exhibit": frozenset({ANALYST, DUTY, LEGAL}),
    "hotline": frozenset({ANALYST, DUTY}),
    "quarantine": frozenset({POLICE}),
    "exhibits": frozenset({ANALYST, DUTY, LEGAL, POLICE}),
    "exhibits:decide": frozenset({LEGAL, POLICE}),
    "requests": _WORK | {POLICE},
    "requests:write": frozenset({ANALYST, DUTY, LEGAL, POLICE}),
    "requests:enter": frozenset({DUTY, LEGAL, CHECKER, POLICE}),
    "requests:authorities": frozenset({LEGAL}),
    "deconflict": frozenset({ANALYST, DUTY, LEGAL, POLICE}),
    "intakes": _WORK | {ADMINISTRATOR},
    "intakes:change": frozenset({ADMINISTRATOR, LEGAL}),
    "peers": _WORK | {ADMINISTRATOR},
    "peers:change": frozenset({ADMINISTRATOR, DUTY, LEGAL}),
    "sources": frozenset({ANALYST, DUTY, ADMINISTRATOR}),
    "sources:run": frozenset({ANALYST, DUTY, ADMINISTRATOR}),
    "sources:change": frozenset({ANALYST, ADMINISTRATOR}),
    "ledger": _WORK | {ADMINISTRATOR, AUDITOR},
    "ledger:clear": frozenset({ADMINISTRATOR, DUTY, LEGAL}),
    "people": frozenset({ADMINISTRATOR}),
    "tokens": frozenset({ADMINISTRATOR}),
    "settings": frozenset({ADMINISTRATOR}),
    "access": frozenset({ADMINISTRATOR, AUDITOR}),
    "tour": _EVERYBODY,
    "account": _EVERYBODY,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation: the permission that it needs, its URL name, its text."""

    permission: str
    url: str
    text: str | Promise


#: Group → its lines, in the order of the navigation. A line whose URL does not exist is left out.
NAVIGATION: Final[tuple[tuple[str | Promise, tuple[Entry, ...]], ...]] = (
    (
        _("Work"),
        (
            Entry("today", "console:today", _("Today")),
            Entry("duty", "console:duty", _("Duty")),
            Entry("reports", "console:reports", _("Reports")),
            Entry("requests", "console:requests", _("Requests")),
            Entry("requests", "console:request_desk", _("24/7 desk")),
            Entry("deconflict", "console:deconflict", _("Deconfliction")),
            Entry("hotline", "console:hotline", _("Hotline")),
            Entry("quarantine", "console:quarantine", _("Quarantine")),
            Entry("exhibits", "console:exhibits", _("Exhibits")),
            Entry("exhibits", "console:packages", _("Packages")),
            Entry("search", "console:search", _("Search")),
            Entry("claims", "console:claims", _("My claims")),
            Entry("sources", "console:sources", _("Sources")),
            Entry("intakes", "console:intakes", _("Trusted intakes")),
            Entry("peers", "console:peers", _("Peers")),
        ),
    ),
    (
        _("Record"),
        (
            Entry("ledger", "console:ledger", _("Ledger")),
            Entry("access", "console:access", _("Access log")),
        ),
    ),
    (
        _("Administration"),
        (
            Entry("people", "console:people", _("People and roles")),
            Entry("tokens", "console:tokens", _("Tokens")),
            Entry("settings", "console:settings", _("Settings")),
        ),
    ),
)


def may(roles: Iterable[str], permission: str) -> bool:
    """Whether somebody with these roles may; KeyError for a permission that is not in the table."""
    return not MAY[permission].isdisjoint(roles)
