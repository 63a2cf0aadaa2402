"""The message assessor: what it finds, why, and when it abstains."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.apps.detection import face as detection
from hueandcry.apps.detection.messages import AT_ONCE
from hueandcry.core.extract import extract
from hueandcry.core.taxonomy import LURES, METHODS
from hueandcry.core.types import Signal

SCAMS = {
    "en": "URGENT: your DBS account is suspended. Verify at http://dbs-login.top within 24 hours",
    "th": "แจกเครดิตฟรี 100 สมัครวันนี้ ฝากถอนไม่มีขั้นต่ำ คลิก http://abc-vip.top แอดไลน์ @abc99",
    "vi": "Mẹ ơi con mất máy, đây là số mới. Con kẹt quá, mẹ chuyển gấp 5tr vào stk 0123456789",
    "id": "Selamat! Nomor Anda pemenang undian. Klik http://hadiah-resmi.top PIN A1B2",
    "ms": "Akaun Maybank anda telah digantung. Sila sahkan di http://m2u-sah.top dalam masa 24 jam",
    "km": "គណនី ABA ត្រូវបានផ្អាក ចុច http://aba-kh.top បញ្ជាក់ និងលេខកូដ OTP",
    "lo": "ທ່ານໄດ້ຮັບລາງວັນ 5,000,000 ກີບ ໂອນຄ່າທຳນຽມກ່ອນເພື່ອຮັບລາງວັນ ຕິດຕໍ່ WhatsApp 020 55551234",
    "my": "လူကြီးမင်း၏ KBZPay အကောင့်ကို ပိတ်ထားပါသည်။ http://kpay-mm.top ကိုနှိပ်ပြီး OTP ထည့်ပါ",
    "fil": "Ang GCash account mo ay naka-hold. I-verify agad sa http://gcash-ph.top bago ma-block",
    "zh": "我是公安局民警，您涉嫌洗钱案，请立即将资金转入安全账户配合调查，不要告诉任何人",
}
ORDINARY = {
    "en": "Running late, traffic is terrible. Start dinner without me and save me some rice",
    "th": "พรุ่งนี้เจอกันกี่โมงดี เดี๋ยวไปรับที่บ้านนะ อย่าลืมเอาร่มมาด้วย",
    "vi": "Chiều nay mẹ đón bé nhé, con phải họp muộn, tối con về ăn cơm",
    "id": "Nanti sore jadi kumpul di rumah Budi kan? Aku bawa gorengan ya",
    "ms": "Petang ni jadi tak nak makan kat rumah mak? Kakak dah masak rendang",
    "km": "ល្ងាចនេះទៅញ៉ាំបាយជាមួយគ្នាអត់ ខ្ញុំទៅទទួលម៉ោង ៦",
    "lo": "ແລງນີ້ໄປກິນເຂົ້ານຳກັນບໍ່ ຂ້ອຍຈະໄປຮັບຕອນ 6 ໂມງ",
    "my": "ဒီနေ့ညစာ အတူစားကြမလား ငါ ၆ နာရီလောက် လာခေါ်မယ်",
    "fil": "Anong oras ka uuwi mamaya? Nagluto si nanay ng sinigang, sabay tayo kumain",
    "zh": "晚上一起吃饭吗？我下班先去接孩子，大概七点到家",
}
WARNED = (detection.Finding.SCAM, detection.Finding.SUSPICIOUS)


@pytest.mark.parametrize("language", SCAMS)
def test_a_plain_scam_is_found_in_every_language_with_words_to_point_at(language: str) -> None:
    found = detection.assess_message(SCAMS[language])
    assert found.finding in WARNED
    assert language in (found.language, *found.language_rivals)
    codes = {reason.code: reason.spans for reason in found.reasons}
    assert codes["words_of_scams"]
    phrases = [code for code in codes if detection.MEANINGS[code].bearing == "against"]
    assert len(phrases) >= 2


@pytest.mark.parametrize("language", ORDINARY)
def test_ordinary_chat_is_not_warned_of_in_any_language(language: str) -> None:
    found = detection.assess_message(ORDINARY[language])
    assert found.finding not in WARNED
    assert found.lure == "" and found.method == ""


@pytest.mark.parametrize(
    "text",
    [
        "Your OTP is 482913. Never share this code with anyone. DBS will never ask for it.",
        "รหัส OTP ของคุณคือ 482913 ห้ามบอกรหัสนี้กับผู้อื่น",
        "Ma OTP cua ban la 482913. Khong chia se ma cho bat ky ai.",
        "【招商银行】验证码482913，5分钟内有效，请勿泄露给他人。",
        "Kode OTP Anda 482913. Jangan berikan kode ini kepada siapa pun.",
    ],
)
def test_a_genuine_code_is_not_a_scam(text: str) -> None:
    assert detection.assess_message(text).finding is not detection.Finding.SCAM


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nothing_to_read"),
        ("  \n\u200b ", "nothing_to_read"),
        ("ok", "too_short"),
        ("😀😀😀😀😀😀😀😀😀😀", "too_short"),
        ("1234567890", "too_short"),
        ("Su paquete está retenido, pague los gastos de aduana hoy mismo aquí", "language_unknown"),
    ],
)
def test_it_abstains_and_says_why(text: str, code: str) -> None:
    found = detection.assess_message(text)
    assert found.finding is detection.Finding.UNKNOWN
    assert code in {reason.code for reason in found.reasons}


def test_a_text_beyond_the_bound_is_read_to_the_bound_and_says_so() -> None:
    found = detection.assess_message(SCAMS["en"] + " more" * 300_000)
    assert "text_cut" in {reason.code for reason in found.reasons}


def _known(verdict: str) -> detection.Known:
    def known(signals: Sequence[Signal]) -> Mapping[bytes, str]:
        return {signal.key: verdict for signal in signals}

    return known


PLAIN = "Here is the address of the place where we meet on Sunday: https://meet-here.example/map"


def test_a_known_scam_in_an_ordinary_text_makes_it_one_and_is_the_first_reason() -> None:
    assert detection.assess_message(PLAIN).finding not in WARNED
    found = detection.assess_message(PLAIN, known=_known("scam"))
    assert found.finding is detection.Finding.SCAM and found.likelihood > 0.9
    assert found.reasons[0].code == "known_scam"
    (start, end) = found.reasons[0].spans[0]
    assert "meet-here.example" in PLAIN[start:end]


def test_what_is_known_to_be_suspicious_warns_and_what_is_benign_only_says_so() -> None:
    assert (
        detection.assess_message(PLAIN, known=_known("suspicious")).finding
        is detection.Finding.SUSPICIOUS
    )
    benign = detection.assess_message(PLAIN, known=_known("benign"))
    assert benign.finding is detection.assess_message(PLAIN).finding
    assert benign.reasons[0].code == "known_benign"


def test_hidden_writing_warns() -> None:
    found = detection.assess_message("d3n t4n n0i g4p em n@y nh@ anh oi v0i n4o")
    assert found.finding in WARNED
    assert "hidden_writing" in {reason.code for reason in found.reasons}


def test_what_was_found_in_the_text_comes_along() -> None:
    text = "Transfer now to +65 9123 4567 or see http://a-bank.top/x"
    found = detection.assess_message(text, "SG")
    assert found.signals == extract(text, "SG").signals


def test_one_text_reads_in_a_batch_as_it_does_alone() -> None:
    texts = [*SCAMS.values(), *ORDINARY.values(), "", "ok"] * (AT_ONCE // 10)
    together = list(detection.assess_messages(texts))
    assert len(together) == len(texts)
    for text, found in list(zip(texts, together, strict=True))[:: AT_ONCE // 8]:
        assert found == detection.assess_message(text)


TEXTS = st.text(max_size=300) | st.text(
    alphabet="otp ส转钱.:/0xX*\u202e\ud800<>{}%\n", max_size=120
)


@settings(deadline=None)
@given(TEXTS)
def test_no_text_breaks_it_and_every_answer_is_whole(text: str) -> None:
    found = detection.assess_message(text)
    assert 0 < found.likelihood < 1
    assert found.language in (*detection.LANGUAGES, "und")
    assert found.lure in ("", *LURES) and found.method in ("", *METHODS)
    assert found.reasons
    for reason in found.reasons:
        assert detection.MEANINGS[reason.code].words.format(**reason.params)
        assert all(0 <= start < end <= len(text) for start, end in reason.spans)


def test_starting_needs_neither_django_nor_what_trains() -> None:
    program = (
        "import sys; from hueandcry.apps.detection import face; "
        "face.assess_message('hello there my friend'); "
        "print([name for name in ('django', 'sklearn', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
