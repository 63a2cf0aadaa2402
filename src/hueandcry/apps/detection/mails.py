"""The e-mail assessor: who is said to have sent it, where it leads, what it brings.

The text of the assessment is the headers that a person sees, then the words, then what the codes in
its pictures say; spans speak of that text. What an `Authentication-Results` header states (RFC
8601) is told as the statement of whoever it names: only the reader's own system is to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hueandcry.apps.detection.adding import at_least, joined, moved, with_links, with_signals
from hueandcry.apps.detection.archives import Archive, listing
from hueandcry.apps.detection.assessment import Assessment, Finding, Reason, Sort
from hueandcry.apps.detection.mail_reading import Mail, MailFile, Sender, read_mail
from hueandcry.apps.detection.messages import Known, assess_message
from hueandcry.apps.detection.pictures import assess_picture
from hueandcry.apps.detection.reasons import MEANINGS, Bearing, reason
from hueandcry.core.errors import HueError, Unreadable
from hueandcry.core.extract import Found
from hueandcry.core.files import PICTURES
from hueandcry.core.normal import normalise
from hueandcry.core.normal.hosts import url_host
from hueandcry.core.normal.suffixes import registrable
from hueandcry.core.types import Kind

#: Pictures in one e-mail that are searched for codes.
MAX_PICTURES: Final = 3
#: How sure it is that an address in From took part, if it was confirmed, and if it was not.
_CONFIRMED_SURE: Final = 0.9
_SAID_SURE: Final = 0.3
#: How likely a scam is where a sign of forgery was found, whatever the words say.
_FORGED: Final = 0.7


def assess_mail(data: bytes, market: str | None = None, known: Known | None = None) -> Assessment:
    """What an e-mail file looks like; never raises."""
    try:
        mail = read_mail(data)
    except HueError as refused:
        why = reason("mail_refused", problem=refused.code)
        return Assessment(Sort.EMAIL, Finding.UNKNOWN, 0.5, reasons=(why,))
    return assess_read_mail(mail, market, known)


def assess_read_mail(
    mail: Mail, market: str | None = None, known: Known | None = None
) -> Assessment:
    """The same of an e-mail that was read already, whose files are to be kept."""
    above, senders = _above(mail)
    found = moved(assess_message(mail.words, market, known), len(above))
    found = replace(found, sort=Sort.EMAIL, text=above + mail.words)
    found = with_signals(found, senders, known)
    targets = [link.target for link in mail.page.links if _host(link.target)]
    found = with_links(found, [mail.sender.domain, mail.reply_to.domain, *targets], known)
    for file in [file for file in mail.files if file.sort in PICTURES][:MAX_PICTURES]:
        found = joined(found, assess_picture(file.data, market, known, words=False))
    for why in _reasons(mail):
        against = MEANINGS[why.code].bearing is Bearing.AGAINST
        found = (
            at_least(found, Finding.SUSPICIOUS, _FORGED, why)
            if against
            else replace(found, reasons=(*found.reasons, why))
        )
    return found


def _above(mail: Mail) -> tuple[str, list[Found]]:
    """The lines that say from whom, and the addresses in them as signals."""
    text, found = "", list[Found]()
    sure = _CONFIRMED_SURE if stated(mail).confirms(mail.sender.domain) else _SAID_SURE
    for name, sender in (("From", mail.sender), ("Reply-To", mail.reply_to)):
        if not sender.address:
            continue
        text += f"{name}: {sender.name} <".replace(":  <", ": <")
        start = len(text)
        text += f"{sender.address}>\n"
        try:
            value = normalise(Kind.EMAIL, sender.address).value
        except Unreadable:
            continue
        # An answer goes where Reply-To says, whoever forged the rest.
        certain = _CONFIRMED_SURE if name == "Reply-To" else sure
        found.append(Found(Kind.EMAIL, value, start, start + len(sender.address), certain))
    return text, found


def _reasons(mail: Mail) -> Iterator[Reason]:
    yield from _of_sender(mail)
    yield from _of_links(mail)
    for file in mail.files:
        yield from _of_file(file)
    if mail.cut:
        yield reason("mail_cut")


# --- the sender -----------------------------------------------------------------------------------

_RESULT: Final = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)([^;]*)", re.I)
_SIGNED_BY: Final = re.compile(r"\bheader\.(?:d|i)\s*=\s*@?([a-z0-9.-]+)", re.I)
_COMMENT: Final = re.compile(r"\([^()]*\)")
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@((?:[a-z0-9-]{1,63}\.)+[a-z]{2,24})", re.I)
_REFUTED: Final = frozenset({"fail", "softfail", "permerror"})


class Stated:
    """What one Authentication-Results header says, and who says it (RFC 8601)."""

    def __init__(self, header: str) -> None:
        plain = _COMMENT.sub(" ", header)
        server, _, results = plain.partition(";")
        self.by = (server.split() or [""])[0][:100]
        self.results: dict[str, str] = {}
        self.signers: set[str] = set()
        for check, result, more in _RESULT.findall(results):
            self.results.setdefault(check.lower(), result.lower())
            if check.lower() == "dkim" and result.lower() == "pass":
                self.signers |= {name.lower() for name in _SIGNED_BY.findall(more)}

    def confirms(self, domain: str) -> bool:
        """DMARC passed, or a signature of the sender's own domain did (RFC 7489, 3.1)."""
        if self.results.get("dmarc") == "pass":
            return True
        return any(_same(signer, domain) for signer in self.signers)

    def refutes(self) -> str:
        """The check that says that it is forged; empty where none does."""
        if self.results.get("dmarc") in _REFUTED:
            return "dmarc"
        if self.results.get("dkim") == "pass" or self.results.get("dmarc") == "pass":
            return ""
        return next((c for c in ("spf", "dkim") if self.results.get(c) in _REFUTED), "")


