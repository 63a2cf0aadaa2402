"""The bell that commits ring, and the threads that mostly wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from databases import child_environment
from hueandcry.engine.jobs.bell import Bell
from hueandcry.engine.jobs.loops import LONG_REST, Loop, Worker
from hueandcry.engine.jobs.vigil import Vigil
from hueandcry.engine.store.work import unit_of_work

PATIENCE = 10.0


def wait_until(told: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not told():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_ring_between_the_look_and_the_wait_is_not_missed() -> None:
    bell = Bell()
    seen = bell.count
    bell.ring()
    began = time.monotonic()
    assert bell.wait(seen, PATIENCE) == seen + 1
    assert time.monotonic() - began < PATIENCE / 2


def test_a_wait_ends_by_itself() -> None:
    bell = Bell()
    assert bell.wait(bell.count, 0.01) == bell.count


def test_everybody_who_waits_hears_one_ring() -> None:
    bell, heard = Bell(), list[int]()
    threads = [
        threading.Thread(target=lambda: heard.append(bell.wait(0, PATIENCE))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    bell.ring()
    for thread in threads:
        thread.join(PATIENCE)
    assert heard == [1] * 8


def test_closed_it_lets_everybody_go_now_and_later() -> None:
    bell = Bell()
    waiting = threading.Thread(target=bell.wait, args=(0, PATIENCE * 10))
    waiting.start()
    bell.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive() and bell.closed
    began = time.monotonic()
    bell.wait(bell.count, PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2


def test_a_commit_of_this_process_rings_it(database: None) -> None:
    bell = Bell()
    bell.open()
    try:
        before = bell.count
        with unit_of_work():
            pass
        wait_until(lambda: bell.count > before)
    finally:
        bell.close()


ENDED = """
import os, signal, sys, threading, time
import django
django.setup()
from hueandcry.engine.jobs.bell import bell, close_at_the_end
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append("handled"))
close_at_the_end()
print("ready", flush=True)
until = time.monotonic() + 20
while not (bell.closed and told) and time.monotonic() < until:
    time.sleep(0.01)
print(bell.closed, told, flush=True)
"""


def test_a_signal_closes_it_and_still_reaches_its_handler() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", ENDED], env=child_environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    os.kill(child.pid, signal.SIGTERM)
    assert child.communicate(timeout=30)[0] == "True ['handled']\n"


def test_a_key_that_waits_keeps_no_other_waiting() -> None:
    turns, release = Counter[int](), threading.Event()

    def body(key: int) -> float:
        turns[key] += 1
        if key == 1:
            release.wait(PATIENCE)
        return 0.001

    vigil = Vigil("test", body)
    vigil.keep([1, 2, 3])
    wait_until(lambda: turns[2] > 5 and turns[3] > 5)
    assert turns[1] == 1
    vigil.keep([])
    release.set()


def test_a_key_that_is_no_longer_kept_ends_and_begins_again_when_kept() -> None:
    turns = Counter[int]()

    def body(key: int) -> float:
        turns[key] += 1
        return 0.001

    vigil = Vigil("test", body)
    vigil.keep([7])
    vigil.keep([7])
    wait_until(lambda: turns[7] > 1)
    vigil.keep([])
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "vigil-test-7"])
    before = turns[7]
    vigil.keep([7])
    wait_until(lambda: turns[7] > before)
    vigil.keep([])


def test_a_turn_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    turns = Counter[int]()

    def body(key: int) -> float:
        turns[key] += 1
        if turns[key] == 1:
            raise RuntimeError("the first turn")
        return 0.001

    vigil = Vigil("test", body)
    vigil.keep([1])
    wait_until(lambda: turns[1] > 2)
    vigil.keep([])
    assert "the first turn" in caplog.text


def test_a_loop_that_rests_sees_what_was_committed_meanwhile_in_one_look() -> None:
    rows, seen = [0], [0, 0]  # what was committed; what was looked at last, and how often

    def body() -> bool:
        seen[:] = rows[0], seen[1] + 1
        return False

    worker = Worker([Loop("resting", body, every=60.0, rest=LONG_REST)], Bell())
    worker.start()
    wait_until(lambda: seen[1] > 0)
    for _ in range(200):
        rows[0] += 1
        worker.wake()
    wait_until(lambda: seen[0] == 200)
    worker.stop()
    assert seen[1] < 20
