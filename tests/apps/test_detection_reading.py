"""How a text is read before it is scored: folding, n-grams, languages, hidden writing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from hueandcry.apps.detection.folding import (
    CHAT_LINK,
    LINK,
    MAX_READ,
    ODD_LINK,
    PUBLIC_LINK,
    SHORT_LINK,
    STORE_LINK,
    fold,
    fold_with_places,
    read,
)
from hueandcry.apps.detection.grams import grams, in_language, placed
from hueandcry.apps.detection.grouping import near_copies
from hueandcry.apps.detection.identifying import Identifier
from hueandcry.apps.detection.language import LANGUAGES, language_of
from hueandcry.apps.detection.writing import hidden_spans

TEXTS = st.text(max_size=200) | st.text(
    alphabet="abz AZ01239.,:/-@$xX*\u0e01\u0e33đấ\u200b\ue000中١๑<#>\n", max_size=80
)


@given(TEXTS)
def test_folding_with_places_reads_what_folding_reads(text: str) -> None:
    assert fold_with_places(text).text == fold(text)


@given(TEXTS)
def test_every_place_of_a_folded_text_lies_in_the_text_that_was_given(text: str) -> None:
    folded = fold_with_places(text)
    assert len(folded.places) == len(folded.ends) == len(folded.text)
    assert list(folded.places) == sorted(folded.places)
    for at in range(len(folded.text)):
        start, end = folded.span(at, at + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Chúc mừng, bạn đã TRÚNG 500.000đ", "chuc mung, ban da trung 900.000d"),
        ("โอน ๕๐๐ บาท", "โอน 500 บาท"),
        ("PINJ4MAN MUD4H", "pinjaman mudah"),
        ("ｏｔｐ　１２３４５６", "otp 654321"),
        ("раураl асcount", "paypal account"),
        ("click https://evil.top/a?b=c now", "click hxxps://other.xyz/long/path now"),
        ("mail a.b@c.example", "mail zz@mail.example"),
        ("转XXXX元", "转1234元"),
        ("pay <#> now", "pay 12 now"),
    ],
)
def test_spellings_of_one_message_read_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("link", "sign"),
    [
        ("https://www.bangkokbank.com/th", LINK),
        ("bit.ly/3xYz", SHORT_LINK),
        ("https://t.me/group", CHAT_LINK),
        ("dbs-secure.top/login", ODD_LINK),
        ("http://192.0.2.7/x", ODD_LINK),
        ("https://www.rd.go.th", PUBLIC_LINK),
        ("https://play.google.com/store/apps/details?id=x.y", STORE_LINK),
    ],
)
def test_a_link_is_one_sign_for_its_class(link: str, sign: str) -> None:
    assert fold(f"see {link} now") == f"see {sign} now"


@pytest.mark.parametrize("text", ["see you.me too", "ok.is it", "e.g. this", "3.30pm", "wait...no"])
def test_words_around_a_full_stop_are_no_host(text: str) -> None:
    assert not set(fold(text)) & set(LINK + SHORT_LINK + CHAT_LINK + ODD_LINK)


@given(TEXTS)
def test_what_is_read_begins_with_the_folded_text_and_goes_on_in_one_line(text: str) -> None:
    folded, _, written = read(text).partition("\n")
    assert folded == fold(text)
    assert "\n" not in folded + written and len(written) <= MAX_READ * 2


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Call 09061701461, 150p/min", "09061701 150"),
        ("see https://www.dbs.com.sg/login now", "www.dbs.com.sg/login"),
        ("pay <#> to XXX1234, code 12XX", ""),
        ("dinner at my place", ""),
    ],
)
def test_numbers_and_hosts_are_read_as_they_were_written_and_masks_are_not(
    text: str, written: str
) -> None:
    assert read(text).partition("\n")[2] == written


@given(TEXTS)
def test_runs_in_a_language_have_buckets_of_their_own(text: str) -> None:
    buckets = grams([fold(text)], 16).buckets
    ours, others = in_language(buckets, 1, 16), in_language(buckets, 2, 16)
    assert all((own >= (1 << 16)).all() and (own < (2 << 16)).all() for own in (ours, others))
    assert not np.array_equal(ours, others)


def test_a_sign_of_a_class_cannot_be_brought_along() -> None:
    assert fold(f"a{LINK}b") == "ab"


@pytest.mark.parametrize("unit", ["1", "a.", "x", "http://", "@", "[", "<#>", "www.", "\u0301"])
def test_a_hostile_text_folds_to_a_bounded_one(unit: str) -> None:
    assert len(fold(unit * 1_000_000)) <= 4 * MAX_READ


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_a_batch_has_the_n_grams_of_each_text_alone(texts: list[str]) -> None:
    folded = [fold(text) for text in texts]
    together = grams(folded, 16)
    for text, start, count in zip(folded, together.starts, together.counts, strict=True):
        alone = grams([text], 16)
        assert together.buckets[start : start + count].tolist() == alone.buckets.tolist()
        assert count >= 1 and alone.buckets.max() < 1 << 16


@given(TEXTS)
def test_the_n_grams_by_place_are_those_that_are_counted(text: str) -> None:
    folded = fold(text)
    edge = {int(buckets[at]) for size, buckets in placed(folded, 20) if size == 1 for at in (0, -1)}
    by_place = {int(bucket) for _, buckets in placed(folded, 20) for bucket in buckets}
    assert set(grams([folded], 20).buckets.tolist()) | edge == by_place


def test_near_copies_are_one_group_and_others_are_not() -> None:
    texts = [
        fold("Dear customer your parcel 12345 is held, pay the fee at http://a.top today please"),
        fold("are you coming to the office tomorrow or shall we meet at the station instead"),
        fold("Dear customer your parcel 99876 is held, pay the fee at http://b.top today pls"),
        fold("ok"),
        fold("OK"),
    ]
    assert near_copies(texts) == [0, 1, 0, 3, 3]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your parcel could not be delivered, please reschedule", "en"),
        ("กรุณายืนยันตัวตนภายในวันนี้", "th"),
        ("Tài khoản của bạn đã bị khóa", "vi"),
        ("Paket kamu sedang dalam pengiriman oleh kurir hari ini ya kak", "id"),
        ("គណនីរបស់អ្នកត្រូវបានផ្អាក", "km"),
        ("ບັນຊີຂອງທ່ານຖືກລະງັບ", "lo"),
        ("သင့်အကောင့်ကို ပိတ်ထားပါသည်", "my"),
        ("Kumusta ka na, kailan ka uuwi dito sa atin", "fil"),
        ("您的快递已到驿站，请凭取件码领取", "zh"),
        ("您的賬戶出現異常", "zh"),
    ],
)
def test_each_of_the_languages_is_told(text: str, code: str) -> None:
    found = language_of(text)
    assert found.code == code and 0 < found.confidence <= 1


@pytest.fixture(scope="module")
def identifier() -> Identifier:
    return Identifier(["en", "vi", "id", "ms", "tl", "es", "fr"])


@pytest.fixture(scope="module")
def theirs(identifier: Identifier) -> LanguageIdentifier:
    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages(list(identifier.codes))
    return found


@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_each_text_of_a_batch_has_the_shares_that_py3langid_gives_it(
    identifier: Identifier, theirs: LanguageIdentifier, texts: list[str]
) -> None:
    for text, shares in zip(texts, identifier.shares(texts).tolist(), strict=True):
        expected = dict(theirs.rank(text))
        for code, share in zip(identifier.codes, shares, strict=True):
            assert share == pytest.approx(expected[code], rel=1e-3, abs=1e-6)


def test_malay_and_indonesian_stay_rivals() -> None:
    for text in (
        "Bayaran anda telah diterima dengan terima kasih",
        "Terima kasih sudah berbelanja",
    ):
        found = language_of(text)
        assert {"id", "ms"} <= {found.code, *found.rivals}


@pytest.mark.parametrize("text", ["", "ok", "12345", "😀😀😀", "http://a.example/b", "?!"])
def test_what_is_too_short_has_no_language(text: str) -> None:
    found = language_of(text)
    assert found.code == "und" and not found.is_foreign


@pytest.mark.parametrize(
    "text",
    [
        "お荷物をお届けにあがりましたが不在の為持ち帰りました",
        "Su paquete está retenido, pague los gastos de aduana aquí por favor hoy mismo",
        "Уважаемый клиент, ваша карта заблокирована",
        "고객님의 택배가 반송되었습니다",
    ],
)
def test_other_languages_are_said_to_be_none_of_the_ten(text: str) -> None:
    found = language_of(text)
    assert found.code == "und" and found.is_foreign


@given(TEXTS)
def test_a_language_is_one_of_the_ten_or_undecided(text: str) -> None:
    found = language_of(text)
    assert found.code in (*LANGUAGES, "und") and set(found.rivals) <= set(LANGUAGES)


@pytest.mark.parametrize(
    "text",
    [
        "your acc\u200bount is lock\u200bed",
        "p\u0430ypal needs you",
        "PINJ4M D4N4 C3PAT K1LAT MUD4H",
        "N'ha'nL,jen:Qu.a now h.o,m.n-a~y t.i'e.n-v.e",
    ],
)
def test_hidden_writing_is_seen(text: str) -> None:
    assert hidden_spans(text)


@pytest.mark.parametrize(
    "text",
    ["see u 2nite at 8", "สวัสดี\u200bครับ", "b4 u go, gr8 job", "a.k.a. the U.S.A.", "ok"],
)
def test_slang_and_breaks_between_words_are_not_hidden_writing(text: str) -> None:
    assert hidden_spans(text) == ()


@given(TEXTS)
def test_hidden_places_lie_in_the_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end in hidden_spans(text))


def test_buckets_are_spread_evenly() -> None:
    words = grams([f"wort {n} {n * 7919}" for n in range(2_000)], 12)
    counts = np.bincount(words.buckets, minlength=1 << 12)
    assert (counts > 0).mean() > 0.5
