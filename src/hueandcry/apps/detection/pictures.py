"""The picture assessor: what its codes say, what it reads, and whether it was seen before.

The text of the assessment is, line by line, what its QR codes say, then the words in it, then what
its payment codes ask for; spans speak of that text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from msgspec import structs

from hueandcry.apps.detection import letters
from hueandcry.apps.detection.adding import with_links, with_signals
from hueandcry.apps.detection.assessment import Assessment, Finding, Reason, Sort
from hueandcry.apps.detection.messages import Known, assess_message
from hueandcry.apps.detection.reasons import reason
from hueandcry.apps.detection.workshop import Looked, look
from hueandcry.core.errors import HueError
from hueandcry.core.extract import Amount, Found
from hueandcry.core.payments import Payment, payment
from hueandcry.core.types import Kind

#: Below this quality a PDQ hash tells nothing apart (its authors' own threshold).
HASH_QUALITY: Final = 50
#: How sure a signal is that a code names, and how much less one is whose letters were read.
_CODE_SURE: Final = 0.99
_READ_SURE: Final = 0.8


def assess_picture(
    data: bytes, market: str | None = None, known: Known | None = None, *, words: bool = True
) -> Assessment:
    """What a picture looks like; never raises. `words`: letters in it are read, where they can be.

    Takes up to a second or two with words, and about 0.1 s without.
    """
    try:
        looked = look(data, grey=words)
    except HueError as refused:
        return _refused(refused)
    read = letters.words(looked.grey, market) if words else ""
    return _assessed(looked, read, market, known)


def picture_preview(data: bytes) -> bytes:
    """A small JPEG of a picture, painted anew; raises Malformed, TooLarge or TooMany."""
    return look(data, preview=True).preview


def _refused(error: HueError) -> Assessment:
    why = reason("picture_refused", problem=error.code)
    return Assessment(Sort.PICTURE, Finding.UNKNOWN, 0.5, reasons=(why,))


def _assessed(
    looked: Looked, read: str | None, market: str | None, known: Known | None
) -> Assessment:
    payments = [paid for paid in map(payment, looked.codes) if paid]
    codes = "\n".join(code for code in looked.codes if payment(code) is None)
    text = "\n".join(part for part in (codes, read) if part)
    found = _without_certainty(assess_message(text, market, known), len(codes))
    why = tuple(_reasons(looked, codes, read, payments))
    found = replace(found, sort=Sort.PICTURE, text=text, reasons=(*found.reasons, *why))
    found = with_links(found, filter(_is_link, codes.split("\n")), known)
    for paid in payments:
        found = _with_payment(found, paid, known)
    return with_signals(found, _hash(looked), known)


def _is_link(code: str) -> bool:
    return code[:8].lower().startswith(("http://", "https://"))


def _without_certainty(found: Assessment, codes: int) -> Assessment:
    """Signals behind the first `codes` letters were read by eye, so to say."""
    signals = tuple(
        each
        if each.end <= codes
        else structs.replace(each, confidence=each.confidence * _READ_SURE)
        for each in found.signals
    )
    return replace(found, signals=signals)


def _reasons(
    looked: Looked, codes: str, read: str | None, payments: list[Payment]
) -> Iterator[Reason]:
    if codes:
        yield reason("code_in_picture", [(0, len(codes))])
    if read:
        yield reason("words_from_picture")
    if read is None:
        yield reason("words_not_read")
    if looked.animated:
        yield reason("only_first_frame")
    for paid in payments:
        yield reason("payment_code", scheme=paid.scheme)


def _with_payment(found: Assessment, paid: Payment, known: Known | None) -> Assessment:
    """A line at the end of the text that says what the code asks for, with what it names."""
    sum_of = f"{paid.amount} {paid.currency}".strip() if paid.amount else ""
    values = [signal.value for signal in paid.signals]
    line = " ".join(part for part in (paid.scheme, paid.payee, sum_of, *values) if part)
    start = len(found.text) + 1 if found.text else 0
    end = start + len(line)
    text = f"{found.text}\n{line}" if found.text else line
    signals, at = list[Found](), end
    for signal in reversed(paid.signals):  # they stand last, in their order
        is_proxy = signal.kind is Kind.PHONE
        first = at - len(signal.value)
        signals.insert(0, Found(signal.kind, signal.value, first, at, _CODE_SURE, is_proxy))
        at -= len(signal.value) + 1
    amounts = found.amounts
    if sum_of:
        place = start + line.index(sum_of)
        amounts += (Amount(paid.amount, paid.currency, place, place + len(sum_of)),)
    return with_signals(replace(found, text=text, amounts=amounts), signals, known)


def _hash(looked: Looked) -> list[Found]:
    if looked.quality < HASH_QUALITY:
        return []
    return [Found(Kind.IMAGE_HASH, f"pdq:{looked.pdq}", 0, 0, looked.quality / 100)]
