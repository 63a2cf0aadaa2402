"""A report is accepted: checked, sealed and kept, in the caller's transaction.

Nothing is read here but for the signs that decide what the reporter is shown at once. The text
is looked at by a loop right after the commit (ADR 0027), so that no story, however hostile, holds
up a request.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from hueandcry.apps.reports import acting, codes, forms, queries, rules, sealed, signs
from hueandcry.apps.reports.models import Act, Attachment, Consent, Loss, Report, Reporter
from hueandcry.apps.reports.rules import Doing, Flag, State
from hueandcry.apps.reports.settings import REPORT_DAYS, REPORTER_DAYS
from hueandcry.apps.reports.stories import (
    GivenFile,
    GivenLoss,
    GivenReporter,
    NewReport,
    SealedReporter,
    SealedValue,
    Story,
    Submitted,
)
from hueandcry.core import ids, normal, taxonomy
from hueandcry.core.errors import Conflict, HueError, Malformed, TooLarge
from hueandcry.core.types import DAY, Actor, Kind, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store import adding
from hueandcry.engine.store.dialect import dialect

#: So long a form that is posted again shows its receipt code again: a double click, a reload.
_AGAIN: Final[Micros] = DAY // 24
_MARKET: Final = re.compile(r"[A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z0-9]{2,12}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,4})?")


def submit(actor: Actor, new: NewReport, at: Micros) -> Submitted:
    """Accepts a report; the same form, or the same case of an intake, is the same report.

    Raises Malformed or TooLarge, which name what is wrong; a story that is too long is cut and
    flagged, and never a reason to refuse.
    """
    form = forms.read_form(new.form, at) if new.form else None
    known = _known(new, form, actor)
    if known is not None:
        return _again(known, new, form, at)
    check(new, at)
    try:
        # Two posts of one form at once: where both may write, the unique row lets one of them.
        both = not dialect().one_writer and (form is not None or bool(new.reference))
        with transaction.atomic(savepoint=both):
            return _kept(actor, new, form, at)
    except IntegrityError:
        known = _known(new, form, actor)
        if known is None:
            raise
        return _again(known, new, form, at)


def _known(new: NewReport, form: bytes | None, actor: Actor) -> Report | None:
    if form is not None:
        return queries.by_form(sealed.digest("form", form))
    if new.reference:
        brings = rules.intake(new.source, actor.token)
        digest = sealed.digest("reference", new.reference.encode())
        return queries.by_reference(brings, digest)
    return None


def _again(row: Report, new: NewReport, form: bytes | None, at: Micros) -> Submitted:
    for file in new.files:
        blobs.discard(file.fresh)
    if form is None:
        return _submitted(row, None, again=True)
    if at - row.at > _AGAIN:
        raise Conflict(
            "form_used", "This form was sent before", do="Use the receipt code that you were shown"
        )
    return _submitted(row, codes.write(forms.secret_of(form)), again=True)


def _submitted(row: Report, code: str | None, *, again: bool = False) -> Submitted:
    flags, desk = Flag(row.flags), rules.Desk(row.desk)
    return Submitted(row.pk, UUID(bytes=row.root), code, flags, desk, row.stop_until, again)


# --- what is refused -----------------------------------------------------------------------------


def check(new: NewReport, at: Micros) -> None:
    """Raises Malformed or TooLarge for what cannot be kept as it is said."""
    if not (new.text.strip() or new.values or new.losses or new.files):
        raise Malformed("report_empty", "This report says nothing", do="Write what happened")
    for what, items, most in (
        ("values", new.values, rules.MAX_VALUES),
        ("losses", new.losses, rules.MAX_LOSSES),
        ("files", new.files, rules.MAX_FILES),
    ):
        if len(items) > most:
            raise TooLarge(f"report_{what}", f"A report has at most {most} {what}")
    if not _MARKET.fullmatch(new.market):
        raise Malformed("market", f"{new.market[:20]!a} is no country", do="Use two letters: TH")
    if new.language and not _LANGUAGE.fullmatch(new.language):
        raise Malformed("language", f"{new.language[:20]!a} is no language", do="Write it as `th`")
    for name, code in (("lure", new.lure), ("method", new.method)):
        if code and not taxonomy.is_code(code):
            raise Malformed(name, f"{code[:40]!a} is no {name}", do="Write a code such as `sms`")
    if new.consents and not new.wording:
        raise Malformed("wording", "Consent is to words: say which version was shown")
    _check_time("happened_at", new.happened_at, at)
    for loss in new.losses:
        _check_loss(loss, at)
    _check_lengths(new)


def _check_time(name: str, when: Micros | None, at: Micros) -> None:
    if when is not None and not 0 <= when <= at + DAY:
        raise Malformed(name, "This time is in the future, or before 1970", do="Check the date")


def _check_loss(loss: GivenLoss, at: Micros) -> None:
    if rules.money(loss.amount) is None:
        what = f"{loss.amount[:40]!a} is no amount"
        raise Malformed("amount", what, do="Write digits, with a dot before decimals")
    if not _CURRENCY.fullmatch(loss.currency):
        what = f"{loss.currency[:20]!a} is no currency"
        raise Malformed("currency", what, do="Write it as `THB`")
    if loss.rail and loss.rail not in rules.RAILS:
        do = f"Use one of: {', '.join(rules.RAILS)}"
        raise Malformed("rail", f"{loss.rail[:40]!a} is no way to pay", do=do)
    _check_time("loss_at", loss.at, at)


def _check_lengths(new: NewReport) -> None:
    values = [text for value in new.values for text in (value.text, value.role)]
    losses = [text for loss in new.losses for text in (loss.to, loss.reference)]
    who = msgspec.structs.astuple(_sealed_reporter(new.reporter)) if new.reporter else ()
    names = [file.name for file in new.files]
    short = (*values, *losses, *who, *names, new.reference, new.wording)
    if any(len(text) > rules.MAX_TEXT for text in short):
        raise TooLarge(
            "report_field",
            f"A field of this report is longer than {rules.MAX_TEXT} letters",
            do="Put what is long into the story",
        )
    if any(value.role and value.role not in set(rules.Role) for value in new.values):
        do = f"Use one of: {', '.join(rules.Role)}"
        raise Malformed("role", "There is no such way of meeting a number", do=do)
    if len(new.wording) > 40 or not new.wording.isprintable():
        raise Malformed("wording", "A version of words has at most 40 letters")
    if not all(map(_is_text, short)):
        raise Malformed("not_text", "A field of this report holds half a letter")


def _is_text(text: str) -> bool:
    """Whether there is no half of a surrogate pair in it, which no encoding has."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# --- keeping -------------------------------------------------------------------------------------


