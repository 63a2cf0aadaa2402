"""What an e-mail file looks like: who is said to have sent it, where it leads, what it brings."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.apps.detection import workshop
from hueandcry.apps.detection.archives import MAX_ENTRIES, listing
from hueandcry.apps.detection.assessment import Assessment, Finding, Sort
from hueandcry.apps.detection.mail_reading import MAX_BOUNDARIES, MAX_BYTES, MAX_PARTS, read_mail
from hueandcry.apps.detection.mails import assess_mail
from hueandcry.apps.detection.pages import MAX_PAGE, read_page
from hueandcry.core.errors import HueError
from hueandcry.core.types import Kind
from pictures_made import screenshot, stored

PASS = "mx.reader.example; spf=pass smtp.mailfrom=bank.example; dkim=pass header.d=bank.example;"


def mail(text: str = "hello", page: str = "", **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {
        "From": "A Bank <service@bank.example>",
        "Subject": "Hi",
        **headers,
    }.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if page:
        made.add_alternative(page, subtype="html")
    return made


def found_in(message: EmailMessage) -> Assessment:
    return assess_mail(message.as_bytes())


def codes(message: EmailMessage) -> set[str]:
    return {each.code for each in found_in(message).reasons}


def attached(name: str, data: bytes, sort: str = "application/octet-stream") -> EmailMessage:
    made = mail()
    main, _, sub = sort.partition("/")
    made.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return made


def archive(*names: str, content: bytes = b"x", locked: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    data = bytearray(out.getvalue())
    if locked:
        at = data.find(b"PK\x01\x02")
        data[at + 8] |= 1
    return bytes(data)


# --- reading --------------------------------------------------------------------------------------


def test_what_a_person_reads_is_read_from_every_encoding() -> None:
    made = EmailMessage()
    made["From"] = "ธนาคาร <a@bank.example>"
    made["Subject"] = "Tài khoản của bạn bị khóa"
    made.set_content("โอนเงินด่วน", cte="base64")
    read = read_mail(made.as_bytes())
    assert (read.sender.name, read.sender.address) == ("ธนาคาร", "a@bank.example")
    assert read.subject == "Tài khoản của bạn bị khóa" and read.text.strip() == "โอนเงินด่วน"


def test_every_header_is_told_in_its_order_and_can_be_written_out() -> None:
    data = b"From: a@b.example\nReceived: by one;\n at noon\nX-Cafe: \xe9\n"
    data += b"Subject: =?utf-8?q?a?= \\ud800 =?utf-8?q?b?=\n\nhi"
    found = read_mail(data).headers
    assert [name for name, _ in found] == ["From", "Received", "X-Cafe", "Subject"]
    assert (found[1][1], found[2][1]) == ("by one; at noon", "é")
    assert found[3][1].encode(), "no halves of letters"


def test_headers_are_told_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hueandcry.apps.detection.mail_reading.MAX_HEADERS", 2)
    assert len(read_mail(mail().as_bytes()).headers) == 2


def test_the_text_that_is_assessed_holds_what_its_signals_say_where_they_say_it() -> None:
    found = found_in(mail("Write to us", Reply_To="x@evil.example"))
    assert found.sort is Sort.EMAIL
    addresses = {each.value: each for each in found.signals if each.kind is Kind.EMAIL}
    assert set(addresses) == {"service@bank.example", "x@evil.example"}
    for value, each in addresses.items():
        assert found.text[each.start : each.end] == value
    assert addresses["service@bank.example"].confidence < addresses["x@evil.example"].confidence


def test_files_are_given_whole_with_their_digest_and_what_they_are() -> None:
    data = stored(screenshot("https://evil.example"))
    (file,) = read_mail(attached("../ใบเสร็จ.png", data).as_bytes()).files
    assert (file.name, file.sort, file.size) == ("ใบเสร็จ.png", "image/png", len(data))
    assert file.data == data


def test_an_attached_mail_is_a_file_and_is_not_looked_into() -> None:
    outer, inner = mail(), mail("inner words")
    outer.add_attachment(inner)
    read = read_mail(outer.as_bytes())
    assert "inner words" not in read.text
    assert read.files[0].sort == "message/rfc822" and b"inner words" in read.files[0].data


def test_headers_are_read_however_their_letters_were_written() -> None:
    thai, german = "บัญชี".encode(), "Müller".encode("latin-1")
    read = read_mail(b"From: " + german + b" <a@b.example>\nSubject: " + thai + b"\n\n x")
    assert (read.sender.name, read.subject) == ("Müller", "บัญชี")
    mixed = b"From: a@b.example\nSubject: \xe0\xb8\x81 =?utf-8?q?x=C3=A9?= \xe0\xb8\x81\n\n x"
    assert read_mail(mixed).subject == "ก xé ก"


@pytest.mark.parametrize(
    "charset", ["windows-874", "gb18030", "utf-7", "punycode", "unicode_escape", "no-such", "zlib"]
)
def test_a_charset_that_no_mail_has_is_read_as_utf_8(charset: str) -> None:
    data = f"From: a@b.example\nSubject: x\nContent-Type: text/plain; charset={charset}\n\nabc"
    assert read_mail(data.encode()).text == "abc"


# --- hostile mail ---------------------------------------------------------------------------------


def refused(data: bytes) -> str:
    with pytest.raises(HueError) as caught:
        read_mail(data)
    assert assess_mail(data).reasons[0].params == {"problem": caught.value.code}
    return caught.value.code


HEAD = b"From: a@b.example\nSubject: x\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html><body>x", "file_sort"),
        (b"", "file_empty"),
        (b"\x89PNG\r\n\x1a\n", "not_a_mail"),
        (b"just words", "not_a_mail"),
        (HEAD + b"\n" + b"x" * MAX_BYTES, "mail_too_large"),
        (HEAD + b"\n" * 2_000_000, "mail_too_complex"),
        (HEAD + b"\n" + b"boundary=x\n" * (MAX_BOUNDARIES + 1), "mail_too_complex"),
    ],
)
def test_what_is_no_mail_or_takes_too_long_is_refused_with_its_own_word(
    data: bytes, code: str
) -> None:
    assert refused(data) == code


def test_a_mail_of_many_parts_is_looked_at_in_part_and_that_is_said() -> None:
    made = mail()
    for n in range(MAX_PARTS + 5):
        made.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{n}.txt")
    read = read_mail(made.as_bytes())
    assert read.cut and len(read.files) < MAX_PARTS
    assert "mail_cut" in codes(made)


def test_parts_inside_parts_end_somewhere() -> None:
    data, depth = HEAD, MAX_BOUNDARIES - 1
    for n in range(depth):
        data += f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n".encode()
    assert read_mail(data + b"Content-Type: text/plain\n\ndeep").sender.address == "a@b.example"


@settings(deadline=None)
@given(st.binary(max_size=400), st.text(max_size=200))
def test_any_bytes_behind_a_header_are_assessed(data: bytes, text: str) -> None:
    for body in (data, text.encode("utf-8", "surrogatepass")):
        assert assess_mail(HEAD + body).sort is Sort.EMAIL
        assert assess_mail(HEAD + b"Content-Type: text/html\n\n" + body).sort is Sort.EMAIL


# --- the sender -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (PASS, "sender_confirmed"),
        ("mx.example; dmarc=pass header.from=bank.example", "sender_confirmed"),
        ("mx.example; dkim=pass header.i=@mail.bank.example", "sender_confirmed"),
        ("mx.example; dkim=pass header.d=evil.example", "sender_unchecked"),
        ("mx.example; spf=pass smtp.mailfrom=evil.example", "sender_unchecked"),
        ("mx.example; spf=fail (dkim=pass header.d=bank.example)", "sender_refuted"),
        ("mx.example; dkim=pass header.d=evil.example; dmarc=fail", "sender_refuted"),
        ("mx.example; spf=softfail; dkim=none", "sender_refuted"),
        ("", "sender_unchecked"),
        ("mx.example; none", "sender_unchecked"),
    ],
)
def test_what_the_receiving_system_states_of_the_sender_is_told(stated: str, code: str) -> None:
    assert code in codes(mail(Authentication_Results=stated))


def test_who_stated_it_is_said_and_a_forgery_speaks_against_it() -> None:
    found = found_in(mail(Authentication_Results="mx.reader.example; dmarc=fail"))
    (why,) = (each for each in found.reasons if each.code == "sender_refuted")
    assert why.params["by"] == "mx.reader.example" and why.params["check"] == "dmarc"
    assert found.finding is Finding.SUSPICIOUS


def test_only_the_topmost_statement_counts_since_the_sender_may_have_written_the_others() -> None:
    first = "Authentication-Results: mx.reader.example; dmarc=fail\n"
    data = first.encode() + b"Authentication-Results: mx.evil.example; dmarc=pass\n" + HEAD + b"\nx"
    assert "sender_refuted" in {each.code for each in assess_mail(data).reasons}


def test_an_answer_that_goes_elsewhere_is_told_and_one_within_the_house_is_not() -> None:
    assert "reply_elsewhere" in codes(mail(Reply_To="help@evil.example"))
    assert "reply_elsewhere" not in codes(mail(Reply_To="help@mail.bank.example"))
    assert "bounces_elsewhere" in codes(mail(Return_Path="<x@sender.test>"))


def test_a_name_that_is_another_address_is_told() -> None:
    assert "name_shows_address" in codes(mail(From='"service@bank.example" <x@evil.example>'))
    assert "name_shows_address" not in codes(mail(From='"a@bank.example" <b@bank.example>'))


# --- links ----------------------------------------------------------------------------------------


def test_a_link_that_shows_another_place_than_it_leads_to_is_told() -> None:
    page = '<p>Sign in at <a href="https://evil.example/x?a=1&amp;b=2">www.bank.example</a></p>'
    found = found_in(mail(page=page))
    (why,) = (each for each in found.reasons if each.code == "link_shows_other")
    assert why.params == {"shown": "www.bank.example", "host": "evil.example"}
    assert "https://evil.example/x?a=1&b=2" in found.text


@pytest.mark.parametrize(
    "page",
    [
        '<a href="https://mail.bank.example/x">bank.example</a>',
        '<a href="https://bank.example/x">click here</a>',
        '<a href="mailto:a@bank.example">a@bank.example</a>',
    ],
)
def test_a_link_that_leads_where_it_says_is_not_told(page: str) -> None:
    assert "link_shows_other" not in codes(mail(page=page))


def test_a_form_says_where_it_sends_what_is_typed() -> None:
    assert "form_inside" in codes(
        mail(page='<form action="https://evil.example/go"><input></form>')
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<style>p{}</style><p>One</p>two<br>three", "One\ntwo\nthree"),
        ("<script>alert('<p>x</p>')</script>y", "y"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("&lt;b&gt; &amp; &#3650;", "<b> & โ"),
        ('<img alt=">" src=x>z', "z"),
        ("<a href=javascript:alert(1)>x</a>", "x"),
        ("5 < 6 and more", "5 < 6 and more"),
        ("<title>t</title><body>b", "b"),
    ],
)
def test_a_page_is_its_words(source: str, text: str) -> None:
    assert read_page(source).text == text


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<a href='", "</", "<a href=x>", "&#", "<script>", "<form action=", '"'],
)
def test_a_page_made_to_take_long_is_read_to_its_end(piece: str) -> None:
    """A reader that went back over what it has read would not come to its end."""
    assert isinstance(read_page(piece * (MAX_PAGE // len(piece))).text, str)


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("invoice.pdf.exe", b"MZ\x90", "file_runs"),
        ("photo.jpg", b"MZ\x90", "file_runs"),
        ("bill.zip", archive("readme.txt", "bill.pdf.scr"), "file_runs"),
        ("bank.apk", archive("AndroidManifest.xml"), "file_runs"),
        ("form.html", b"<html>", "file_is_page"),
        ("picture.png", b"<svg onload=alert(1)>", "file_is_page"),
        ("picture.png", b"%PDF-1.4\n%%EOF", "file_poses"),
        ("bill.zip", archive("a.txt", locked=True), "file_locked"),
        ("bill.pdf", b"%PDF-1.6\n/Encrypt 5 0 R", "file_locked"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
         "file_locked"),
        ("a.zip", archive(*(f"{n}" for n in range(MAX_ENTRIES + 10))), "file_swells"),
    ],
)  # fmt: skip
def test_a_file_that_does_harm_is_told(name: str, data: bytes, code: str) -> None:
    assert code in codes(attached(name, data))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.JPEG", stored(screenshot(), "JPEG")),
        ("a.zip", archive("a.txt", "b.pdf")),
        ("bill.pdf", b"%PDF-1.6\n%%EOF"),
    ],
)
def test_a_file_that_is_what_it_says_is_not_told(name: str, data: bytes) -> None:
    assert not {code for code in codes(attached(name, data)) if code.startswith("file_")}


def test_a_bomb_is_known_by_its_index_and_never_unpacked() -> None:
    bomb = bytearray(archive("zeros", content=bytes(1 << 20)))
    at = bomb.find(b"PK\x01\x02")
    bomb[at + 24 : at + 28] = (4 << 30 - 1).to_bytes(8, "little")[:4]
    bomb[at + 24 : at + 28] = b"\xff\xff\xff\xff"
    found = listing(bytes(bomb))
    assert found is not None and found.swells


def test_parts_of_an_archive_that_overlap_are_a_bomb() -> None:
    made = bytearray(archive("a", "b"))
    at = made.find(b"PK\x01\x02")
    made[at + 20 : at + 24] = (1 << 20).to_bytes(4, "little")
    found = listing(bytes(made))
    assert found is not None and found.swells


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_an_archive_that_was_damaged_is_listed_or_none(data: bytes, at: int) -> None:
    made = archive("one.txt", "two.txt")
    for damaged in (data, made[:at], made[:at] + data + made[at + len(data) :], data + made):
        found = listing(damaged)
        assert found is None or len(found.names) <= MAX_ENTRIES


def test_a_code_in_an_attached_picture_is_read() -> None:
    link = "https://evil-bank.example/login"
    try:
        found = found_in(attached("a.png", stored(screenshot(link)), "image/png"))
    finally:
        workshop.close()
    assert link in found.text and "code_in_picture" in {each.code for each in found.reasons}
    (why,) = (each for each in found.reasons if each.code == "code_in_picture")
    assert [found.text[start:end] for start, end in why.spans] == [link]


def test_a_sender_whose_domain_is_a_look_alike_is_told_where_it_stands() -> None:
    found = found_in(mail(From="MetaMask <help@metamask-login.pages.dev>"))
    assert found.finding in (Finding.SCAM, Finding.SUSPICIOUS)
    spans = [found.text[start:end] for each in found.reasons for start, end in each.spans]
    assert any("metamask" in span for span in spans)
