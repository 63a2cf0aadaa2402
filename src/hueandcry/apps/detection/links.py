"""The link assessor: what an address or a host looks like from its spelling alone, and why.

Nothing is fetched or resolved, ever. The name of a platform is never what is judged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from hueandcry.apps.detection.assessment import Assessment, Finding, Reason, Sort, Span
from hueandcry.apps.detection.brands import Brand, owner
from hueandcry.apps.detection.hosts import SILENT, Host, Roof, read_host
from hueandcry.apps.detection.lookalikes import Likeness, Way, likeness
from hueandcry.apps.detection.messages import Known
from hueandcry.apps.detection.net import Net
from hueandcry.apps.detection.paths import path_numbers, path_text
from hueandcry.apps.detection.popular import popular
from hueandcry.apps.detection.reasons import reason
from hueandcry.apps.detection.shape import shape, spelling
from hueandcry.apps.detection.weights import shipped
from hueandcry.core.errors import Unreadable
from hueandcry.core.extract import Found
from hueandcry.core.normal import MAX_URL, lookups, normalise
from hueandcry.core.normal.hosts import is_plain
from hueandcry.core.normal.text import refang
from hueandcry.core.normal.urls import split
from hueandcry.core.types import Kind, Signal, Verdict

BATCH: Final = 512

_AUTHORITY: Final = re.compile(
    r"\s*(?:[A-Za-z][A-Za-z0-9+.*-]{0,31}:(?=[/\\]))?[/\\]*([^/\\?#]{0,2048})"
)
_PORT: Final = re.compile(r":(\d{1,5})\Z")
_USUAL_PORTS: Final = frozenset({"80", "443"})
_PRIVATE: Final = re.compile(
    r"(?:10|127)\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|\[::1\]"
)

#: What a victim is made to believe, by whose name is used.
_LURES: Final = {
    "bank": "impersonation-bank",
    "wallet": "impersonation-bank",
    "courier": "delivery",
    "public": "impersonation-authority",
}
#: Ways that no honest host is written in, and those that honest ones rarely are.
_DECEITS: Final = frozenset({Way.SCRIPT, Way.SIGNS, Way.FRONT})
_DOUBTS: Final = frozenset({Way.BAIT, Way.SLIP, Way.SUFFIX})

_GENUINE, _POPULAR, _UNDECIDED, _ADDRESS, _DECEIT, _DOUBT = 0.01, 0.03, 0.5, 0.7, 0.9, 0.7
_KNOWN: Final = {
    Verdict.SCAM: (Finding.SCAM, 0.99, "known_scam"),
    Verdict.SUSPICIOUS: (Finding.SUSPICIOUS, 0.75, "known_suspicious"),
    Verdict.BENIGN: (Finding.ORDINARY, 0.02, "known_benign"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """One address as it is judged."""

    signal: Signal
    host: Host
    tail: str  #: path and query, `/` for a host alone
    span: Span  #: where it stands in the text that was given
    notes: tuple[Reason, ...]  #: what the canonical form no longer shows


@dataclass(frozen=True, slots=True)
class Model:
    """The two nets, of hosts and of what follows them, with the bounds that they were given."""

    name: str
    hosts: Net
    paths: Net
    slope: float  #: of a logit, so that 1 / (1 + exp(-(slope × logit + offset))) is a likelihood
    offset: float
    scam: float  #: logit from which on one honest host in a thousand or fewer lies
    suspicious: float  #: and one in a hundred
    ordinary: float  #: below which few bad ones lie

    def likelihood(self, logit: float) -> float:
        """Of scams among as many honest links, as the part that tuned it showed."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * logit + self.offset))))


@cache
def model() -> Model:
    """The shipped weights, read at first use."""
    weights = shipped("links.weights")
    bounds = weights.about["bounds"]
    return Model(
        weights.name,
        Net.of(weights, "hosts"),
        Net.of(weights, "paths"),
        bounds["slope"],
        bounds["offset"],
        bounds["scam"],
        bounds["suspicious"],
        bounds["ordinary"],
    )


def assess_link(text: str, known: Known | None = None) -> Assessment:
    """What one address or host looks like; never raises, whatever it holds."""
    return next(assess_links((text,), known))


def assess_links(texts: Iterable[str], known: Known | None = None) -> Iterator[Assessment]:
    """One assessment for each text, in order; scored in batches."""
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        links = [read_link(text) for text in batch]
        yield from _judged(links, known)


