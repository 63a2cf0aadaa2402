"""Two victims of the demonstration: what each was sent, and the form by which they tell it."""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
from typing import Any, Final

import numpy
import requests
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from hueandcry.core.errors import Broken
from hueandcry.doors.cli.partnership import Node
from hueandcry.engine import clock

#: Seconds that a node may take to answer a form, and to read what came by it.
PATIENCE: Final = 30.0

_TOKEN: Final = re.compile(r'name="token" value="([^"]+)"')
_CODE: Final = re.compile(r'id="code"[^>]*>([^<]+)<')


@dataclass(frozen=True, slots=True)
class Victim:
    """Who reports: the language they read, their words, and what they met."""

    language: str
    text: str
    method: str
    number: str = ""  #: that called them, as they write it into the field of values
    link: str = ""  #: where the code in their screenshot leads; empty: they send none


def report(node: Node, victim: Victim) -> str:
    """Sends the public form as a browser would; the receipt code that its page shows, once."""
    address = f"{node.url}/report?lang={victim.language}"
    form = requests.get(address, timeout=PATIENCE)
    fields = {
        "token": _found(_TOKEN, form.text),
        "text": victim.text,
        "method": victim.method,
        "values": victim.number,
        "role": "called" if victim.number else "",
        "market": node.country,
        "consents": "signals",
    }
    picture = ("screenshot.png", screenshot(victim.link), "image/png") if victim.link else None
    files = {"attached": picture} if picture else {"attached": ("", b"")}
    answer = requests.post(address, data=fields, files=files, timeout=PATIENCE)
    return _found(_CODE, answer.text)


def _found(shape: re.Pattern[str], page: str) -> str:
    found = shape.search(page)
    if found is None:
        raise Broken("form", "The public form answered something else", why=page[:200])
    return found[1]


def read(node: Node, wanted: str) -> dict[str, Any]:
    """The report of a node in which `wanted` was found, as `hueandcry reports show` tells it."""
    until = clock.monotonic() + PATIENCE
    while clock.monotonic() < until:
        for line in node.command("reports", "list"):
            number = str(line["number"])
            shown: dict[str, Any] = node.command("reports", "show", number, "--purpose", "demo")
            if any(value["value"] == wanted for value in shown["values"]):
                return shown
        time.sleep(0.2)
    raise Broken("not_read", f"{node.title} did not find {wanted} in a report")


def screenshot(link: str) -> bytes:
    """A picture as a telephone takes it: a prize, a code to scan, and where it leads."""
    picture = Image.new("RGB", (720, 1280), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 720, 120), fill="#0a6e3c")
    pen.text((40, 36), "Zalo  -  Uu Dai", fill="white", font=ImageFont.load_default(44))
    pen.text((40, 190), "Quet ma de nhan thuong", fill="black", font=ImageFont.load_default(40))
    code = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode)
    drawn = Image.fromarray(numpy.asarray(zxingcpp.write_barcode_to_image(code, scale=10)))
    picture.paste(drawn, ((720 - drawn.width) // 2, 330))
    pen.text((40, 1000), link, fill="black", font=ImageFont.load_default(28))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


#: Bangkok: a bank's name, a link that is not the bank's, a number that called, an account abroad.
IN_THAI: Final = Victim(
    "th",
    "มีคนโทรมาจากเบอร์ 081 234 5678 อ้างว่าเป็นเจ้าหน้าที่ธนาคารกสิกรไทย บอกว่าบัญชีของฉันถูกระงับ "
    "แล้วส่ง SMS ให้กดลิงก์ https://secure-kbank-verify.example/login ภายใน 30 นาที กรอกรหัส OTP "
    "และให้โอนเงิน 45,000 บาทไปที่บัญชี Vietcombank 0123456789 เพื่อตรวจสอบ",
    "phone",
    number="081 234 5678",
)

#: Hanoi: a prize in a chat, and the code to scan in a screenshot.
IN_VIETNAMESE: Final = Victim(
    "vi",
    "Em nhận được tin nhắn Zalo nói trúng thưởng xe máy nhân dịp tri ân khách hàng, phải quét mã "
    "trong hình và đóng phí hồ sơ 2 triệu trước mới nhận được quà. Em thấy nghi nên gửi lên đây.",
    "messenger",
    link="https://trung-thuong-tri-an.example/nhan-qua",
)
