"""The loops of a node, and where they run: in the web process, or in `hueandcry worker`."""

from __future__ import annotations

import os
from dataclasses import replace

from django.conf import settings

from hueandcry.apps.collections import jobs as collections
from hueandcry.apps.cooperation import jobs as cooperation
from hueandcry.apps.deconfliction import jobs as deconfliction
from hueandcry.apps.directory import jobs as directory
from hueandcry.apps.duty import jobs as duty
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence import jobs as evidence_jobs
from hueandcry.apps.exchange import jobs as exchange
from hueandcry.apps.peers import face as peers_face
from hueandcry.apps.peers import jobs as peers
from hueandcry.apps.reports import jobs as reports
from hueandcry.apps.signals import jobs as signals
from hueandcry.apps.sources import jobs as sources
from hueandcry.apps.webhooks import jobs as webhooks
from hueandcry.config.environment import APART
from hueandcry.doors.desk import arrivals, limits
from hueandcry.engine.backup import face as backups
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.jobs.bell import bell
from hueandcry.engine.jobs.loops import Loop, Worker
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger.loops import publishing
from hueandcry.engine.ledger.publisher import LogSigner
from hueandcry.engine.policy import face as policy
from hueandcry.engine.replies import face as replies
from hueandcry.engine.stamps import face as stamps


def log_signer() -> LogSigner:
    """Who signs our log's heads: the newest `log` key."""
    return peers_face.log_signer()


def declared() -> None:
    """With this module every room is loaded, and with it the settings that it reads."""
    read = {limits.CLIENT.name, backups.AGE_DAYS.name, evidence.EVIDENCE_DAYS.name}
    assert read <= policy.declared().keys()


def loops() -> tuple[Loop, ...]:
    """Every loop of a node. While a restored one asks its peers about its log, only that runs."""
    usual = (
        *peers.LOOPS,
        *directory.LOOPS,
        *exchange.LOOPS,
        arrivals.asking().loop(),
        *evidence_jobs.LOOPS,
        *signals.LOOPS,
        *reports.LOOPS,
        *cooperation.LOOPS,
        *deconfliction.LOOPS,
        *duty.LOOPS,
        *collections.LOOPS,
        *webhooks.LOOPS,
        *replies.LOOPS,
        *blobs.LOOPS,
        *sources.LOOPS,
        publishing(settings.DATA, log_signer),
        stamps.loop(peers_face.head_to_stamp),
    )
    return (*peers.RESUMING, *(_held(loop) for loop in usual))


def _held(loop: Loop) -> Loop:
    return replace(loop, body=lambda: not ledger.restoring() and loop.body())


def start_loops() -> Worker | None:
    """Starts the loops on threads of this process, unless they run apart."""
    if os.environ.get(APART):
        return None
    worker = Worker(loops(), bell)
    worker.start()
    return worker
