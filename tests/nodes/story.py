"""One story in the console of two real nodes, in a real browser: for tests and for the tour.

A scam is raised at a centre, is in effect at a bank, and is taken back. At each station `seen` is
called with its name and the page: the test looks for faults there, the tour takes a picture.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from nodes.partnership import Node, free_ports, join

Seen = Callable[[str, Page], None]

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
PASSWORD: Final = "four unrelated words do"
PATIENCE: Final = 30_000  #: milliseconds for what travels between nodes

#: What is raised in the story.
SCAM: Final = "hxxps://bank-login[.]example/verify"
SHOWN: Final = "bank-login[.]example/verify"
VICTIM: Final = "081 234 5678"
LIST: Final = """\
https://parcel-fee.example/pay
quick-loan.example
hxxp://prize[.]example/claim?id=7
t.me/fast_profit_club
no idea what this is
parcel-fee.example/pay
"""


#: What a victim pastes: a look-alike of a bank, and a number to pay to.
PASTED: Final = (
    "ธนาคารกสิกรไทย: บัญชีของคุณถูกระงับ ยืนยันตัวตนที่ https://kbank-verify.top/login "
    "หรือโอนค่าธรรมเนียมเข้าพร้อมเพย์ 081-234-5678 ภายใน 24 ชั่วโมง"
)


@contextmanager
def two_nodes(folder: Path) -> Iterator[tuple[Node, Node]]:
    """A centre and a bank under the standard agreement, both running."""
    names = ("Example Anti-Scam Centre", "Example Bank")
    ports = free_ports(2)
    nodes = [
        Node(name, folder / name.split()[-1].lower(), port)
        for name, port in zip(names, ports, strict=True)
    ]
    try:
        founding = [node.found() for node in nodes]
        for node, begun in zip(nodes, founding, strict=True):
            node.founded(begun)
            node.launch()
        for node in nodes:
            node.answering()
        join(nodes[0], nodes[1])
        yield nodes[0], nodes[1]
    finally:
        for node in nodes:
            node.close()


def enrolled(node: Node, login: str, name: str, role: str) -> str:
    """Adds somebody to a node; the password to hand over."""
    return str(node.command("person", "add", login, "--role", role, "--name", name)["password"])


def code(secret: str, at: float) -> str:
    """What an authenticator app shows at `at` (RFC 6238: SHA-1, 30 s, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(at) // 30), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def add_authenticator(page: Page) -> None:
    """A security key that answers by itself, as Chromium's developer tools offer it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def heading(page: Page, text: str) -> Locator:
    """By which one knows that another page has come."""
    return page.get_by_role("heading", name=text, exact=True)


@dataclass
class Teller:
    """The browser of one person at one node."""

    node: Node
    context: BrowserContext
    seen: Seen
    host: str = "127.0.0.1"
    pages: list[Page] = field(default_factory=list)

    @property
    def page(self) -> Page:
        if not self.pages:
            self.pages.append(self.context.new_page())
        return self.pages[0]

    def url(self, path: str) -> str:
        return f"http://{self.host}:{self.node.port}/console/{path}"

    def open(self, path: str) -> Page:
        self.page.goto(self.url(path))
        return self.page

    # --- signing in ---------------------------------------------------------------------------

    def _password(self, login: str, given: str) -> None:
        page = self.open("")
        self.seen("sign-in", page)
        page.fill("[name=login]", login)
        page.fill("[name=password]", given)
        page.get_by_role("button", name="Sign in").click()
        page.fill("[name=oldpassword]", given)
        page.fill("[name=password1]", PASSWORD)
        page.fill("[name=password2]", PASSWORD)
        self.seen("password", page)
        page.get_by_role("button", name="Change the password").click()

    def signs_in_with_app(self, login: str, given: str) -> str:
        """The first time, by an authenticator app; its secret."""
        self._password(login, given)
        page = self.page
        expect(heading(page, "Set up a second factor")).to_be_visible()
        self.seen("second-factor", page)
        page.get_by_role("link", name=re.compile("Authenticator app")).click()
        secret = page.locator("code.secret").inner_text()
        self.seen("app", page)
        page.fill("[name=code]", code(secret, time.time()))
        page.get_by_role("button", name="Activate").click()
        page.wait_for_url(re.compile(r"/console/(?!account/factors/app)"))
        return secret

    def signs_in_again(self, login: str, secret: str) -> None:
        """Password and the next code: one that was used is not good again."""
        page = self.open("")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.fill("form:not(#key-form) [name=code]", code(secret, time.time() + 30))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    def signs_in_with_key(self, login: str, given: str) -> None:
        """The first time, by a security key, and then once more to use it."""
        add_authenticator(self.page)
        self._password(login, given)
        page = self.page
        page.get_by_role("link", name=re.compile("Security key")).click()
        page.fill("[name=name]", "Blue key")
        self.seen("key", page)
        page.get_by_role("button", name="Add the key").click()
        page.wait_for_url(re.compile(r"/console/(?!account/factors/keys/add)"))
        self.open("")
        page.get_by_role("button", name="Sign out").click()
        if page.get_by_role("button", name="Sign out").count():
            page.get_by_role("button", name="Sign out").last.click()
        self.open("")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Use a security key").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    # --- work ---------------------------------------------------------------------------------

    def raises(self, text: str, **said: str) -> None:
        """Writes, looks at who will get it, confirms by the keyboard alone."""
        page = self.open("raise/")
        page.keyboard.type(text)  # the field has the focus
        for name, value in said.items():
            page.select_option(f"[name={name}]", value)
        self.seen("raise", page)
        page.focus("[name=values]")
        page.keyboard.press("Enter")
        expect(heading(page, "Is this right?")).to_be_visible()
        self.seen("preview", page)
        expect(page.get_by_role("button", name="Raise 1 value")).to_be_focused()
        page.keyboard.press("Enter")

    def sees_at(self, peer: str, state: str) -> None:
        """Waits until the page, by itself, shows how far the claim has come at a peer."""
        row = self.page.locator("#follow tbody tr", has_text=peer)
        expect(row.locator("span.reach")).to_have_text(state, timeout=PATIENCE)

    def searches(self, text: str) -> None:
        self.page.fill("#find", text)
        self.page.press("#find", "Enter")

    def says_why(self) -> None:
        """The purpose, before a person's data is shown."""
        page = self.page
        page.select_option("[name=purpose]", "victim")
        page.fill("[name=reference]", "Hotline 2026-311")
        self.seen("purpose", page)
        page.get_by_role("button", name="Go on").click()

    def takes_back(self) -> None:
        page = self.page
        page.get_by_role("link", name="Take it back").first.click()
        page.select_option("[name=reason]", "mistake")
        page.check("[name=sure]")
        self.seen("retract", page)
        page.get_by_role("button", name="Take it back for good").click()


def story(
    browser: Browser,
    centre: Node,
    bank: Node,
    seen: Seen,
    size: ViewportSize,
    scheme: Literal["light", "dark"] = "light",
) -> None:
    """The whole of it; every step asserts what it shows."""
    given = enrolled(centre, "anan", "Anan S.", "analyst")
    guarded = enrolled(bank, "duy", "Duy N.", "duty")
    anan = Teller(centre, _context(browser, size, scheme), seen)
    duy = Teller(bank, _context(browser, size, scheme), _quiet, host="localhost")
    secret = anan.signs_in_with_app("anan", given)
    expect(anan.open("today/").get_by_role("heading", level=1)).to_have_text("Today")
    _raise_and_follow(anan, seen)
    _at_the_bank(duy, guarded, seen)
    _many_at_once(anan, seen)
    _a_person(anan, seen)
    _take_back(anan, duy, seen)
    _a_list_of_others(anan, centre, seen)
    _peers_and_ledger(anan, seen)
    _a_victim(browser, anan, seen, scheme)
    again = Teller(centre, _context(browser, size, scheme), _quiet)
    again.signs_in_again("anan", secret)


def _context(
    browser: Browser, size: ViewportSize, scheme: Literal["light", "dark"]
) -> BrowserContext:
    # The policy would keep the checks of accessibility out; other tests hold it.
    return browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)


