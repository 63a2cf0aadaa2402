"""What of reports is policy: how long they are kept, what reporters are told, who is trusted."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting

REPORT_DAYS: Final = policy.declare(
    Setting(
        "reports.days",
        int,
        365,
        "days after which what a report says is purged, with its files and what was found in it",
        low=1,
        high=3_650,
    )
)
REPORTER_DAYS: Final = policy.declare(
    Setting(
        "reports.reporter_days",
        int,
        180,
        "days after which it is purged who reported",
        low=1,
        high=3_650,
    )
)
DELAY_HOURS: Final = policy.declare(
    Setting(
        "reports.delay_hours",
        int,
        24,
        "hours by which a reporter is told late, and then on a day's beginning",
        low=24,
        high=720,
    )
)
TRUSTED: Final = policy.declare(
    Setting(
        "reports.trusted_intakes",
        tuple,
        (),
        "intakes whose domains and links a rule may confirm: `hotline`, `bank`, `token:12`",
    )
)
TRUSTED_LIKELIHOOD: Final = policy.declare(
    Setting(
        "reports.trusted_likelihood",
        int,
        95,
        "likelihood in per cent from which that rule confirms",
        low=50,
        high=100,
    )
)
RELEASE_DAYS: Final = policy.declare(
    Setting(
        "reports.release_days",
        int,
        30,
        "days for which the public is told about a released number, account, address or name",
        low=1,
        high=365,
    )
)
ANSWER_DAYS: Final = policy.declare(
    Setting(
        "reports.answer_days",
        int,
        7,
        "days after which a question that nobody answered puts its report back into the queue",
        low=1,
        high=90,
    )
)
OVERDUE_HOURS: Final = policy.declare(
    Setting(
        "reports.overdue_hours",
        int,
        24,
        "hours after which a report that nobody decided is overdue",
        low=1,
        high=720,
    )
)