def read_link(text: str) -> Link | Reason:
    """The parts of one address or host, or the reason why it is none."""
    notes: list[Reason] = []
    if len(text) > MAX_URL:
        notes.append(reason("text_cut", limit=MAX_URL))
    try:
        signal = _signal(text[:MAX_URL])
    except Unreadable as refusal:
        return reason("not_a_link", problem=refusal.what)
    _, name, tail = split(signal.value if signal.kind is Kind.URL else f"{signal.value}/")
    host = read_host(name)
    notes += _hidden(text[:MAX_URL], host)
    return Link(signal, host, tail, _place(text), tuple(notes))


def _signal(text: str) -> Signal:
    """The address, without its path where escaping makes that too long; a bare host as a domain."""
    try:
        found = normalise(Kind.URL, text)
    except Unreadable as refusal:
        authority = _AUTHORITY.match(text)
        if refusal.code != "too-long" or authority is None:
            raise
        found = normalise(Kind.URL, authority[0])
    host = found.value[:-1]
    bare = found.value.endswith("/") and is_plain(host) and not text.rstrip().endswith("/")
    return Signal(Kind.DOMAIN, host) if bare and "//" not in text else found


def _place(text: str) -> Span:
    """Where the address stands between the blanks around it."""
    return len(text) - len(text.lstrip()), len(text.rstrip())


def _hidden(text: str, host: Host) -> Iterator[Reason]:
    """What stands before `@`, and a port: a browser minds them, the canonical form does not."""
    found = _AUTHORITY.match(text)
    authority = refang(found[1]) if found else ""
    if "@" in authority:
        yield reason("name_before_at", host=host.name)
    if (port := _PORT.search(authority)) and port[1] not in _USUAL_PORTS:
        yield reason("odd_port", port=port[1])


def _judged(links: Sequence[Link | Reason], known: Known | None) -> Iterator[Assessment]:
    """What is known comes first, then whose host it is; all others are spelt out together."""
    read = [link for link in links if isinstance(link, Link)]
    verdicts = _verdicts(read, known)
    settled = {id(link): _claimed(link, verdicts) or _by_owner(link) for link in read}
    spelt = iter(_by_spelling([link for link in read if settled[id(link)] is None]))
    for link in links:
        if isinstance(link, Reason):
            yield Assessment(Sort.URL, Finding.UNKNOWN, _UNDECIDED, reasons=(link,))
        else:
            yield _assessment(link, settled[id(link)] or next(spelt))


def _verdicts(links: Sequence[Link], known: Known | None) -> dict[bytes, Verdict]:
    """What the asker claims of each host and of its parents, asked for in one go."""
    if known is None:
        return {}
    asked = {signal for link in links for signal in lookups(link.signal)}
    return {key: Verdict(verdict) for key, verdict in known(sorted(asked, key=str)).items()}


def _logits(
    links: Sequence[Link], likenesses: Sequence[Likeness | None]
) -> tuple[list[float], list[float]]:
    """Of each link, that of its host (0 where the host says nothing) and that of its path."""
    of_host, of_path = [0.0] * len(links), [0.0] * len(links)
    named = [n for n, link in enumerate(links) if link.host.own]
    if named:
        hosts = [links[n].host for n in named]
        shapes = [shape(links[n].host, likenesses[n]) for n in named]
        scored = model().hosts.logits([spelling(host) for host in hosts], shapes)
        for n, logit in zip(named, scored.tolist(), strict=True):
            of_host[n] = logit
    deep = [n for n, link in enumerate(links) if len(link.tail) > 1]
    if deep:
        tails = [links[n].tail for n in deep]
        scored = model().paths.logits(
            [path_text(tail) for tail in tails], [path_numbers(tail) for tail in tails]
        )
        for n, logit in zip(deep, scored.tolist(), strict=True):
            of_path[n] = logit
    return of_host, of_path


class Judgement(NamedTuple):
    """What one link was found to be, and the brand that it is like."""

    finding: Finding
    likelihood: float
    reasons: tuple[Reason, ...]
    brand: Brand | None = None


def _assessment(link: Link, judged: Judgement) -> Assessment:
    bad = judged.finding in (Finding.SCAM, Finding.SUSPICIOUS)
    lure = _LURES.get(judged.brand.sort, "impersonation-company") if judged.brand else ""
    return Assessment(
        Sort.URL,
        judged.finding,
        judged.likelihood,
        lure=lure if bad else "",
        method="site" if bad else "",
        reasons=(*judged.reasons, *link.notes),
        signals=(Found(link.signal.kind, link.signal.value, *link.span, 1.0),),
        model=model().name,
    )


