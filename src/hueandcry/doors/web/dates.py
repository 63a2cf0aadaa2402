"""Days as people write them, in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.utils.dates import MONTHS
from django.utils.translation import get_language

from hueandcry.core.times import read_time

_FORMS: Final = {
    "en": "{day} {month} {year}",
    "th": "{day} {month} พ.ศ. {era}",
    "vi": "ngày {day} tháng {number} năm {year}",
    "km": "ថ្ងៃទី {day} ខែ{month} ឆ្នាំ {year}",
    "lo": "{day} {month} {year}",
    "my": "{year} {month} {day}",
    "fil": "{month} {day}, {year}",
    "zh-hans": "{year}年{number}月{day}日",
}
#: Names of the months where Django has none.
_OWN_MONTHS: Final = {
    "lo": [
        "ມັງກອນ",
        "ກຸມພາ",
        "ມີນາ",
        "ເມສາ",
        "ພຶດສະພາ",
        "ມິຖຸນາ",
        "ກໍລະກົດ",
        "ສິງຫາ",
        "ກັນຍາ",
        "ຕຸລາ",
        "ພະຈິກ",
        "ທັນວາ",
    ],
    "my": [
        "ဇန်နဝါရီ",
        "ဖေဖော်ဝါရီ",
        "မတ်",
        "ဧပြီ",
        "မေ",
        "ဇွန်",
        "ဇူလိုင်",
        "ဩဂုတ်",
        "စက်တင်ဘာ",
        "အောက်တိုဘာ",
        "နိုဝင်ဘာ",
        "ဒီဇင်ဘာ",
    ],
    "fil": [
        "Enero",
        "Pebrero",
        "Marso",
        "Abril",
        "Mayo",
        "Hunyo",
        "Hulyo",
        "Agosto",
        "Setyembre",
        "Oktubre",
        "Nobyembre",
        "Disyembre",
    ],
}
#: Thai readers count years from 543 BCE.
_BUDDHIST_ERA: Final = 543


def day(text: str) -> str:
    """The day (UTC) of an instant in our own spelling."""
    moment = instant(text)
    language = get_language() or "en"
    own = _OWN_MONTHS.get(language)
    return _FORMS.get(language, _FORMS["en"]).format(
        day=moment.day,
        month=own[moment.month - 1] if own else MONTHS[moment.month],
        number=moment.month,
        year=moment.year,
        era=moment.year + _BUDDHIST_ERA,
    )


def instant(text: str) -> datetime:
    """An instant in our own spelling, as Python has it."""
    return datetime.fromtimestamp(read_time(text) / 1_000_000, UTC)
