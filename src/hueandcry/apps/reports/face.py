"""Reports: what people say happened to them, from the first word to the claim. Import only this."""

from __future__ import annotations

from hueandcry.apps.reports.browsing import (
    Filters,
    brought_by,
    number_of,
    open_report,
    opened,
    opened_for,
    queue,
    reporter,
)
from hueandcry.apps.reports.bulk import Account, note_delivery, take_cases
from hueandcry.apps.reports.calls import (
    CallView,
    call_backs,
    called_back,
    known_caller,
    promise_call,
    take_call,
)
from hueandcry.apps.reports.cases import COLUMNS as CASE_COLUMNS
from hueandcry.apps.reports.cases import FORMS as CASE_FORMS
from hueandcry.apps.reports.cases import Wrong
from hueandcry.apps.reports.cases import read as read_cases
from hueandcry.apps.reports.claiming import Made
from hueandcry.apps.reports.files import MAX_READ, forget_files, from_mail
from hueandcry.apps.reports.files import read_next as read_next_file
from hueandcry.apps.reports.forms import new_form
from hueandcry.apps.reports.intake import check, submit
from hueandcry.apps.reports.purging import end_hold, erase_again, hold
from hueandcry.apps.reports.reading import read_some
from hueandcry.apps.reports.releasing import (
    ReleaseView,
    end_release,
    public_check,
    release,
    released,
)
from hueandcry.apps.reports.returning import add, by_code, set_consents, withdraw
from hueandcry.apps.reports.rules import (
    MAX_FILES,
    MAX_STORY,
    RAILS,
    Consent,
    Desk,
    Doing,
    Flag,
    Origin,
    Role,
    Source,
    Stage,
    State,
)
from hueandcry.apps.reports.signs import flags
from hueandcry.apps.reports.standing import Standing, standing
from hueandcry.apps.reports.stories import (
    ActView,
    ConsentView,
    FileView,
    GivenFile,
    GivenLoss,
    GivenReporter,
    GivenValue,
    Line,
    LossView,
    MessageView,
    NewReport,
    Opened,
    QueuePage,
    ReporterView,
    Submitted,
    Told,
    ValueView,
)
from hueandcry.apps.reports.triage import (
    REASONS,
    Adjustment,
    Confirmed,
    adjust,
    ask,
    confirm,
    merge,
    reject,
    undo,
)
from hueandcry.apps.reports.trusting import HitView, hits

__all__ = [
    "CASE_COLUMNS",
    "CASE_FORMS",
    "MAX_FILES",
    "MAX_READ",
    "MAX_STORY",
    "RAILS",
    "REASONS",
    "Account",
    "ActView",
    "Adjustment",
    "CallView",
    "Confirmed",
    "Consent",
    "ConsentView",
    "Desk",
    "Doing",
    "FileView",
    "Filters",
    "Flag",
    "GivenFile",
    "GivenLoss",
    "GivenReporter",
    "GivenValue",
    "HitView",
    "Line",
    "LossView",
    "Made",
    "MessageView",
    "NewReport",
    "Opened",
    "Origin",
    "QueuePage",
    "ReleaseView",
    "ReporterView",
    "Role",
    "Source",
    "Stage",
    "Standing",
    "State",
    "Submitted",
    "Told",
    "ValueView",
    "Wrong",
    "add",
    "adjust",
    "ask",
    "brought_by",
    "by_code",
    "call_backs",
    "called_back",
    "check",
    "confirm",
    "end_hold",
    "end_release",
    "erase_again",
    "flags",
    "forget_files",
    "from_mail",
    "hits",
    "hold",
    "known_caller",
    "merge",
    "new_form",
    "note_delivery",
    "number_of",
    "open_report",
    "opened",
    "opened_for",
    "promise_call",
    "public_check",
    "queue",
    "read_cases",
    "read_next_file",
    "read_some",
    "reject",
    "release",
    "released",
    "reporter",
    "set_consents",
    "standing",
    "submit",
    "take_call",
    "take_cases",
    "undo",
    "withdraw",
]