def _quiet(name: str, page: Page) -> None:
    """Not every station of the second person is worth a picture."""


def _raise_and_follow(anan: Teller, seen: Seen) -> None:
    anan.raises(SCAM, lure="impersonation-bank", method="sms")
    page = anan.page
    expect(page.locator(".verdict .name")).to_have_text("Scam")
    expect(page.locator(".verdict h1")).to_contain_text(SHOWN)
    anan.sees_at("Example Bank", "In effect")
    timeline = page.locator(".timeline")
    expect(timeline).to_contain_text("Example Bank In effect: look-ups answer by it")
    seen("shared", page)


def _at_the_bank(duy: Teller, given: str, seen: Seen) -> None:
    duy.signs_in_with_key("duy", given)
    page = duy.open("today/")
    expect(page.locator("[aria-labelledby=theirs]")).to_contain_text("Example Anti-Scam Centre")
    seen("partner-today", page)
    duy.searches("https://bank-login.example/verify")
    expect(page.locator(".verdict .name")).to_have_text("Scam")
    expect(page.locator(".verdict")).to_contain_text("A partner under an agreement")
    seen("partner-signal", page)


def _many_at_once(anan: Teller, seen: Seen) -> None:
    page = anan.open("raise/")
    page.fill("[name=values]", LIST)
    page.select_option("[name=lure]", "purchase")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator(".notice.warning")).to_contain_text("1 line was not understood")
    expect(page.locator("[aria-labelledby=receiving]")).to_contain_text("3 of 4")
    seen("many", page)
    page.get_by_role("button", name="Raise 4 values").click()
    expect(page.locator(".cards")).to_contain_text("4 Raised")
    seen("many-raised", page)
    page = anan.open("claims/")
    expect(page.locator("table")).to_contain_text("quick-loan[.]example")
    seen("claims", page)


