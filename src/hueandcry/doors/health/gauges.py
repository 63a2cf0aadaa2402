"""What Prometheus may know of this node, read afresh each time it asks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from django.conf import settings
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hueandcry.apps.peers import face as peers
from hueandcry.apps.reports import face as reports
from hueandcry.core.types import SECOND
from hueandcry.doors.desk import limits
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import turns
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store import feed


class Gauges(Collector):
    """Peers, feed, ledger, loops and disk as metric families."""

    def collect(self) -> Iterator[Metric]:
        yield from _peers()
        yield from _heads()
        yield from _loops()
        yield from _reports()
        yield _floods()
        free = GaugeMetricFamily("hueandcry_disk_free_bytes", "Free bytes where the node lives")
        free.add_metric((), shutil.disk_usage(settings.DATA).free)
        yield free

    def describe(self) -> Iterator[Metric]:
        return iter(())


def _peers() -> Iterator[Metric]:
    names = ("peer",)
    failures = GaugeMetricFamily(
        "hueandcry_peer_failures", "Failed tries since the last success", labels=names
    )
    silent = GaugeMetricFamily(
        "hueandcry_peer_silent_seconds", "Seconds since a peer was last heard of", labels=names
    )
    force = GaugeMetricFamily(
        "hueandcry_peer_in_force", "1 while an agreement is in force", labels=names
    )
    waiting = GaugeMetricFamily(
        "hueandcry_peer_documents_waiting", "Documents that wait for their receipt", labels=names
    )
    now, queued = clock.now(), peers.waiting_documents()
    for peer in peers.peers():
        name = (peer.fingerprint[:16],)
        failures.add_metric(name, peer.failures)
        force.add_metric(name, peer.state == "in_force")
        waiting.add_metric(name, queued.get(peer.id, 0))
        if peer.last_seen is not None:
            silent.add_metric(name, max(0, now - peer.last_seen) / SECOND)
    yield from (failures, silent, force, waiting)


def _heads() -> Iterator[Metric]:
    position = CounterMetricFamily("hueandcry_feed_position", "Position of the change feed")
    position.add_metric((), feed.position(feed.FEED))
    entries = CounterMetricFamily("hueandcry_ledger_entries", "Entries of the ledger")
    entries.add_metric((), ledger.head())
    signed = GaugeMetricFamily("hueandcry_ledger_signed_entries", "Entries under a signed head")
    signed.add_metric((), ledger.signed_size())
    yield from (position, entries, signed)


def _reports() -> Iterator[Metric]:
    found = reports.standing(clock.now())
    waiting = GaugeMetricFamily(
        "hueandcry_reports_waiting", "Reports that nobody decided about", labels=("desk",)
    )
    for desk, count in found.waiting.items():
        waiting.add_metric((desk,), count)
    unread = GaugeMetricFamily("hueandcry_reports_unread", "Reports that no loop has read yet")
    unread.add_metric((), found.unread)
    stopping = GaugeMetricFamily("hueandcry_reports_stopping", "Open stop-payment reports")
    stopping.add_metric((), found.stopping)
    overdue = GaugeMetricFamily("hueandcry_reports_overdue", "Reports that wait too long")
    overdue.add_metric((), found.overdue)
    calls = GaugeMetricFamily("hueandcry_calls_due", "Call backs that are due")
    calls.add_metric((), found.calls)
    taken_back = GaugeMetricFamily(
        "hueandcry_reports_taken_back", "Reports taken back whose claims nobody decided about"
    )
    taken_back.add_metric((), found.taken_back)
    yield from (waiting, unread, stopping, overdue, calls, taken_back)


def _floods() -> Metric:
    refused = CounterMetricFamily(
        "hueandcry_rate_refusals", "Calls refused because they came too often", labels=("limit",)
    )
    for limit, count in limits.counts().items():
        refused.add_metric((limit,), count)
    return refused


def _loops() -> Iterator[Metric]:
    names = ("loop",)
    runs = CounterMetricFamily("hueandcry_loop_turns", "Turns of a loop", labels=names)
    failing = GaugeMetricFamily(
        "hueandcry_loop_failures", "Failures of a loop since its last success", labels=names
    )
    for name, (count, failures) in turns().items():
        runs.add_metric((name,), count)
        failing.add_metric((name,), failures)
    yield from (runs, failing)
