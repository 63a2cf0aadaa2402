"""Job adverts: the sixteen indicators, each shown, and a screen that points to protection."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.detection.face import INDICATORS, Assessment, Finding, assess_job, assess_jobs
from hueandcry.apps.detection.indicators import indicators, is_positive
from hueandcry.apps.detection.job_words import codes, high_pay, places, plain
from hueandcry.core.extract import extract
from hueandcry.core.types import Kind, Signal

CAPTIVITY = (
    "Urgent hiring! Customer service in Poipet, salary USD 2,000, no experience needed. Free flight"
    " and accommodation, tourist visa, 12 hours a day. If immigration asks say you are a tourist."
    " Send passport photo by Telegram @hr_4471"
)
HONEST = (
    "Northgate Logistics Co., Ltd in Bangkok is looking for an accountant. Two years of experience"
    " required. Salary THB 16,000 per month, social security, annual leave. Send your CV to our HR."
)

#: One advert of captivity in each other language, and indicators that it must show.
SPOKEN = {
    "th": ("รับสมัครด่วน แอดมินตอบแชท ปอยเปต ไม่ต้องใช้วุฒิ ฟรีที่พัก ส่งรูปพาสปอร์ตทางไลน์", "odd_workplace"),
    "vi": (
        "Tuyển gấp nhân viên trực page đi Campuchia, lương cao, không cần bằng cấp, bao ăn ở",
        "free_travel",
    ),
    "id": (
        "Loker Kamboja gaji besar tanpa pengalaman, kontrak, keluar sebelum kontrak kena denda",
        "debt_clause",
    ),
    "ms": (
        "Kerja di Kemboja, masuk sebagai pelancong, beritahu imigresen anda bercuti",
        "evades_borders",
    ),
    "fil": (
        "Hiring sa Cambodia, sabihin sa immigration na turista ka, bawal lumabas",
        "evades_borders",
    ),
    "km": ("ជ្រើសរើសបន្ទាន់ នៅប៉ោយប៉ែត មិនត្រូវការបទពិសោធន៍ ធ្វើការ 12 ម៉ោង", "confined"),
    "lo": ("ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ ບໍ່ຕ້ອງການປະສົບການ ທີ່ພັກຟຣີ", "no_qualifications"),
    "my": ("အမြန်ခေါ်သည် မြဝတီ လစာကောင်း အတွေ့အကြုံမလို", "odd_workplace"),
    "zh": ("急招西港客服，高薪，包吃住包机票，护照由公司保管，不准外出", "confined"),
}


def met(one: Assessment) -> set[str]:
    return {indicator.code for indicator in one.indicators if indicator.met}


def test_all_sixteen_indicators_are_shown_in_the_order_of_the_list() -> None:
    for text in (CAPTIVITY, HONEST, ""):
        assert [one.code for one in assess_job(text).indicators] == list(INDICATORS)
    assert len(INDICATORS) == 16


def test_an_advert_that_leads_into_captivity_is_shown_with_its_signs() -> None:
    found = assess_job(CAPTIVITY)
    assert found.finding is Finding.SCAM
    assert {"odd_workplace", "tourist_entry", "evades_borders", "passport_at_once"} <= met(found)
    assert "signs_of_trafficking" in {reason.code for reason in found.reasons}
    assert found.lure == "job"


def test_an_honest_advert_is_ordinary() -> None:
    found = assess_job(HONEST)
    assert found.finding is Finding.ORDINARY
    assert not {"evades_borders", "tourist_entry", "debt_clause"} & met(found)


@pytest.mark.parametrize(("language", "text", "code"), [(k, *v) for k, v in SPOKEN.items()])
def test_indicators_are_found_in_every_language(language: str, text: str, code: str) -> None:
    assert code in met(assess_job(text))


def test_every_indicator_of_words_has_words() -> None:
    by_rule = {"nameless_employer", "reused"}
    assert codes() >= set(INDICATORS) - by_rule


def test_a_span_is_the_words_as_the_advert_has_them() -> None:
    found = assess_job(CAPTIVITY)
    shown = {one.code: [CAPTIVITY[a:b] for a, b in one.spans] for one in found.indicators}
    assert "Poipet" in shown["odd_workplace"]
    assert "tourist visa" in shown["tourist_entry"]


def test_what_an_agency_says_that_it_does_not_ask_for_is_no_sign() -> None:
    denied = plain("Licensed agency. No placement fee, contract verified.")
    assert places("pay_first", denied) == ()
    assert places("pay_first", plain("Pay the placement fee before you fly"))


def test_pay_counts_only_beside_work_that_asks_for_nothing() -> None:
    skilled = indicators(plain("Surgeon wanted, 250,000 baht a month, City Hospital Co., Ltd"))
    unskilled = indicators(plain("Typist wanted, 60,000 baht a month, no experience needed"))
    assert "pay_above_skill" not in {one.code for one in skilled if one.met}
    assert "pay_above_skill" in {one.code for one in unskilled if one.met}


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("60,000 บาท", 60_000, "THB"),
        ("lương 30 triệu đồng", 30_000_000, "VND"),
        ("gaji Rp 18.000.000", 18_000_000, "IDR"),
        ("月薪2万元", 20_000, "CNY"),
        ("USD 1,500", 1_500, "USD"),
        ("၃၀ သိန်း ကျပ်", 3_000_000, "MMK"),
    ],
)
def test_pay_is_read_as_it_is_written_where_it_is_paid(
    text: str, amount: float, currency: str
) -> None:
    found = high_pay(plain(unicodedata.normalize("NFC", text)))
    assert (amount, currency) in {(pay.amount, pay.currency) for pay in found}


def test_a_contact_that_is_already_reported_counts_as_the_sixteenth() -> None:
    handle = next(one.signal for one in extract(CAPTIVITY).signals if one.kind is Kind.HANDLE)

    def known(asked: Sequence[Signal]) -> Mapping[bytes, str]:
        return {handle.key: "suspicious"} if handle in asked else {}

    assert "reused" in met(assess_job(CAPTIVITY, known=known))
    assert "reused" not in met(assess_job(CAPTIVITY))


def test_one_sign_alone_is_no_positive_screen() -> None:
    for text in (
        "Night shift at our hotel, lodging for staff from other provinces",
        "No experience needed, training is paid",
        "Travel on a tourist visa",
    ):
        assert not is_positive(indicators(plain(text)))


def test_more_signs_never_make_a_positive_screen_negative() -> None:
    few = plain("Free ticket. Tourist visa. Send passport photo.")
    assert is_positive(indicators(few))
    assert is_positive(indicators(few + plain(" No experience needed, age 18-30, hurry.")))


@given(st.text(max_size=300))
def test_it_never_raises_whatever_it_is_given(text: str) -> None:
    found = assess_job(text)
    assert 0 <= found.likelihood <= 1
    assert len(found.indicators) == 16


@given(st.text(max_size=200))
def test_the_plain_spelling_keeps_every_place(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_a_batch_says_of_each_what_it_says_of_it_alone() -> None:
    texts = [CAPTIVITY, HONEST, "", *(text for text, _ in SPOKEN.values())]
    for alone, together in zip(map(assess_job, texts), assess_jobs(texts), strict=True):
        assert alone.finding is together.finding
        assert alone.indicators == together.indicators


def test_a_megabyte_is_read_in_part_and_said_so() -> None:
    found = assess_job("work " * 200_000)
    assert "text_cut" in {reason.code for reason in found.reasons}
