"""Chat exports: every message is read where it stands, and a date only where it can be told."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import chats
from hueandcry.core.chats import Style
from hueandcry.core.errors import Malformed

ANDROID = """\
25/12/2025, 21:05 - Messages and calls are end-to-end encrypted. No one outside can read them.
25/12/2025, 21:05 - Mr Chan (Invest): good evening
this is the plan:

1. deposit
25/12/2025, 21:06 - +66 81 234 5678: IMG-20251225-WA0001.jpg (file attached)
26/12/2025, 09:00 - Mr Chan (Invest): https://pay.example/x: now
"""

IOS = """\
\u200e[25/12/2568 21:05:07] ~ ครูมานะ: สวัสดี\r
[25/12/2568 21:05:09] Me: \u200e<attached: 00000012-PHOTO-2025-12-25-21-05-09.jpg>\r
"""

LINE = '''\
[LINE] Chat history with ครูมานะ
Saved on: 2026/01/02 10:00

2025/12/25(Thu)
21:05\tMana\t"first
second ""line"""
21:06\tMe\thow much?

2025/12/26(Fri)
09:00\tMana unsent a message.
'''

TELEGRAM = {
    "name": "Mr Chan",
    "type": "personal_chat",
    "id": 77,
    "messages": [
        {"id": 1, "type": "service", "date": "2025-12-25T21:00:00", "actor": "Mr Chan",
         "action": "create_group", "text": ""},
        {"id": 5, "type": "message", "date": "2025-12-25T21:05:07", "from": "Mr Chan",
         "from_id": "user1", "text": ["see ", {"type": "link", "text": "t.me/x"}, " now"]},
        {"id": 9, "type": "message", "date": "2025-12-25T21:06:00", "from": "Me",
         "text": "", "photo": "photos/photo_1.jpg"},
    ],
}  # fmt: skip


def test_an_export_of_whatsapp_is_read_with_the_line_of_each_message() -> None:
    chat = chats.read(ANDROID.encode())
    assert chat.style is Style.WHATSAPP and chat.unit == "line"
    system, first, picture, last = chat.messages
    assert system.sender is None and system.text.startswith("Messages and calls")
    assert (first.place, first.sender) == (2, "Mr Chan (Invest)")
    assert first.text == "good evening\nthis is the plan:\n\n1. deposit"
    assert (picture.place, picture.sender) == (6, "+66 81 234 5678")
    assert picture.file == "IMG-20251225-WA0001.jpg"
    assert last.text == "https://pay.example/x: now"
    assert (first.stamp, first.at) == ("25/12/2025, 21:05", "2025-12-25T21:05")


def test_a_thai_telephone_writes_years_of_the_buddhist_era() -> None:
    greeting, picture = chats.read(IOS.encode()).messages
    assert (greeting.sender, greeting.text) == ("ครูมานะ", "สวัสดี")
    assert (greeting.stamp, greeting.at) == ("25/12/2568 21:05:07", "2025-12-25T21:05:07")
    assert picture.file == "00000012-PHOTO-2025-12-25-21-05-09.jpg"


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("12/25/25, 9:05 PM - A: x", "2025-12-25T21:05"),
        ("12/25/25, 12:05\u202fAM - A: x", "2025-12-25T00:05"),
        ("28/3/2025, 9:29 p. m. - A: x", "2025-03-28T21:29"),
        ("2021-03-18, 3:02 p.m. - A: x", "2021-03-18T15:02"),
        ("[16.07.21, 15:03:00] A: x", "2021-07-16T15:03:00"),
        ("5/5/25, 12:00 - A: x", "2025-05-05T12:00"),  # either way the same day
        ("3/4/25, 12:00 - A: x", None),
        ("31/31/25, 12:00 - A: x", None),
    ],
)
def test_a_date_is_read_only_where_one_order_is_possible(line: str, at: str | None) -> None:
    (message,) = chats.read(line.encode()).messages
    assert (message.at, message.text) == (at, "x")
    assert line.lstrip("[").startswith(message.stamp)


def test_of_two_orders_one_goes_back_in_time() -> None:
    said = "2/3/25, 10:00 - A: x\n3/2/25, 10:00 - A: y\n"  # as days first it would go back
    assert [m.at for m in chats.read(said.encode()).messages] == [
        "2025-02-03T10:00",
        "2025-03-02T10:00",
    ]


def test_an_export_of_line_is_read_day_by_day() -> None:
    chat = chats.read(LINE.encode())
    assert (chat.style, chat.title) == (Style.LINE, "Chat history with ครูมานะ")
    first, second, unsent = chat.messages
    assert (first.place, first.sender, first.text) == (5, "Mana", 'first\nsecond "line"')
    assert (second.place, second.at, second.text) == (7, "2025-12-25T21:06", "how much?")
    assert (unsent.sender, unsent.text) == (None, "Mana unsent a message.")
    assert unsent.stamp == "2025/12/26 09:00"


def test_line_on_a_computer_writes_no_tabs_and_half_days_before_the_hour() -> None:
    text = "[LINE] Mana\n\n2025.12.25 Thursday\n21:05 Mana Rak hello\n下午09:06\tMe\tyes"
    spaced, half = chats.read(text.encode()).messages
    assert (spaced.sender, spaced.text) == (None, "Mana Rak hello")
    assert (half.sender, half.at) == ("Me", "2025-12-25T21:06")


def test_an_export_of_telegram_is_cited_by_its_own_numbers() -> None:
    chat = chats.read(json.dumps(TELEGRAM).encode())
    assert (chat.style, chat.title, chat.unit) == (Style.TELEGRAM, "Mr Chan", "message")
    service, words, photo = chat.messages
    assert (service.sender, service.text) == (None, "Mr Chan create_group")
    assert (words.place, words.sender, words.text) == (5, "Mr Chan", "see t.me/x now")
    assert photo.file == "photos/photo_1.jpg"


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "."), data)
    return out.getvalue()


def test_whatsapp_wraps_text_and_media_in_one_archive() -> None:
    chat = chats.read(archive(_chat__txt=IOS.encode(), photo__jpg=b"\xff\xd8"))
    assert chat.member == "_chat.txt" and len(chat.messages) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"good morning\n",
        b"\xff\xfe\x00",
        b"[LINE] Chat history with A\nSaved on: 2025/12/25 10:00\n",
        b'{"messages": [{"id": "x"}]}',
        b'{"chats": {"list": []}}',
        b"[" * 100_000,
        b'{"messages":' + b"[" * 100_000,
        b"PK\x03\x04 no archive",
        archive(a__txt=b"", b__txt=b""),
        archive(a__txt=archive(b__txt=b"")),
        archive(photo__jpg=b""),
    ],
)
def test_what_is_no_chat_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(Malformed, match="no chat that can be read") as refused:
        chats.read(data)
    assert refused.value.do


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)
FORMS = st.sampled_from(["%d/%m/%Y, %H:%M - ", "%m/%d/%y, %I:%M %p - ", "[%Y-%m-%d, %H:%M:%S] "])
STEPS = st.lists(st.tuples(NAMES, WORDS, st.integers(0, 40 * 24 * 60)), min_size=1, max_size=8)


@given(STEPS, FORMS)
def test_whatever_was_said_is_read_again_line_by_line(
    said: list[tuple[str, str, int]], form: str
) -> None:
    moment, lines, moments = datetime(2025, 1, 1, 8), [], []
    for name, words, minutes in said:
        moment += timedelta(minutes=minutes)
        moments.append(moment.isoformat(timespec="seconds" if "%S" in form else "minutes"))
        lines.append(f"{moment.strftime(form)}{name}: {words}")
    found = chats.read("\n".join(lines).encode()).messages
    assert [m.place for m in found] == list(range(1, len(said) + 1))
    assert [(m.sender, m.text) for m in found] == [(name, words) for name, words, _ in said]
    assert all(m.at in (None, at) for m, at in zip(found, moments, strict=True))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for each in (data, b"[LINE] A\n2025/12/25\n10:00\tA\t" + data, b"1/1/25, 10:00 - A: " + data):
        try:
            chat = chats.read(each)
        except Malformed:
            continue
        places = [message.place for message in chat.messages]
        assert places == sorted(set(places))
