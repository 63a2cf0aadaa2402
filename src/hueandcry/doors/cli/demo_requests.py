"""The requests of the demonstration: one node asks another for help, with its law and its clocks.

Every act is one of a person at a desk, by the commands that people have; what is told of times is
what the nodes' own clocks say.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hueandcry.core.errors import Broken
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, MINUTE, SECOND, Micros
from hueandcry.doors.cli import demo_evidence, demo_people
from hueandcry.doors.cli.partnership import Node
from hueandcry.engine import clock

#: Seconds within which an act of one side is at the other.
PATIENCE: Final = 30.0

_TRACED: Final = "34200000"  #: dong
_DECIDED: Final = "stop-decide-1h"

#: Login → roles, of everybody who signs or decides: at the centre, at the police, at the bank.
DESKS: Final[tuple[Mapping[str, tuple[str, ...]], ...]] = (
    {"malee": ("duty",), "prosecutor": ("legal",)},
    {"huong": ("duty", "legal")},
    {"linh": ("duty",)},
)

MULE: Final = "BFTVVNVX:0123456789"
_FACTS: Final = (
    "A caller in the name of Kasikornbank made a woman of Bangkok pay 45,000 baht into an account "
    "in Hanoi; the number is in more reports of this week"
)
_SCREEN: Final = {"political": False, "discrimination": False, "reviewer": "prosecutor"}
_UNDERTAKINGS: Final = {
    "death_penalty": "the offence is not punished by death",
    "torture": "nothing obtained by it is asked for",
    "double_jeopardy": "nobody is tried again for what was finally decided",
    "use": "for this proceeding only",
}


def seated(node: Node, desk: Mapping[str, tuple[str, ...]]) -> None:
    """Puts people at the desk of a node, each with a second factor."""
    for login, roles in desk.items():
        demo_people.enrolled(node, login, *roles)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a request is looked at: a node, and who acts there."""

    node: Node
    login: str

    def written(self, type: str, to: Node, basis: str, **fields: Any) -> str:
        """Writes a request; its id."""
        file = Path(self.node.folder).with_name(f"{type}.json")
        common = {
            "authority_name": self.node.title,
            "contact": f"desk@{self.node.folder.name}.example",
            "case_ref": "7/2026",
            "language": "en",
        }
        file.write_text(json.dumps(common | fields))
        words = ("new", type, "--to", to.title, "--basis", basis, "--fields", str(file))
        return str(self.node.command("request", *words, "--as", self.login)["id"])

    def acts(self, request: str, *events: str, **said: str) -> dict[str, Any]:
        """Acts one after another; the request as it stands then."""
        options = [word for name, text in said.items() for word in (f"--{_dashed(name)}", text)]
        for event in events:
            words = ("act", request, event, *options, "--as", self.login)
            shown: dict[str, Any] = self.node.command("request", *words)
        return shown

    def is_refused(self, words: str, request: str, event: str, **said: str) -> str:
        """What the node says against an act, `words` in it; raises Broken where it lets it pass."""
        try:
            self.acts(request, event, **said)
        except Broken as refused:
            if words not in refused.why:
                raise
            return refused.why.removeprefix("hueandcry: ").splitlines()[0]
        raise Broken("not_refused", f"{self.node.title} let {event} pass")

    def awaits(self, request: str, state: str) -> dict[str, Any]:
        """The request once it is in that state here; raises Broken where it never was."""

        def there() -> bool:
            listed = self.node.command("request", "list", "--ended")
            return any(each["id"] == request and each["state"] == state for each in listed)

        self._waits(there, f"the request was never {state}")
        return self.shown(request)

    def hears(self, request: str, event: str) -> None:
        """Returns when the other side's act, which may move nothing, is here."""
        self._waits(
            lambda: any(act["event"] == event for act in self.shown(request)["acts"]),
            f"{event} never came",
        )

    def _waits(self, told: Callable[[], bool], otherwise: str) -> None:
        until = clock.monotonic() + PATIENCE
        while not told():
            if clock.monotonic() > until:
                raise Broken("absent", f"{self.node.title}: {otherwise}")
            time.sleep(0.05)

    def shown(self, request: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.node.command("request", "show", request)
        return shown


def _dashed(name: str) -> str:
    return name.replace("_", "-")


# --- a payment is stopped -------------------------------------------------------------------------


def stop_payment(centre: Node, police: Node, bank: Node) -> str:
    """From the hotline in Bangkok to the desk of the bank in Hanoi, and the hold back again."""
    duty, second = Desk(centre, "malee"), Desk(centre, "prosecutor")
    officer, teller = Desk(police, "huong"), Desk(bank, "linh")
    alert = duty.written("STOP_PAYMENT", police, "house", **_payment())
    duty.acts(alert, "send_on_duty")
    officer.awaits(alert, "DELIVERED")
    officer.acts(alert, "open", "take_up")
    onward = officer.written("STOP_PAYMENT", bank, "house", **_payment(), links=[alert])
    officer.acts(onward, "send_on_duty")
    teller.awaits(onward, "DELIVERED")
    teller.acts(onward, "open", "take_up", "accept")
    limit = {"until": time_text(clock.now() + 3 * DAY)}
    for desk, request in ((teller, onward), (officer, alert)):
        desk.acts(request, "trace", amount=_TRACED)
        desk.acts(request, "hold", amount=_TRACED, **limit)
        if desk is teller:
            officer.hears(onward, "hold")
            officer.acts(alert, "accept")
    duty.hears(alert, "hold")
    told, at_bank = second.acts(alert, "countersign"), teller.shown(onward)
    money, took = told["money"], minutes(_at(at_bank, "hold") - _at(told, "send_on_duty"))
    return (
        f"{money['held']} {money['currency']}, what was traced and no more, held at the bank "
        f"{took} after the alert, told to Bangkok after {against(told, _DECIDED)}; until "
        f"{money['until'][:10]}, the limit of the place"
    )


def _payment() -> dict[str, Any]:
    return {
        "urgency": "urgent",
        "urgency_reason": "such money is moved on within the hour",
        "victim_institution": "Kasikornbank",
        "beneficiary_institution": "Mekong Bank",
        "account": MULE,
        "amount": _TRACED,
        "currency": "VND",
        "value_time": time_text(clock.now() - 20 * MINUTE),
        "payment_reference": "3f2b6c1e-0000-4000-8000-000000000021",
        "fraud_type": "impersonation-bank by phone",
        "liability_statement": "The centre answers for a hold that proves wrong",
        "complaint_ref": "Station 2026/4471",
        "no_user_notice": True,
    }


# --- data are kept, asked for and handed over -----------------------------------------------------


def preserve_and_obtain(asking: Node, asked: Node, folder: Path) -> str:
    """A preservation at night, assistance within its time, the evidence and its digest."""
    duty, checker = Desk(asking, "malee"), Desk(asking, "prosecutor")
    police = Desk(asked, "huong")
    kept = duty.written("PRESERVE", asked, "interpol", **_preservation())
    duty.acts(kept, "send_on_duty")
    police.awaits(kept, "DELIVERED")
    police.acts(kept, "open", "take_up", "accept")
    police.acts(kept, "hold", until=time_text(clock.now() + 61 * DAY))
    checker.awaits(kept, "ACCEPTED")
    checker.acts(kept, "countersign")

    wanted = duty.written("MLA_STORED", asked, "asean-mlat", hold_ref=kept, **_assistance())
    duty.acts(wanted, "sign")
    checker.acts(wanted, "approve")
    police.awaits(wanted, "DELIVERED")
    before = police.shown(kept)
    pending, held = before["hold"], before["hold_until"]
    police.acts(wanted, "open", "take_up", "accept", "execute", "complete")
    arrived = demo_evidence.produce(asked, asking, folder)
    police.acts(wanted, "send_result", package=arrived["tag_manifest"])
    police.acts(kept, "produce")
    result = duty.awaits(wanted, "RESULT_SENT")["acts"][-1]["said"]["package"]
    duty.acts(wanted, "accept_result", package=result)
    closed = duty.acts(wanted, "close")
    police.awaits(wanted, "CLOSED")

    basis = closed["basis"]
    there = police.shown(kept)
    took = minutes(_at(there, "hold") - _at(there, "deliver"))
    return (
        f"held {took} after it was delivered, until {held[:10]}; {pending} when assistance was "
        f"asked for under {closed['instrument']} {', '.join(basis['articles'])}, {basis['why']} "
        f"({basis['on']}); {_passed(arrived)} of 10 checks passed; result "
        f"{result[:16]}… accepted, request {closed['state']}"
    )


def _preservation() -> dict[str, Any]:
    return {
        "urgency": "urgent",
        "urgency_reason": "log-in records are overwritten after seven days",
        "facts_summary": _FACTS,
        "offence_provision": "Criminal Code, fraud",
        "items": [{"kind": "account", "value": MULE, "relation": "received the payment"}],
        "necessity": "log-in records are overwritten after seven days",
        "mla_intended": True,
        "no_user_notice": True,
        "rights_screen": _SCREEN,
    }


def _assistance() -> dict[str, Any]:
    now = clock.now()
    return {
        "authority_function": "Office that conducts the inquiry",
        "proceeding": "Inquiry 7/2026 into fraud by telephone",
        "facts_summary": _FACTS,
        "assistance_sought": "Produce the preserved log-in records",
        "items": [{"kind": "account", "value": MULE, "relation": "received the payment"}],
        "period": {"from": time_text(now - 30 * DAY), "to": time_text(now)},
        "purpose": "evidence in inquiry 7/2026",
        "offence_provision": "Criminal Code, fraud",
        "authorisation": {
            "type": "judicial",
            "authority": "Criminal Court",
            "ref": "S 7/2026",
            "date": time_text(now)[:10],
        },
        "rights_screen": _SCREEN,
        "assurances": _UNDERTAKINGS,
    }


def _passed(arrived: Mapping[str, Any]) -> int:
    return sum(check["result"] == "PASS" for check in arrived["checks"])


# --- a refusal ------------------------------------------------------------------------------------


def refused_after_consultation(asking: Node, asked: Node) -> str:
    """Assistance is never refused unheard: the node says no to that, then both are heard."""
    duty, checker, police = Desk(asking, "malee"), Desk(asking, "prosecutor"), Desk(asked, "huong")
    wanted = duty.written("MLA_GENERAL", asked, "asean-mlat", **_hearing())
    duty.acts(wanted, "sign")
    checker.acts(wanted, "approve")
    police.awaits(wanted, "DELIVERED")
    police.acts(wanted, "open", "take_up")
    ground = {"code": "ASEAN-mandatory-dual-criminality", "reasons": "No offence under our law"}
    unheard = police.is_refused("consulted", wanted, "refuse", **ground)
    police.acts(
        wanted,
        "consult",
        reasons="To lend an account is no offence here. Is anything else charged?",
        answer_by=time_text(clock.now() + 14 * DAY),
    )
    duty.awaits(wanted, "CONSULTATION")
    duty.acts(wanted, "answer_consultation", reasons="No: only that the account was lent")
    police.hears(wanted, "answer_consultation")
    police.acts(wanted, "refuse", **ground)
    told = duty.awaits(wanted, "REFUSED")
    last = next(act for act in reversed(told["acts"]) if act["event"] == "refuse")
    asked_back = minutes(_at(told, "consult") - _at(told, "deliver"))
    return (
        f"to refuse it unheard was not possible: {unheard} They asked back "
        f"{asked_back} after it was delivered, were answered, and refused it by "
        f"{last['said']['code']}: {last['said']['reasons']}"
    )


def _hearing() -> dict[str, Any]:
    wanted = _assistance()
    for name in ("items", "period", "authorisation"):
        del wanted[name]
    return wanted | {"assistance_sought": "Hear the holder of the account, who lent it"}


# --- the same number ------------------------------------------------------------------------------

_THAI_LIST: Final = """\
phone: +66 81 234 5678
phone: +44 7700 900123
bank-account: MKNGVNV0 0000778899
"""
_VIETNAMESE_LIST: Final = """\
phone: +44 7700 900456
bank-account: MKNGVNV0 0000778899
bank-account: MKNGVNV0 0000991122
"""


def deconflict(asking: Node, asked: Node) -> str:
    """Two lists that nobody shows, one item in both: each side sees its own, and whom to ring."""
    duty, checker, police = Desk(asking, "malee"), Desk(asking, "prosecutor"), Desk(asked, "huong")
    ours, theirs = (node.folder.with_suffix(".txt") for node in (asking, asked))
    ours.write_text(_THAI_LIST)
    theirs.write_text(_VIETNAMESE_LIST)
    until = ("--until", time_text(clock.now() + 30 * DAY))
    asked.command("deconflict", "offer", str(theirs), "--case", "3305", *until, "--as", "huong")
    words = ("deconflict", asked.title, str(ours), "--case", "7/2026", "--as", "malee")
    wanted = str(asking.command(*words)["request"])
    duty.acts(wanted, "sign")
    checker.acts(wanted, "approve")
    police.awaits(wanted, "DELIVERED")
    police.acts(wanted, "open", "take_up", "accept")
    seen, there = (
        node.command("deconflict", "show", wanted, "--wait", "30") for node in (asking, asked)
    )
    if (seen["hits"], there["hits"]) != (1, 1):
        raise Broken("hits", f"{seen['hits']} hits here, {there['hits']} there", why=seen["why"])
    (item,) = seen["found"]
    took = minutes(read_time(seen["ended_at"]) - read_time(seen["made_at"]))
    return (
        f"{seen['items']} items, looking like {seen['size']}, against a set looking like "
        f"{seen['their_size']}: {seen['hits']} hit after {took}, on both sides. "
        f"{asking.title} sees its own {item} and whom to speak to: {seen['contact']}, about "
        f"{', '.join(seen['cases'])}"
    )


# --- what the clocks said -------------------------------------------------------------------------


def _at(shown: Mapping[str, Any], event: str) -> Micros:
    """When an act was done for the last time, as this node has it."""
    return max(read_time(act["at"]) for act in shown["acts"] if act["event"] == event)


def against(shown: Mapping[str, Any], rule: str) -> str:
    """What a clock that has ended said: how long it ran, and how long it may have run."""
    each = next(each for each in shown["clocks"] if each["rule"] == rule)
    if each["ended_at"] is None or each["overdue"]:
        raise Broken("clock", f"The clock {rule} did not end in time", why=str(each))
    started, ended, due = (read_time(each[name]) for name in ("started", "ended_at", "due"))
    return f"{minutes(ended - started)} (limit {(due - started) // MINUTE} min)"


def minutes(span: Micros) -> str:
    """A span as minutes, seconds and tenths, such as 00:41.3."""
    whole, rest = divmod(span, MINUTE)
    return f"{whole:02}:{rest / SECOND:04.1f}"
