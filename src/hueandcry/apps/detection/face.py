"""Detection: what a text looks like and why, by one protocol. Import only this.

It has no tables and knows no Django; what needs the database is handed to it by its caller.
"""

from __future__ import annotations

from hueandcry.apps.detection.assessment import (
    Assessment,
    Assessor,
    Finding,
    Indicator,
    Reason,
    Sort,
    Span,
)
from hueandcry.apps.detection.indicators import INDICATORS
from hueandcry.apps.detection.jobs import assess_job, assess_jobs
from hueandcry.apps.detection.language import LANGUAGES, UNDECIDED, Language, language_of
from hueandcry.apps.detection.links import assess_link, assess_links
from hueandcry.apps.detection.mail_reading import Mail, MailFile, read_mail
from hueandcry.apps.detection.mails import assess_mail, assess_read_mail
from hueandcry.apps.detection.messages import Known, assess_message, assess_messages
from hueandcry.apps.detection.pictures import assess_picture, picture_preview
from hueandcry.apps.detection.reasons import MEANINGS, Bearing, Meaning
from hueandcry.apps.detection.shelf import use_folder

__all__ = [
    "INDICATORS",
    "LANGUAGES",
    "MEANINGS",
    "UNDECIDED",
    "Assessment",
    "Assessor",
    "Bearing",
    "Finding",
    "Indicator",
    "Known",
    "Language",
    "Mail",
    "MailFile",
    "Meaning",
    "Reason",
    "Sort",
    "Span",
    "assess_job",
    "assess_jobs",
    "assess_link",
    "assess_links",
    "assess_mail",
    "assess_message",
    "assess_messages",
    "assess_picture",
    "assess_read_mail",
    "language_of",
    "picture_preview",
    "read_mail",
    "use_folder",
]
