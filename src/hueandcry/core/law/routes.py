"""Who may send a request to whom: roles and countries of two members."""

from __future__ import annotations

from hueandcry.core.errors import NotPermitted
from hueandcry.core.law.bases import Party
from hueandcry.core.law.tables import Law, Route


def require_route(
    law: Law, type: str, requesting: Party, requested: Party, *, urgent: bool = False
) -> None:
    """NotPermitted unless a route of the type leads from one to the other, and says which do.

    A provider abroad is reached through its own State (Hanoi 5), unless its type says otherwise.
    """
    fitting = [
        route
        for route in law.types[type].routes
        if route.senders & requesting.roles and route.receivers & requested.roles
    ]
    together = requesting.country == requested.country
    if any(_open(route, together, urgent) for route in fitting):
        return
    raise NotPermitted(
        "route",
        f"{type} cannot go from this member to that one",
        why=_why(fitting, together),
        do="It goes from and to: " + "; ".join(map(told, law.types[type].routes)),
    )


def may_send(law: Law, requesting: Party, requested: Party) -> tuple[str, ...]:
    """The types for which any route leads from one member to another, urgent ones with them."""
    together = requesting.country == requested.country
    return tuple(
        code
        for code, each in law.types.items()
        if any(
            route.senders & requesting.roles
            and route.receivers & requested.roles
            and _open(route, together, True)
            for route in each.routes
        )
    )


def told(route: Route) -> str:
    """A route for people."""
    ends = f"{', '.join(sorted(route.senders))} to {', '.join(sorted(route.receivers))}"
    limits = [
        words
        for set, words in (
            (route.domestic, "within one country"),
            (route.urgent, "if it is urgent"),
        )
        if set
    ]
    return " ".join((ends, *limits))


def _open(route: Route, together: bool, urgent: bool) -> bool:
    return (together or not route.domestic) and (urgent or not route.urgent)


def _why(fitting: list[Route], together: bool) -> str:
    if not fitting:
        return "The roles of the two do not fit"
    if not together and all(route.domestic for route in fitting):
        return "No exercise of functions in another State: its own authority asks there (Hanoi 5)"
    return "Only an urgent request may take this way"
