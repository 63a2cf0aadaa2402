"""Signals: what every member claims about a value, and what this node answers. Import only this."""

from __future__ import annotations

from hueandcry.apps.signals.allow import allow_lists
from hueandcry.apps.signals.bulk import (
    CHUNK,
    IngestReport,
    Listing,
    Reject,
    Row,
    ingest,
    ingest_chunk,
)
from hueandcry.apps.signals.checking import check
from hueandcry.apps.signals.jobs import (
    rejudge_claimant,
    rejudge_on_changed_trust,
    rejudge_on_new_lists,
)
from hueandcry.apps.signals.lookup import Lookups
from hueandcry.apps.signals.outgoing import (
    Change,
    PendingRetraction,
    changes,
    claim_ids,
    claims_at,
    claims_of_batch,
    claims_of_source,
    ids_of_batch,
    label_of_claims,
    mark_batched,
    pending,
    pending_labels,
    pending_retractions,
    release_batch,
)
from hueandcry.apps.signals.queries import label, label_number
from hueandcry.apps.signals.receiving import (
    Received,
    ReceivedClaim,
    receive,
    receive_retraction,
)
from hueandcry.apps.signals.rules import Outcome, default_until
from hueandcry.apps.signals.service import (
    NewClaim,
    Raised,
    RetractedClaim,
    clear_override,
    raise_claims,
    rejudge,
    restamp,
    retract,
    set_override,
)

__all__ = [
    "CHUNK",
    "Change",
    "IngestReport",
    "Listing",
    "Lookups",
    "NewClaim",
    "Outcome",
    "PendingRetraction",
    "Raised",
    "Received",
    "ReceivedClaim",
    "Reject",
    "RetractedClaim",
    "Row",
    "allow_lists",
    "changes",
    "check",
    "claim_ids",
    "claims_at",
    "claims_of_batch",
    "claims_of_source",
    "clear_override",
    "default_until",
    "ids_of_batch",
    "ingest",
    "ingest_chunk",
    "label",
    "label_number",
    "label_of_claims",
    "mark_batched",
    "pending",
    "pending_labels",
    "pending_retractions",
    "raise_claims",
    "receive",
    "receive_retraction",
    "rejudge",
    "rejudge_claimant",
    "rejudge_on_changed_trust",
    "rejudge_on_new_lists",
    "release_batch",
    "restamp",
    "retract",
    "set_override",
]
