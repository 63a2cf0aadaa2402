"""Inside a node's folder: a duty officer drafts stop-payments and sends them at a steady pace."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

from hueandcry.doors.cli import opening

opening.prepare()

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Said
from hueandcry.apps.members import face as members
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_LOGIN = "duty"
_SAME = {
    "authority_name": "Centre of measurements",
    "contact": "24/7",
    "case_ref": "M-1",
    "language": "en",
    "victim_institution": "BKKBTHBK",
    "beneficiary_institution": "BFTVVNVX",
    "account": "DE89370400440532013000",
    "amount": "1250.00",
    "currency": "THB",
    "fraud_type": "bank impersonation",
    "liability_statement": "as agreed",
}


def main(to: str, count: int, rate: float) -> None:
    """Prints `{id, at}` for each one as soon as it is committed; `at` is when *send* began."""
    opening.open_node()
    actor = _duty_officer()
    began = time.monotonic()
    for n in range(count):
        time.sleep(max(0.0, began + n / rate - time.monotonic()))
        at = clock.now()
        given = {**_SAME, "payment_reference": f"E2E-{n}", "value_time": time_text(at)}
        with unit_of_work():
            made = cooperation.draft(actor, "STOP_PAYMENT", to, "house", given, at)
        sent = time.time()
        with unit_of_work():
            cooperation.act(actor, made, "send_on_duty", Said(), clock.now())
        print(json.dumps({"id": made.hex, "at": sent}), flush=True)


def _duty_officer() -> Actor:
    """The one who sends, believed to have a second factor; added the first time."""
    with unit_of_work():
        if all(person.login != _LOGIN for person in members.people()):
            members.add_person(_LOGIN, ["duty"])
    return replace(members.actor(_LOGIN), second_factor=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