def _kept(actor: Actor, new: NewReport, form: bytes | None, at: Micros) -> Submitted:
    new, flags = _flagged(new)
    secret = None
    if form is not None:
        secret = forms.secret_of(form)
    elif new.receipt:
        secret = secrets.token_bytes(codes.BYTES)
    row = _report(actor, new, flags, at)
    row.form = sealed.digest("form", form) if form else None
    row.receipt = sealed.digest("receipt", secret) if secret else None
    adding.add([row])
    _keep_parts(row, new, at)
    change = acting.Change(Doing.SUBMIT)
    act: Act = acting.act_row(row, change, "", actor, at)
    acting.log(act, row, source=row.intake, content=_content(new).hex())
    return _submitted(row, codes.write(secret) if secret else None)


def _flagged(new: NewReport) -> tuple[NewReport, Flag]:
    """The report with its story as far as it is kept, and every flag that holds at once."""
    flags = new.flags | signs.flags(new.text[: rules.MAX_STORY])
    kept = new.text[: rules.MAX_STORY]
    if len(new.text) > rules.MAX_STORY:
        flags |= Flag.CUT
    if not _is_text(kept):
        kept = kept.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return replace(new, text=kept), flags


def _report(actor: Actor, new: NewReport, flags: Flag, at: Micros) -> Report:
    stop = rules.stop_until(at, new.happened_at, [loss.at for loss in new.losses])
    hours = rules.harm(flags, None, bool(new.losses), stop, 1)
    reference = sealed.digest("reference", new.reference.encode()) if new.reference else None
    return Report(
        root=ids.uuid7(at, secrets.token_bytes(10)).bytes,
        source=new.source,
        intake=rules.intake(new.source, actor.token),
        token_id=actor.token,
        state=State.RECEIVED,
        version=1,
        at=at,
        changed_at=at,
        happened_at=new.happened_at,
        language=new.language or "und",
        market=new.market,
        lure=new.lure,
        method=new.method,
        harm=hours,
        rank=rules.rank(at, hours),
        flags=int(flags),
        desk=rules.desk(flags, stop),
        stop_until=stop,
        story=sealed.pack(_story(new)),
        reference=reference,
        purge_after=at + policy.number(REPORT_DAYS.name) * DAY,
    )


