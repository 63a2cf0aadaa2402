"""What can go wrong: each error says what, why and what to do."""

from __future__ import annotations

from hueandcry.client.answers import Problem


class ClientError(Exception):
    """Every error of this client."""


class Unreachable(ClientError):
    """The node did not answer, or answered what is not its API."""


class Refused(ClientError):
    """The node refused: `code` is stable, `what`, `why` and `do` are for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem
        self.status = problem.status
        self.code = problem.code
        self.what = problem.what
        self.why = problem.why
        self.do = problem.do


class NotLetIn(Refused):
    """The token is unknown, lacks the scope, or reads another audience (401, 403)."""


class NotThere(Refused):
    """There is no such thing, or none that this token may know of (404)."""


class TooOften(Refused):
    """The rate is used up, and waiting as often as allowed did not help (429, 503)."""


class BadSignature(ClientError):
    """A notice that is not signed by the secret, or that is too old."""


def refused(problem: Problem) -> Refused:
    """The error for a problem."""
    kinds = {401: NotLetIn, 403: NotLetIn, 404: NotThere, 429: TooOften, 503: TooOften}
    return kinds.get(problem.status, Refused)(problem)
