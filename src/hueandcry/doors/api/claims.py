"""Claims of the token's own member: raise, list, withdraw."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from msgspec import UNSET, UnsetType

from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.client import answers, requests
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import (
    Audience,
    Embargo,
    Kind,
    Lane,
    Marking,
    Micros,
    Pap,
    Purpose,
    Tlp,
    Verdict,
)
from hueandcry.doors.api import cursors, shown
from hueandcry.doors.api.endpoint import Asked, Said
from hueandcry.doors.api.reading import visible
from hueandcry.doors.api.signals import note_person, read

#: More claims than this at once go behind whatever is raised one by one.
LIVE: Final = 100


def mine(asked: Asked) -> answers.ClaimPage:
    """What the token's member claims, as far as the token's audience may see it.

    A guest sees all of its own: its tokens read no audience of ours that would show them.
    """
    query: requests.ClaimsQuery = asked.query
    before = cursors.read("claims", asked.caller, query.cursor)
    where = signals.SeenWhere(
        frozenset() if query.kind is UNSET else frozenset({Kind(query.kind)}),
        None if query.verdict is UNSET else Verdict(query.verdict),
        "" if isinstance(query.state, UnsetType) else query.state,
        Audience.OWN if asked.is_guest else asked.audience,
        asked.at,
    )
    page = signals.claims_by(
        asked.caller.member, asked.at, before=before, limit=query.limit, where=where
    )
    following = page.before
    return answers.ClaimPage(
        items=[shown.listed(claim, asked) for claim in page.claims],
        next=None if following is None else cursors.seal("claims", asked.caller, following),
    )


def one(asked: Asked) -> answers.Claim:
    """One claim that the audience may see."""
    told = signals.claim_seen(UUID(asked.path["claim"]), asked.audience, asked.at)
    if told is None:
        raise NotFound("claim", "There is no such claim, or it is not for this token")
    if not shown.is_own(told.claim, asked):
        note_person(asked, told.claim.signal.kind, asked.query.purpose)
    return shown.claim(told, asked)


# --- raising -------------------------------------------------------------------------------------


def raise_one(asked: Asked) -> Said:
    """Raises one claim; said again it revises or merges."""
    new = _claim(asked.body)
    (raised,) = signals.raise_claims(asked.caller.actor(), [new], _stamp(asked))
    place = f"/api/v1/claims/{raised.claim_id}"
    return Said(_raised(raised), {"Location": place})


def raise_many(asked: Asked) -> answers.RaisedMany:
    """Raises those that can be read, in one transaction; says of each other one why not."""
    body: requests.NewClaims = asked.body
    at = _stamp(asked)
    read_: list[signals.NewClaim | HueError] = [_read(each, at) for each in body.claims]
    good = [each for each in read_ if isinstance(each, signals.NewClaim)]
    lane = Lane.LIVE if len(good) <= LIVE else Lane.BULK
    made = iter(signals.raise_claims(asked.caller.actor(), good, at, lane) if good else ())
    results = [
        _refused(each) if isinstance(each, HueError) else _raised_one(next(made)) for each in read_
    ]
    return answers.RaisedMany(results=results, accepted=len(good), refused=len(results) - len(good))


def _read(claim: requests.NewClaim, at: Micros) -> signals.NewClaim | HueError:
    try:
        new = _claim(claim)
        signals.check_new(new, at)
    except HueError as refused:
        return refused
    return new


def _claim(body: requests.NewClaim) -> signals.NewClaim:
    embargo = None
    if body.embargo is not None:
        case = visible("case", body.embargo.case)
        embargo = Embargo(case, read_rfc3339(body.embargo.until))
    return signals.NewClaim(
        read(body.value, body.kind),
        Verdict(body.verdict),
        body.lure,
        body.method,
        body.confidence,
        Marking(Tlp.read(body.tlp), Pap[body.pap], frozenset(map(Purpose, body.purposes)), embargo),
        None if isinstance(body.until, UnsetType) else read_rfc3339(body.until),
    )


def _raised(raised: signals.Raised) -> answers.Raised:
    return answers.Raised(
        outcome=raised.outcome,  # type: ignore[arg-type]
        claim=str(raised.claim_id),
        signal=shown.signal(raised.signal),
        modified=time_text(raised.modified),
    )


def _raised_one(raised: signals.Raised) -> answers.RaisedOne:
    return answers.RaisedOne(
        outcome=raised.outcome,  # type: ignore[arg-type]
        claim=str(raised.claim_id),
        signal=shown.signal(raised.signal),
    )


def _refused(refused: HueError) -> answers.RaisedOne:
    return answers.RaisedOne(outcome="refused", code=refused.code, what=str(refused))


def retract(asked: Asked) -> answers.Retracted:
    """Withdraws every claim of ours on a value, for ever."""
    body: requests.Retraction = asked.body
    found = read(body.value, body.kind)
    gone = signals.retract(asked.caller.actor(), found, body.reason, _stamp(asked))
    return answers.Retracted(
        signal=shown.signal(found),
        claims=[str(each.claim_id) for each in gone],
        reason=body.reason,
    )


def _stamp(asked: Asked) -> Micros:
    """Now, but no later than peers whose clocks are behind would take."""
    return peers.stamp(asked.at)