def stated(mail: Mail) -> Stated:
    """What the reader's mail system is said to have found."""
    return Stated(mail.results)


def _of_sender(mail: Mail) -> Iterator[Reason]:
    sender, said = mail.sender, stated(mail)
    if not sender.domain:
        return
    if check := said.refutes():
        result = said.results[check]
        yield reason(
            "sender_refuted", by=said.by, sender=sender.address, check=check, result=result
        )
    elif said.confirms(sender.domain):
        yield reason("sender_confirmed", by=said.by, sender=sender.domain)
    else:
        yield reason("sender_unchecked")
    yield from _elsewhere(mail)
    shown = _ADDRESS.search(sender.name)
    if shown and not _same(shown[1].lower(), sender.domain):
        yield reason("name_shows_address", shown=shown[0], sender=sender.address)


def _elsewhere(mail: Mail) -> Iterator[Reason]:
    ours = mail.sender
    if _is_other(mail.reply_to, ours):
        yield reason("reply_elsewhere", reply=mail.reply_to.address, sender=ours.address)
    if _is_other(mail.returns_to, ours):
        yield reason("bounces_elsewhere", back=mail.returns_to.address, sender=ours.address)


def _is_other(one: Sender, sender: Sender) -> bool:
    return bool(one.domain) and not _same(one.domain, sender.domain)


def _same(one: str, other: str) -> bool:
    """Whether both belong to whoever registered one domain."""
    return bool(one) and (registrable(one) or one) == (registrable(other) or other)


# --- links ----------------------------------------------------------------------------------------

_SHOWN: Final = re.compile(r"(?:https?://)?((?:[a-z0-9-]{1,63}\.)+[a-z]{2,24})(?:[/:?#]\S*)?", re.I)


def _of_links(mail: Mail) -> Iterator[Reason]:
    told = set[tuple[str, str]]()
    for link in mail.page.links:
        shown, host = _SHOWN.fullmatch(link.shown), _host(link.target)
        if not shown or not host or _same(shown[1].lower(), host):
            continue
        if (shown[1], host) not in told:
            told.add((shown[1], host))
            yield reason("link_shows_other", shown=shown[1], host=host)
    for host in dict.fromkeys(filter(None, map(_host, mail.page.forms))):
        yield reason("form_inside", host=host)


def _host(target: str) -> str:
    """The host that an http link leads to; empty for others, and for what is none."""
    scheme, _, rest = target.partition("://")
    if scheme.lower() not in ("http", "https"):
        return ""
    try:
        return url_host(re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2].split(":")[0])
    except Unreadable:
        return ""


# --- files ----------------------------------------------------------------------------------------

_RUNS: Final = re.compile(
    r".*\.(?:exe|scr|com|bat|cmd|pif|jse?|vb[es]?|wsf|wsh|hta|lnk|iso|img|vhdx?|msi|msix|apk|aab|jar|"
    r"ps1|psm1|chm|cpl|dll|reg|url|scf|inf|appx|dmg|pkg|app|sh|docm|dotm|xlsm|xltm|xlam|pptm|ppam|"
    r"one|rdp|mobileconfig)\s*",
    re.I | re.S,
)
_PROGRAMS: Final = (b"MZ", b"\x7fELF", b"dex\n", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
_PAGES: Final = re.compile(r".*\.(?:s?html?|xhtml|svg|mht|mhtml|xml)\s*", re.I | re.S)
_ENDINGS: Final = re.compile(r".*\.(png|jpe?g|gif|webp|pdf|mp3|mp4|txt)\s*", re.I | re.S)
_PAGE_BYTES: Final = re.compile(
    rb"\s{0,512}(?:\xef\xbb\xbf)?<(?:!doctype|html|svg|\?xml|script|head)", re.I
)
#: Office files under a password are kept as this stream of an OLE file (MS-OFFCRYPTO 2.3).
_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEALED: Final = "EncryptedPackage".encode("utf-16-le")


def _of_file(file: MailFile) -> Iterator[Reason]:
    name = file.given[-200:] or file.name
    archive = listing(file.data)
    inside = [f"{name}/{each[-200:]}" for each in archive.names] if archive else []
    for runs in [each for each in (name, *inside) if _RUNS.fullmatch(each)][:3]:
        yield reason("file_runs", name=runs)
    if file.data.startswith(_PROGRAMS) and not _RUNS.fullmatch(name):
        yield reason("file_runs", name=name)
    if _PAGES.fullmatch(name) or _PAGE_BYTES.match(file.data):
        yield reason("file_is_page", name=name)
    if _is_locked(file, archive):
        yield reason("file_locked", name=name)
    if archive and archive.swells:
        yield reason("file_swells", name=name)
    if _poses(file):
        yield reason("file_poses", name=name)


def _is_locked(file: MailFile, archive: Archive | None) -> bool:
    if archive is not None:
        return archive.locked
    if file.sort == "application/pdf":
        return b"/Encrypt" in file.data
    return file.data.startswith(_OFFICE) and _SEALED in file.data


def _poses(file: MailFile) -> bool:
    ending = _ENDINGS.fullmatch(file.given)
    if ending is None:
        return False
    wanted = {"jpeg": "jpg"}.get(ending[1].lower(), ending[1].lower())
    return not file.name.endswith(f".{wanted}")
