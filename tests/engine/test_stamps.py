"""Time-stamps are wanted, asked for, checked and kept, however an authority behaves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from django.conf import settings

from hueandcry.core.timestamps import request
from hueandcry.core.types import DAY, SECOND
from hueandcry.engine import clock
from hueandcry.engine.stamps import face as stamps
from hueandcry.engine.stamps.models import Stamp
from hueandcry.engine.store.work import unit_of_work
from stamping_authority import Authority, Served

NOW = 1_790_000_000_000_000
NOTE = b"bank.example/log/0\n5\nNotARealRoot=\n\n"
DIGEST = hashlib.sha256(NOTE).digest()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"), key="ec", chain=True)


class Scene:
    """Time that we set, and the authorities that the environment names."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self._patch = NOW, monkeypatch
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(stamps, "TIMEOUT", 1.0)

    def named(self, *urls: str) -> None:
        self._patch.setattr(settings, "AUTHORITIES", urls)
        stamps._egress.cache_clear()

    def wanted(self) -> None:
        with unit_of_work():
            stamps.stamp(DIGEST, "package", "one package", self.now)

    def tried(self) -> None:
        """Every due row is asked for once."""
        while stamps.ask_due():
            continue


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    yield Scene(monkeypatch)
    stamps._egress.cache_clear()


@pytest.fixture
def served(authority: Authority) -> Iterator[Served]:
    running = Served(authority)
    yield running
    running.close()


def test_a_digest_is_stamped_once_and_openssl_agrees(
    scene: Scene, served: Served, authority: Authority
) -> None:
    scene.named(served.url)
    scene.wanted()
    scene.wanted()
    scene.tried()
    (stamp,) = stamps.held(DIGEST)
    assert stamp.reply is not None and authority.agrees(stamp.reply, DIGEST)
    assert stamp.chain.count(b"BEGIN CERTIFICATE") == 2 and len(stamp.authority) == 64
    assert stamps.wanted() == [] and served.asked == 1
    row = Stamp.objects.get()
    assert row.request and row.reply == stamp.reply


def test_several_authorities_are_asked_and_one_that_is_down_delays_no_other(
    scene: Scene, served: Served
) -> None:
    scene.named("http://127.0.0.1:9/tsa", served.url)
    scene.wanted()
    scene.tried()
    assert [each.url for each in stamps.held(DIGEST)] == [served.url]
    (missing,) = stamps.wanted()
    assert missing.failures == 1 and "reached" in missing.said


@pytest.mark.parametrize("mood", ["broken", "slow", "other", "nonsense", "long", "cut"])
def test_an_authority_that_lies_or_fails_is_tried_again_and_believed_once_it_is_well(
    scene: Scene, served: Served, mood: str
) -> None:
    scene.named(served.url)
    served.before = served.authority.answer(request(DIGEST, 7))
    served.mood = mood
    scene.wanted()
    for failures in (1, 2, 3):
        scene.tried()
        (row,) = stamps.wanted()
        assert row.failures == failures and row.said
        scene.tried()
        assert stamps.wanted()[0].failures == failures, "not before its time"
        scene.now += 2**failures * SECOND
    assert stamps.held(DIGEST) == []
    served.mood = "well"
    scene.tried()
    assert len(stamps.held(DIGEST)) == 1


def test_the_pause_grows_to_an_hour_and_people_are_told(scene: Scene) -> None:
    scene.named("http://127.0.0.1:9/tsa")
    scene.wanted()
    for _ in range(20):
        scene.tried()
        (row,) = Stamp.objects.all()
        assert row.due_at - scene.now <= 3_600 * SECOND
        scene.now = row.due_at
    assert row.due_at and [each.failures for each in stamps.overdue(scene.now)] == [20]


def test_our_head_is_stamped_daily_with_the_bytes_that_were_stamped(
    scene: Scene, served: Served
) -> None:
    scene.named(served.url)
    later = NOTE.replace(b"5", b"9")
    assert stamps.stamp_head("bank.example/log/0 5", NOTE, scene.now)
    assert not stamps.stamp_head("bank.example/log/0 9", later, scene.now + DAY - 1)
    assert stamps.stamp_head("bank.example/log/0 9", later, scene.now + DAY)
    scene.tried()
    newest = stamps.newest_head()
    assert newest is not None and newest.content == later
    assert hashlib.sha256(later).digest() == newest.digest


def test_without_an_authority_nothing_is_wanted(scene: Scene) -> None:
    scene.named()
    scene.wanted()
    assert not stamps.stamp_head("bank.example/log/0 5", NOTE, scene.now)
    assert not Stamp.objects.exists() and not stamps.ask_due()


def test_what_an_authority_that_is_named_no_more_owes_is_not_asked_for(
    scene: Scene, served: Served
) -> None:
    scene.named(served.url)
    scene.wanted()
    scene.named("http://127.0.0.1:9/tsa")
    scene.tried()
    assert served.asked == 0 and stamps.wanted() == []
