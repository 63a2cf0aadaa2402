"""Work for many keys at once: no wake-up is lost, no key runs twice at once, errors end nothing."""

from __future__ import annotations

import threading

from hueandcry.engine.jobs.fanout import Fanout


def test_a_key_named_while_it_runs_is_run_once_more() -> None:
    first, go, again = threading.Event(), threading.Event(), threading.Event()

    def body(key: int) -> bool:
        if first.is_set():
            again.set()
        first.set()
        go.wait(5)
        return False

    fanout = Fanout("test", body)
    fanout.turn([1])
    assert first.wait(5)
    fanout.turn([1])
    go.set()
    assert again.wait(5)


def test_a_key_named_while_it_fails_is_run_once_more() -> None:
    first, go, again = threading.Event(), threading.Event(), threading.Event()

    def body(key: int) -> bool:
        if first.is_set():
            again.set()
            return False
        first.set()
        go.wait(5)
        raise RuntimeError("as a broken connection would")

    fanout = Fanout("test", body)
    fanout.turn([1])
    assert first.wait(5)
    fanout.turn([1])
    go.set()
    assert again.wait(5)


def test_no_key_ever_runs_twice_at_once() -> None:
    lock = threading.Lock()
    running: set[int] = set()
    met, done = [], threading.Semaphore(0)

    def body(key: int) -> bool:
        with lock:
            if key in running:
                met.append(key)
            running.add(key)
        done.release()
        with lock:
            running.discard(key)
        return False

    fanout = Fanout("test", body)
    for _ in range(5_000):
        fanout.turn([1, 2, 3])
    assert done.acquire(timeout=5)
    assert not met


def test_a_slow_key_delays_no_other() -> None:
    slow, other = threading.Event(), threading.Event()

    def body(key: int) -> bool:
        if key == 1:
            slow.wait(5)
        else:
            other.set()
        return False

    fanout = Fanout("test", body)
    fanout.turn([1, 2])
    assert other.wait(5)
    slow.set()