def _story(new: NewReport) -> Story:
    values = tuple(SealedValue(v.text, v.role, _kind(v.kind)) for v in new.values)
    return Story(new.text, values, destinations(new.losses))


def destinations(losses: Iterable[GivenLoss]) -> tuple[SealedValue, ...]:
    """Where the money of each loss went, as it rests in the story."""
    return tuple(SealedValue(loss.to, "", _kind(loss.to_kind)) for loss in losses)


def _kind(kind: Kind | None) -> str:
    return kind.value if kind is not None else ""


def _keep_parts(row: Report, new: NewReport, at: Micros) -> None:
    if new.losses:
        adding.add_parts([loss_row(row, loss) for loss in new.losses])
    if new.files:
        Attachment.objects.bulk_create(file_row(row, file, at) for file in new.files)
    if new.consents:
        adding.add_parts(
            [
                Consent(report=row, purpose=purpose, wording=new.wording, given_at=at)
                for purpose in sorted(new.consents)
            ]
        )
    if new.reporter is not None:
        Reporter.objects.create(
            report=row,
            sealed=sealed.pack(_sealed_reporter(new.reporter)),
            caller=caller_of(new.reporter.phone, new.market),
            purge_after=at + policy.number(REPORTER_DAYS.name) * DAY,
        )


def loss_row(row: Report, loss: GivenLoss) -> Loss:
    """A sum of money as a row; it was checked before."""
    amount = rules.money(loss.amount)
    assert amount is not None
    reference = sealed.seal(loss.reference) if loss.reference else ""
    return Loss(
        report=row,
        amount=amount,
        currency=loss.currency,
        rail=loss.rail,
        at=loss.at,
        reference=reference,
    )


def file_row(row: Report, file: GivenFile, at: Micros) -> Attachment:
    """A file as a row, whose bytes are a blob from now on; that of an intimate report is locked."""
    blob = blobs.keep(file.fresh)
    quarantined = file.quarantined or Flag.INTIMATE in Flag(row.flags)
    return Attachment(
        report=row,
        name=sealed.seal(file.name),
        sha256=blob.sha256,
        size=blob.size,
        media_type=file.media_type,
        blob=blob.id,
        state=Attachment.State.QUARANTINED if quarantined else Attachment.State.KEPT,
        at=at,
    )


def _sealed_reporter(who: GivenReporter) -> SealedReporter:
    return SealedReporter(who.name, who.phone, who.email, who.address, who.safe_way)


def caller_of(phone: str, market: str) -> bytes | None:
    """The digest under which a caller is known again; None of a number that cannot be read."""
    if not phone.strip():
        return None
    try:
        signal = normal.normalise(Kind.PHONE, phone, market=market)
    except HueError:
        return None
    return sealed.digest("caller", signal.key)


def _content(new: NewReport) -> bytes:
    """SHA-256 over what was brought: the entry proves it as long as the report is kept."""
    losses: Iterable[Any] = [(x.amount, x.currency, x.rail, x.at, x.reference) for x in new.losses]
    files = [file.fresh.sha256.hex() for file in new.files]
    said = (_story(new), new.happened_at, list(losses), files, sorted(new.consents), new.wording)
    return sha256(msgspec.json.encode(said)).digest()
