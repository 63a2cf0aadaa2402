"""Detection: what a text looks like and why, by one protocol. Import only this.

It has no tables and knows no Django; what needs the database is handed to it by its caller.
"""

from __future__ import annotations

from hueandcry.apps.detection.adapting import LABELS, Adapted, Labelled, adapt
from hueandcry.apps.detection.adapting import MOST as MOST_ROWS
from hueandcry.apps.detection.adding import with_found_links
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
from hueandcry.apps.detection.mail_reading import MAX_BYTES as MAX_MAIL
from hueandcry.apps.detection.mail_reading import Mail, MailFile, read_mail
from hueandcry.apps.detection.mails import assess_mail, assess_read_mail
from hueandcry.apps.detection.messages import Known, assess_message, assess_messages
from hueandcry.apps.detection.pictures import assess_picture, picture_preview
from hueandcry.apps.detection.reasons import MEANINGS, Bearing, Meaning
from hueandcry.apps.detection.sheets import MAX_BYTES as MAX_PDF
from hueandcry.apps.detection.sheets import Sheets, pdf_pages
from hueandcry.apps.detection.shelf import keep, message_model, use_folder, watch_folder
from hueandcry.apps.detection.workshop import MAX_BYTES as MAX_PICTURE

__all__ = [
    "INDICATORS",
    "LABELS",
    "LANGUAGES",
    "MAX_MAIL",
    "MAX_PDF",
    "MAX_PICTURE",
    "MEANINGS",
    "MOST_ROWS",
    "UNDECIDED",
    "Adapted",
    "Assessment",
    "Assessor",
    "Bearing",
    "Finding",
    "Indicator",
    "Known",
    "Labelled",
    "Language",
    "Mail",
    "MailFile",
    "Meaning",
    "Reason",
    "Sheets",
    "Sort",
    "Span",
    "adapt",
    "assess_job",
    "assess_jobs",
    "assess_link",
    "assess_links",
    "assess_mail",
    "assess_message",
    "assess_messages",
    "assess_picture",
    "assess_read_mail",
    "keep",
    "language_of",
    "message_model",
    "pdf_pages",
    "picture_preview",
    "read_mail",
    "use_folder",
    "watch_folder",
    "with_found_links",
]
