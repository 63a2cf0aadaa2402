"""Every query on subscriptions and deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, F, Q

from hueandcry.apps.webhooks.models import Delivery, Subscription, Told
from hueandcry.apps.webhooks.rules import Notice
from hueandcry.core.types import Micros
from hueandcry.engine.store.dialect import dialect

WAITING = Delivery.State.WAITING


def held(token: int | None) -> list[Subscription]:
    """The subscriptions of a token, or (None) all, without those removed."""
    rows = Subscription.objects.exclude(state=Subscription.State.REMOVED).order_by("id")
    return list(rows if token is None else rows.filter(token=token))


def subscription(number: int, token: int | None) -> Subscription | None:
    """One subscription, with `token` only if it is that token's."""
    rows = Subscription.objects.exclude(state=Subscription.State.REMOVED).filter(pk=number)
    return (rows if token is None else rows.filter(token=token)).first()


def behind(position: int) -> list[Subscription]:
    """Active ones that have not been told all up to a feed position."""
    rows = Subscription.objects.filter(state=Subscription.State.ACTIVE, position__lt=position)
    return list(rows.select_related("token").order_by("id"))


def move(row: Subscription, position: int) -> int:
    """Says how far a subscription was told, once; gives rows changed."""
    rows = Subscription.objects.filter(pk=row.pk, state=row.state, position=row.position)
    return rows.update(position=position)


def add(
    row: Subscription, notices: Sequence[Notice], ids: Iterable[str], at: Micros, purge: Micros
) -> None:
    """Puts notices on their way."""
    Delivery.objects.bulk_create(
        Delivery(
            subscription=row,
            message=message,
            type=notice.type,
            payload=notice.body,
            created_at=at,
            due_at=at,
            purge_after=purge,
        )
        for notice, message in zip(notices, ids, strict=True)
    )


def told(row: Subscription, keys: Sequence[bytes]) -> dict[bytes, str]:
    """Key → the verdict that the receiver was told last."""
    rows = Told.objects.filter(subscription=row, key__in=keys)
    return {bytes(key): verdict for key, verdict in rows.values_list("key", "verdict")}


def tell(row: Subscription, verdicts: dict[bytes, str], at: Micros) -> None:
    """Keeps what was told now; unknown is what no row says."""
    gone = [key for key, verdict in verdicts.items() if verdict == "unknown"]
    Told.objects.filter(subscription=row, key__in=gone).delete()
    held = [(row.pk, key, v, at) for key, v in verdicts.items() if v != "unknown"]
    if held:
        dialect().insert(
            Told,
            ("subscription_id", "key", "verdict", "at"),
            held,
            "ON CONFLICT (subscription_id, key) DO UPDATE SET "
            "verdict = excluded.verdict, at = excluded.at",
        )


def forget_told(row: Subscription) -> None:
    """Forgets what a receiver was told: it will be told nothing more."""
    Told.objects.filter(subscription=row).delete()


# --- deliveries ----------------------------------------------------------------------------------


def due(at: Micros) -> list[int]:
    """The active subscriptions that something waits for, and that may be tried now."""
    rows = Delivery.objects.filter(
        state=WAITING,
        due_at__lte=at,
        subscription__state=Subscription.State.ACTIVE,
        subscription__retry_at__lte=at,
    )
    return list(rows.values_list("subscription_id", flat=True).distinct().order_by())


def next_due(subscription: int, at: Micros) -> Delivery | None:
    """The oldest delivery that may be tried now."""
    rows = Delivery.objects.filter(subscription=subscription, state=WAITING, due_at__lte=at)
    return rows.order_by("id").first()


def take(row: Delivery, at: Micros, until: Micros) -> int:
    """Takes a delivery in hand until an instant; 0 when somebody else has it."""
    rows = Delivery.objects.filter(pk=row.pk, state=WAITING, due_at__lte=at, attempts=row.attempts)
    return rows.update(due_at=until, attempts=F("attempts") + 1)


def settle(
    row: Delivery, state: str, at: Micros, *, status: int | None, outcome: str, due_at: Micros
) -> int:
    """Says how a try ended; a delivery that waits on is due at `due_at`."""
    rows = Delivery.objects.filter(pk=row.pk, state=WAITING)
    done = None if state == WAITING else at
    return rows.update(
        state=state, done_at=done, status=status, outcome=outcome[:300], due_at=due_at
    )


def succeeded(subscription: int) -> int:
    """Ends a row of failures."""
    rows = Subscription.objects.filter(Q(failures__gt=0) | Q(retry_at__gt=0), pk=subscription)
    return rows.update(failures=0, retry_at=0)


def failed(row: Subscription, retry_at: Micros) -> int:
    """Counts a failure and puts the next try off."""
    rows = Subscription.objects.filter(pk=row.pk)
    return rows.update(failures=F("failures") + 1, retry_at=retry_at)


def pause(number: int, notice: str) -> int:
    """Pauses an active subscription, saying why."""
    rows = Subscription.objects.filter(pk=number, state=Subscription.State.ACTIVE)
    return rows.update(state=Subscription.State.PAUSED, notice=notice[:300])


def deliveries(subscription: int, before: int | None, limit: int) -> list[Delivery]:
    """Deliveries of a subscription, newest first, below a number."""
    rows = Delivery.objects.filter(subscription=subscription).order_by("-id").defer("payload")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def waiting_counts(numbers: Iterable[int]) -> dict[int, int]:
    """Subscription → deliveries that wait."""
    rows = Delivery.objects.filter(subscription_id__in=list(numbers), state=WAITING)
    return dict(rows.values_list("subscription_id").annotate(Count("id")).order_by())


def has_old(at: Micros) -> bool:
    """Whether there is anything to purge."""
    return Delivery.objects.filter(purge_after__lte=at).exists()


def purge(at: Micros, limit: int) -> int:
    """Deletes deliveries past their time, those that still wait too; gives how many."""
    old = list(Delivery.objects.filter(purge_after__lte=at).values_list("pk", flat=True)[:limit])
    if old:
        Delivery.objects.filter(pk__in=old).delete()
    return len(old)
