"""Messages looked at: one alone as a person waits for it, and many in a batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Figure
from hueandcry.apps.detection import face as detection

#: One message in fifty is a scam, as on a busy day; the rest is chat, codes, notices and adverts.
_SCAM = "URGENT: your account is suspended. Verify at http://bank-login.top within 24 hours"
_OTHERS = (
    "Running late, traffic is terrible. Start dinner without me",
    "Your OTP is 482913. Never share this code with anyone.",
    "พรุ่งนี้เจอกันกี่โมงดี เดี๋ยวไปรับที่บ้านนะ",
    "Chiều nay mẹ đón bé nhé, con phải họp muộn",
    "Nanti sore jadi kumpul di rumah Budi kan?",
    "晚上一起吃饭吗？我下班先去接孩子",
    "Your parcel is on its way and will arrive today between 2 and 4 pm",
    "ok see you at 7",
    "Payday sale: 20% off everything this weekend at https://shop.example/sale",
    "Anong oras ka uuwi mamaya? Nagluto si nanay ng sinigang",
)


def figures(_: Path, messages: int = 20_000, alone: int = 2_000) -> Iterator[Figure]:
    """Loading, one message alone (wall), and a batch (CPU-seconds of this process)."""
    began = time.perf_counter()
    detection.assess_message(_SCAM)
    yield Figure("scan: first message, with loading", time.perf_counter() - began, "s", 1)
    texts = [_text(n) for n in range(messages)]
    times = sorted(_seconds(text) for text in texts[:alone])
    yield Figure(
        "scan: one message alone, p99",
        1_000 * times[int(0.99 * len(times))],
        "ms",
        alone,
        target=2,
        least=False,
        note=f"median {1_000 * times[len(times) // 2]:.2f} ms",
    )
    cpu = time.process_time()
    found = sum(1 for _ in detection.assess_messages(texts))
    rate = found / (time.process_time() - cpu)
    yield Figure("scan: in a batch", rate, "messages/CPU-s", found, target=5_000)


def _text(n: int) -> str:
    return f"{_SCAM} {n}" if n % 50 == 0 else f"{_OTHERS[n % len(_OTHERS)]} {n}"


def _seconds(text: str) -> float:
    began = time.perf_counter()
    detection.assess_message(text)
    return time.perf_counter() - began