def _claimed(link: Link, verdicts: dict[bytes, Verdict]) -> Judgement | None:
    """By the claims of this node, the most exact first; a parent's good name is no proof."""
    if not verdicts:
        return None
    for signal in lookups(link.signal):
        verdict = verdicts.get(signal.key, Verdict.UNKNOWN)
        if verdict in _KNOWN and (verdict is not Verdict.BENIGN or signal == link.signal):
            finding, likely, code = _KNOWN[verdict]
            like = likeness(link.host)
            because = reason(code, [link.span], value=signal.value)
            return Judgement(finding, likely, (because,), like.brand if like else None)
    return None


def _by_owner(link: Link) -> Judgement | None:
    """By whose host it is, where that is known, or where nobody can be made answerable for it."""
    host, whole = link.host, [link.span]
    if host.roof in SILENT:
        return Judgement(Finding.UNKNOWN, _UNDECIDED, (_silence(host, link.span),))
    if host.roof is Roof.ADDRESS and _PRIVATE.match(host.name):
        because = reason("no_public_host", whole, host=host.name)
        return Judgement(Finding.UNKNOWN, _UNDECIDED, (because,))
    if host.roof is Roof.ADDRESS:
        because = reason("bare_address", whole, host=host.name)
        return Judgement(Finding.SUSPICIOUS, _ADDRESS, (because,))
    if brand := owner(host):
        because = reason("genuine_host", whole, host=host.name, brand=brand.name)
        return Judgement(Finding.ORDINARY, _GENUINE, (because,))
    if host.name in popular():
        because = reason("popular_host", whole, host=host.name)
        return Judgement(Finding.ORDINARY, _POPULAR, (because,))
    return None


def _silence(host: Host, span: Span) -> Reason:
    code = {
        Roof.PAGES: "anybodys_page",
        Roof.SHORT: "short_link",
        Roof.GATEWAY: "content_by_hash",
    }.get(host.roof, "no_public_host")
    return reason(code, [span], host=host.name)


def _by_spelling(links: Sequence[Link]) -> Iterator[Judgement]:
    """By what each host is like and by the nets, whichever is worse."""
    likenesses = [likeness(link.host) for link in links]
    logits = zip(*_logits(links, likenesses), strict=True)
    for link, like, (of_host, of_path) in zip(links, likenesses, logits, strict=True):
        yield _spelt(link, like, of_host, of_path)


def _spelt(link: Link, like: Likeness | None, of_host: float, of_path: float) -> Judgement:
    bounds = model()
    logit = of_host + of_path
    likely = bounds.likelihood(logit)
    reasons = list(_alike(link, like))
    finding = Finding.UNKNOWN
    if logit >= bounds.suspicious:
        finding = Finding.SCAM if logit >= bounds.scam else Finding.SUSPICIOUS
        reasons += _built(link, of_host, of_path)
    elif logit <= bounds.ordinary:
        finding = Finding.ORDINARY
    if like is not None and like.way in _DECEITS | _DOUBTS:
        deceit = like.way in _DECEITS
        worse = deceit and (like.way is Way.SCRIPT or logit >= bounds.ordinary)
        finding = Finding.SCAM if worse or finding is Finding.SCAM else Finding.SUSPICIOUS
        likely = max(likely, _DECEIT if worse else _DOUBT)
    if finding is Finding.ORDINARY:
        reasons.append(reason("host_of_ordinary", [link.span], host=link.host.name))
    if link.host.roof is Roof.TENANT:
        reasons.append(reason("anybodys_name", platform=link.host.suffix, host=link.host.name))
    because = tuple(reasons) or (reason("undecided"),)
    return Judgement(finding, likely, because, like.brand if like else None)


def _alike(link: Link, like: Likeness | None) -> Iterator[Reason]:
    """Which brand it is like, how, and where the real one is."""
    if like is not None:
        yield reason(
            f"like_{like.way.value}",
            [link.span],
            host=link.host.name,
            brand=like.brand.name,
            genuine=like.brand.genuine,
            written=like.written,
        )


def _built(link: Link, of_host: float, of_path: float) -> Iterator[Reason]:
    """Which part of the link the nets found worse than even."""
    if of_host > 0:
        yield reason("host_of_scams", [link.span], host=link.host.name)
    if of_path > 0:
        yield reason("path_of_scams", [link.span], host=link.host.name)
