"""The demonstration: three members, one scam, from raising to proving. Every step is checked."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel

from hueandcry.core.errors import Broken, HueError
from hueandcry.core.sharing import Label, Terms, decide, personal_terms
from hueandcry.core.types import (
    PERSONAL,
    SECOND,
    Actor,
    Direction,
    Kind,
    Marking,
    Purpose,
)
from hueandcry.doors.cli import demo_evidence, demo_requests, demo_victims, showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.demo_lists import host_lists
from hueandcry.doors.cli.demo_watch import PATIENCE, Watch, until
from hueandcry.doors.cli.partnership import Node, stop_all
from hueandcry.doors.cli.processes import free_ports
from hueandcry.engine import clock

SCAM_DOMAIN = "secure-kbank-verify.example"
SCAM_LINK = f"https://{SCAM_DOMAIN}/login"
PICTURED = "trung-thuong-tri-an.example/nhan-qua"
SCAM_PHONE = "+66 81 234 5678"
SCAM_ACCOUNT = "BFTVVNVX:0123456789"
KEPT_BACK = "refund-desk@secure-kbank-verify.example"


@dataclass(slots=True)
class Step:
    """One step as the JSON answer tells it."""

    step: str
    outcome: str = "ok"
    ms: float = 0.0
    hops: list[dict[str, Any]] = field(default_factory=list)
    detail: str = ""


class Demo:
    """Three nodes and what is done with them."""

    def __init__(self, folder: Path, lists: list[Path], quiet: bool) -> None:
        ports = free_ports(3)
        self.folder, self.lists, self.quiet = folder, lists, quiet
        # Each of the first two is also the 24/7 point and the central authority of its country.
        desks = ("p24", "ca")
        centre, force, bank = ("asc", "lea", *desks), ("lea", *desks), ("bank",)
        self.asc = Node("Anti-Scam Centre Thailand", "TH", centre, folder / "asc", ports[0])
        self.police = Node("Cyber Police Vietnam", "VN", force, folder / "police", ports[1])
        self.bank = Node("Mekong Bank", "VN", bank, folder / "bank", ports[2])
        self.nodes = (self.asc, self.police, self.bank)
        self.steps: list[Step] = []
        self.bank_terms: Terms | None = None
        self.exhibits: list[str] = []  #: numbers of what was preserved
        self.thai: dict[str, Any] = {}  #: the first victim's report, as her centre shows it

    def run(self) -> bool:
        """Every step in order; True when all went well. A broken founding ends it early."""
        for name, act in (
            ("found three nodes", self.found),
            ("join them under signed agreements", self.join),
            ("load known scams", self.load),
            ("a victim in Bangkok reports, in Thai", self.report_in_thai),
            ("an analyst confirms: link, phone, bank account", self.confirm),
            ("a victim in Hanoi sends a screenshot", self.report_with_picture),
            ("an officer raises the domain for everybody", self.raise_scam),
            ("the gate keeps an e-mail address from the bank", self.keep_back),
            ("take the domain back everywhere", self.retract),
            ("prove it: verify all three ledgers", self.prove),
            ("preserve a chat and a screenshot as evidence", self.preserve),
            ("hand them to the police in Hanoi, who verify them", self.hand_over),
            ("let an expert check it, with nothing but a file", self.judge),
            ("stop a payment, from Bangkok to a bank in Hanoi", self.stop_payment),
            ("have data preserved, ask for them, take them in", self.obtain),
            ("be refused, but not unheard", self.consult),
            ("find out whether both work on the same account", self.deconflict),
        ):
            if not self._step(name, act) and act in (self.found, self.join):
                return False
        return all(step.outcome == "ok" for step in self.steps)

    def _step(self, name: str, act: Callable[[Step], None]) -> bool:
        step, began = Step(name), clock.monotonic()
        with self._told(name):
            try:
                act(step)
            except HueError as error:
                step.outcome, step.detail = "failed", str(error)
            except Exception as error:
                step.outcome, step.detail = "failed", repr(error)
        step.ms = round((clock.monotonic() - began) * 1000, 1)
        self.steps.append(step)
        if not self.quiet:
            _show(step)
        return step.outcome == "ok"

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        if self.quiet or not showing.err.is_terminal:
            yield
            return
        with showing.err.status(name):
            yield

    def found(self, step: Step) -> None:
        """Three folders, three databases, three processes."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(Node.found, self.nodes))
            for node in self.nodes:
                node.start()
            list(pool.map(Node.wait, self.nodes))
            list(pool.map(_let_in, self.nodes))
            list(pool.map(demo_requests.seated, self.nodes, demo_requests.DESKS))
        step.detail = ", ".join(f"{node.title} at {node.url}" for node in self.nodes)

    def join(self, step: Step) -> None:
        """Each pair signs: the centre shares personal kinds, with the bank all but e-mail."""
        terms = _without_email(self.asc.fingerprint, self.bank.fingerprint)
        self.bank_terms = terms
        file = self.folder / "centre-and-bank.json"
        file.write_bytes(terms.terms_bytes())
        for one, other, agreement in (
            (self.asc, self.police, "personal"),
            (self.asc, self.bank, str(file)),
            (self.police, self.bank, "standard"),
        ):
            _join(one, other, agreement)
        step.detail = "both signatures held on both sides, three times"

    def load(self, step: Step) -> None:
        """Whole lists in at the centre; the partners answer by them."""
        told = []
        for hosts in host_lists(self.lists):
            file = self.folder / f"{hosts.feed}.txt"
            file.write_text("\n".join(hosts.hosts), "utf-8")
            report = self.asc.command("ingest", str(file), "--source", hosts.feed)
            told.append(f"{hosts.origin}: {report['accepted']:,} accepted")
            sample = [hosts.hosts[0], hosts.hosts[len(hosts.hosts) // 2], hosts.hosts[-1]]
            for node in (self.police, self.bank):
                for host in sample:
                    until(node, host, ("suspicious", "scam", "benign"))
        step.detail = "; ".join(told)

    def report_in_thai(self, step: Step) -> None:
        """By the public form, without an account: what was read in her words, and why."""
        code = demo_victims.report(self.asc, demo_victims.IN_THAI)
        self.thai = demo_victims.read(self.asc, SCAM_ACCOUNT)
        step.detail = f"{_told(self.thai)}. Her receipt code is {code}"

    def confirm(self, step: Step) -> None:
        """Confirmed once in Bangkok; everybody else answers."""
        values = (SCAM_LINK, SCAM_PHONE, SCAM_ACCOUNT)
        watch = Watch([(n, v) for n in (self.police, self.bank) for v in values], "scam")
        self.asc.command("reports", "confirm", str(self.thai["report"]["number"]))
        seen = watch.wait()
        for value in values:
            step.hops += self._hops(value)
        raised = min(hop["at"] for hop in step.hops if hop["name"] == "raised")
        slowest = max(at - raised for at in seen.values()) / 1000
        step.detail = f"the last look-up anywhere said scam {slowest:.0f} ms after it was raised"

    def report_with_picture(self, step: Step) -> None:
        """The link stands in a code to scan; what it says in Hanoi, Bangkok knows."""
        victim = demo_victims.IN_VIETNAMESE
        demo_victims.report(self.police, victim)
        shown = demo_victims.read(self.police, PICTURED)
        watch = Watch([(n, victim.link) for n in (self.asc, self.bank)], "scam")
        self.police.command("reports", "confirm", str(shown["report"]["number"]))
        watch.wait()
        step.detail = f"{_told(shown)}. Read from the code in the picture: {PICTURED}"

    def raise_scam(self, step: Step) -> None:
        """The whole domain, TLP:CLEAR: from now on the public page answers too."""
        watch = Watch([(n, SCAM_DOMAIN) for n in self.nodes], "scam")
        how = ("--lure", "impersonation-bank", "--method", "sms", "--tlp", "CLEAR")
        self.asc.command("report", SCAM_DOMAIN, *how)
        watch.wait()
        step.hops = self._hops(SCAM_DOMAIN)
        step.detail = f"{SCAM_DOMAIN} and all below it"

    def keep_back(self, step: Step) -> None:
        """The police get it; the bank, whose agreement leaves e-mail out, does not."""
        self.asc.command("report", KEPT_BACK)
        until(self.police, KEPT_BACK, ("scam",))
        # What the police answered was pushed to the bank in the same turn, had the gate allowed it.
        time.sleep(1.0)
        answer = self.bank.look_up(KEPT_BACK)["verdict"]
        if answer != "unknown":
            raise Broken("escaped", f"The bank answers {answer}")
        step.hops = self._hops(KEPT_BACK)
        if any(hop["node"] == self.bank.title for hop in step.hops):
            raise Broken("escaped", "The bank was sent the address")
        step.detail = f"{self.bank.title} does not have it. {self._why()}"

    def _why(self) -> str:
        """The gate's own reason, which stays at the centre."""
        assert self.bank_terms is not None
        label = Label(Kind.EMAIL, Marking(), self.asc.fingerprint)
        decision = decide(
            Actor(self.bank.fingerprint),
            label,
            self.bank_terms,
            Purpose.PREVENTION,
            Direction.SEND,
            clock.now(),
            us=self.asc.fingerprint,
        )
        return decision.reasons[0].text

    def retract(self, step: Step) -> None:
        """Gone everywhere, with receipts."""
        watch = Watch([(n, SCAM_DOMAIN) for n in self.nodes], "unknown")
        self.asc.command("retract", SCAM_DOMAIN, "--reason", "mistake")
        seen = watch.wait()
        hops = self._hops(SCAM_DOMAIN, "withdrawn", 2)
        step.hops = [hop for hop in hops if hop["name"] in ("retracted", "withdrawn")]
        at = min(h["at"] for h in step.hops if h["source"] == "own")
        slowest = max(when - at for when in seen.values()) / 1000
        step.detail = f"the last node forgot it after {slowest:.0f} ms; two signed receipts held"

    def prove(self, step: Step) -> None:
        """Every entry, tile, checkpoint and opening read again."""
        told = []
        for node in self.nodes:
            report = node.command("log", "verify")
            told.append(f"{node.title}: {report['entries']} entries")
        step.detail = "; ".join(told)

    def preserve(self, step: Step) -> None:
        """Hashed and sealed in one pass, numbered, taken by a named authority."""
        added = demo_evidence.preserve(self.asc, self.folder)
        self.exhibits = [each["number"] for each in added]
        step.detail = "; ".join(f"{e['number']}: SHA-256 {e['sha256'][:16]}…" for e in added)

    def hand_over(self, step: Step) -> None:
        """Sealed to them, fetched by them, verified before anything of it is taken in."""
        file = self.folder / "package.tar.age"
        arrived = demo_evidence.hand_over(self.asc, self.police, self.exhibits, file, "prosecutor")
        passed = sum(check["result"] == "PASS" for check in arrived["checks"])
        held = ", ".join(arrived["exhibits"])
        step.detail = f"{passed} of 10 checks passed there; taken in as {held}"

    def judge(self, step: Step) -> None:
        """Another process that has no node, no network and no package but Python's own."""
        report = demo_evidence.judge(self.folder / "package.tar.age", self.police)
        told = (f"{check['n']} {check['result']}" for check in report["checks"])
        step.detail = f"{report['outcome']}: {', '.join(told)}"

    def stop_payment(self, step: Step) -> None:
        """Money that left twenty minutes ago: alert, onward request, decisions, by the clock."""
        step.detail = demo_requests.stop_payment(self.asc, self.police, self.bank)

    def obtain(self, step: Step) -> None:
        """Held at night by one officer's signature, then asked for by two and handed over."""
        step.detail = demo_requests.preserve_and_obtain(self.asc, self.police, self.folder)

    def consult(self, step: Step) -> None:
        """A refusal of assistance: with a code of the treaty, and after the other was heard."""
        step.detail = demo_requests.refused_after_consultation(self.asc, self.police)

    def deconflict(self, step: Step) -> None:
        """Neither shows its list; a hit gives a desk and a reference."""
        step.detail = demo_requests.deconflict(self.asc, self.police)

    def _hops(self, value: str, wanted: str = "", count: int = 0) -> list[dict[str, Any]]:
        end = clock.monotonic() + PATIENCE
        while True:
            hops: list[dict[str, Any]] = self.asc.command("trace", value)
            have = sum(hop["name"] == wanted for hop in hops)
            if have >= count or clock.monotonic() > end:
                break
        if have < count:
            raise Broken("no_receipt", f"Only {have} of {count} receipts came for {value}")
        return hops


def _let_in(node: Node) -> None:
    """Tokens for look-ups, and somebody who may do more in the console than manage accounts."""
    for audience in ("own", "green"):
        said = node.command("token", "new", "--audience", audience, "--note", "demo")
        node.tokens[audience] = said["token"]
    node.analyst = node.command("person", "add", "anan", "--role", "analyst")["password"]


def _join(one: Node, other: Node, agreement: str) -> None:
    """Both sides confirm the other's fingerprint; in either order."""
    for here, there, wait in ((one, other, "0"), (other, one, "20")):
        said = here.command(
            *("peer", "add", there.url, "--fingerprint", there.fingerprint),
            *("--agreement", agreement, "--wait", wait),
        )
    if said["state"] != "in_force":
        raise Broken("no_agreement", f"{one.title} and {other.title}: {said['state']}")


def _without_email(one: str, other: str) -> Terms:
    terms = personal_terms(one, other, clock.now() - 3600 * SECOND)
    kinds = terms.kinds - {Kind.EMAIL}
    basis = tuple((kind, code) for kind, code in terms.basis if kind in kinds & PERSONAL)
    return replace(terms, kinds=kinds, basis=basis)


def _told(shown: dict[str, Any]) -> str:
    """What was read in a report: language, what it looks like, what was found."""
    line = shown["report"]
    found = ", ".join(f"{value['kind']} {value['value']}" for value in shown["values"])
    likely = f"{line['finding']}, {100 * line['likelihood']:.0f} %"
    return f"{line['language']}: {likely}, {line['lure'] or 'no lure'}; {found}"


def _show(step: Step) -> None:
    mark = "[green]✓[/]" if step.outcome == "ok" else "[red]✗[/]"
    showing.out.print(f"{mark} [bold]{step.step}[/]  [dim]{step.ms / 1000:.1f} s[/]")
    if step.detail:
        showing.out.print(f"    {step.detail}")
    if step.hops:
        first = min(hop["at"] for hop in step.hops)
        for hop in sorted(step.hops, key=lambda hop: hop["at"]):
            after = (hop["at"] - first) / 1000
            showing.out.print(
                f"    {after:8.1f} ms  {hop['name']:10} {hop['node']}  [dim]({hop['source']})[/]"
            )


def demo(
    once: Annotated[bool, typer.Option(help="run to the end and stop the nodes")] = False,
    list_: Annotated[
        list[Path] | None, typer.Option("--list", help="a list of real hosts (repeatable)")
    ] = None,
    json: Json = False,
) -> None:
    """A partnership of three nodes on this machine, from raising to proving."""
    folder = Path(tempfile.mkdtemp(prefix="hueandcry-demo-"))
    shown = Demo(folder, list_ or [], quiet=json)
    # Ended like by Ctrl-C, also where a script began it, which has Ctrl-C ignored: the nodes never
    # outlive the demonstration.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        well = shown.run()
        if json:
            for step in shown.steps:
                showing.as_json(asdict(step))
        if not once and well:
            _stay(shown)
    except KeyboardInterrupt:
        well = True
    finally:
        stop_all(shown.nodes)
        shutil.rmtree(folder, ignore_errors=True)
    if not well:
        raise typer.Exit(1)


def _stay(shown: Demo) -> None:
    lines = []
    for node in shown.nodes:
        lines.append(f"[bold]{node.title}[/]  {node.url}/")
        lines.append(f"    folder {node.folder}")
        lines.append(f"    console {node.url}/console/   accounts: admin / {node.password}")
        lines.append(f"    work:    sign in there as anan / {node.analyst}")
        lines += [f"    look-up token ({a}): {t}" for a, t in node.tokens.items()]
    ask = f"curl -H 'Authorization: Bearer TOKEN' '{shown.bank.url}/v1/lookup?value=…'"
    showing.out.print(Panel("\n".join([*lines, "", ask]), title="The nodes are running"))
    showing.out.print("Ctrl-C stops them and removes their folders.")
    threading.Event().wait()


COMMANDS = {"demo": command(demo)}