def _a_person(anan: Teller, seen: Seen) -> None:
    anan.raises(VICTIM, lure="job", method="phone")
    page = anan.page
    expect(page.locator(".messages")).to_contain_text("Raised.")
    anan.searches(VICTIM)
    assert "81234" not in page.url
    anan.says_why()
    expect(page.locator("#canonical")).to_have_text("+66812345678")
    row = page.locator("#follow tbody tr", has_text="Example Bank")
    expect(row).to_contain_text("The agreement does not cover this kind.")
    seen("kept-back", page)


def _take_back(anan: Teller, duy: Teller, seen: Seen) -> None:
    page = anan.open("search/")
    anan.searches("bank-log")
    expect(heading(page, "Found by this part")).to_be_visible()
    seen("search", page)
    page.get_by_role("link", name=SHOWN).click()
    anan.takes_back()
    expect(page.locator(".verdict .name")).to_have_text("Unknown")
    anan.sees_at("Example Bank", "Withdrawn")
    expect(page.locator(".timeline")).to_contain_text("Its receipt for the retraction")
    expect(page.locator(".timeline")).to_contain_text("Withdrawn")
    seen("taken-back", page)
    there = duy.open("search/")
    duy.searches("https://bank-login.example/verify")
    expect(there.locator(".verdict .name")).to_have_text("Unknown")


def _a_list_of_others(anan: Teller, centre: Node, seen: Seen) -> None:
    inbox = centre.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "shops.txt").write_text("fake-shop.example\nfree-phone.example\nno value\n")
    page = anan.open("sources/new/")
    page.fill("[name=name]", "shop-list")
    page.fill("[name=address]", str(inbox / "shops.txt"))
    page.select_option("[name=lure]", "purchase")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("section[role=status]")).to_contain_text("New: 2")
    seen("source-preview", page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("Saved.")
    # By its schedule: the loop of sources takes it at once.
    done = page.locator("[aria-labelledby=runs] tbody tr", has_text="Done")
    deadline = time.monotonic() + PATIENCE / 1000
    while not done.count() and time.monotonic() < deadline:
        page.wait_for_timeout(500)
        page.reload()
    expect(done).to_contain_text("3")
    seen("source", page)
    page = anan.open("sources/")
    expect(page.locator("tbody")).to_contain_text("shop-list")
    seen("sources", page)


def _peers_and_ledger(anan: Teller, seen: Seen) -> None:
    page = anan.open("today/")
    expect(page.locator("[aria-labelledby=protection]")).to_contain_text("Example Bank")
    seen("today", page)
    page = anan.open("peers/")
    seen("peers", page)
    page.get_by_role("link", name="Example Bank").click()
    expect(page.locator("main")).to_contain_text("None: personal data stays home")
    seen("peer", page)
    page.get_by_role("link", name="Handed over").click()
    expect(page.locator("tbody")).to_contain_text("Retraction")
    seen("handed-over", page)
    page.get_by_role("link", name="Receipts", exact=True).click()
    expect(heading(page, "Receipts")).to_be_visible()
    seen("receipts", page)
    page.get_by_role("link", name="Documents").click()
    expect(heading(page, "Documents")).to_be_visible()
    seen("documents", page)
    page.get_by_role("link", name="Receipts", exact=True).click()
    expect(heading(page, "Receipts")).to_be_visible()
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt")
    seen("receipt", page)
    page = anan.open("ledger/")
    expect(page.locator("[aria-labelledby=held]")).to_contain_text("Agrees with ours")
    page.get_by_role("button", name="Read the whole ledger again").click()
    expect(page.locator(".notice.success")).to_contain_text("The ledger holds")
    seen("ledger", page)
    page = anan.open("ledger/acts/")
    expect(page.locator("tbody")).to_contain_text("Took back")
    seen("acts", page)
    page = anan.open("ledger/entries/")
    with page.expect_download() as proof:
        page.get_by_role("link", name=re.compile("Proof of")).last.click()
    said = json.loads(proof.value.path().read_text())
    assert said["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    seen("entries", page)


def _a_victim(browser: Browser, anan: Teller, seen: Seen, scheme: Literal["light", "dark"]) -> None:
    """Somebody on a phone asks and reports, in Thai; at the centre it becomes claims."""
    victim = browser.new_context(
        viewport=PHONE, color_scheme=scheme, bypass_csp=True, locale="th"
    ).new_page()
    victim.goto(f"http://{anan.host}:{anan.node.port}/")
    victim.fill("[name=value]", PASTED)
    victim.locator("main form button[type=submit]").first.click()
    expect(victim.locator("article.result.scam")).to_contain_text("kasikornbank[.]com")
    seen("check", victim)
    victim.locator("form.raise button").click()
    victim.fill("[name=amount]", "25000")
    victim.select_option("[name=paid]", "today")
    victim.check("[name=consents][value=signals]")
    victim.locator(".send button").click()
    expect(victim.locator("#code")).to_be_visible()
    seen("reported", victim)
    page = anan.open("reports/")
    while not page.locator("[data-row]").count():  # it is read within seconds
        page.wait_for_timeout(500)
        page.reload()
    seen("queue", page)
    page.locator("[data-row]").first.click()
    seen("report", page)
    page.get_by_role("button", name="Confirm").click()
    seen("report-preview", page)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("#follow")).to_contain_text("Example Bank")
    seen("report-confirmed", page)
    victim.context.close()
