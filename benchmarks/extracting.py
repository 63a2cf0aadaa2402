"""Rows about reading free text: narratives of 1 000 characters in ten languages, in one process."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.made import host
from benchmarks.table import Figure
from hueandcry.core.extract import extract

_LENGTH = 1_000
#: What victims write, with the market of the report: one text of each of the ten languages.
_NARRATIVES: dict[str, str] = {
    "TH": (
        "เมื่อวานมีคนโทรมาหาฉันจากเบอร์ 08{n:08d} บอกว่าเป็นเจ้าหน้าที่ตำรวจ "
        "และบอกว่าบัญชีของฉันเกี่ยวข้องกับการฟอกเงิน เขาให้แอดไลน์ @police{n} "
        "แล้วส่งหมายจับปลอมมาให้ดู ฉันกลัวมากจึงโอนเงิน 150,000 บาท ไปที่บัญชีกสิกรไทย "
        "{n:010d} หลังจากนั้นเขาให้เข้าเว็บ https://{host}/verify?id={n} "
        "เพื่อกรอกข้อมูลส่วนตัว ต่อมาเขาขอให้โอนเพิ่มอีก ฉันจึงรู้ว่าถูกหลอก "
        "และไม่สามารถติดต่อเขาได้อีกเลย อยากขอให้ช่วยตรวจสอบด้วยค่ะ "
    ),
    "VN": (
        "Hôm qua có người gọi cho tôi từ số 091{m:07d} tự xưng là công an, nói rằng tài khoản "
        "của tôi liên quan đến một vụ án rửa tiền. Họ bảo tôi kết bạn zalo 036{m:07d} và "
        "chuyển 25.000.000đ vào Vietcombank {n:010d} để xác minh. Sau đó họ gửi đường dẫn "
        "https://{host}/xacminh?id={n} và yêu cầu nhập mã OTP. Tôi rất sợ nên đã làm theo, "
        "sau đó không liên lạc được với họ nữa. Tôi muốn báo để mọi người biết mà tránh bị "
        "lừa như tôi. "
    ),
    "ID": (
        "Kemarin saya dihubungi seseorang lewat WA 0812{n:08d} yang mengaku dari kantor "
        "pajak. Dia bilang saya punya tunggakan dan harus segera bayar Rp 3.500.000 ke "
        "rekening BCA {n:010d}. Saya juga disuruh memasang aplikasi dari "
        "https://{host}/apk?id={n} dan memasukkan kode yang dikirim lewat sms. Setelah itu "
        "saldo saya habis dan nomornya tidak aktif lagi. Saya mohon bantuannya supaya orang "
        "lain tidak menjadi korban seperti saya. "
    ),
    "MY": (
        "Semalam saya dapat panggilan daripada 012{m:07d} yang mengaku pegawai bank. Dia kata "
        "ada transaksi RM4,500.00 yang mencurigakan dan minta saya pindahkan duit ke akaun "
        "Maybank {n:012d} untuk keselamatan. Kemudian saya diminta buka "
        "https://{host}/maybank?id={n} dan isi kata laluan. Selepas itu semua wang simpanan "
        "saya hilang dan saya tidak dapat menghubungi beliau lagi. Harap pihak tuan dapat "
        "membantu saya dalam perkara ini. "
    ),
    "PH": (
        "Kahapon may nag-text sa akin gamit ang 0917{m:07d} at sinabing nanalo raw ako ng "
        "₱50,000 sa isang raffle. Pinapadala niya ako ng bayad sa GCash 0918{m:07d} bago ko "
        "makuha ang premyo, at pinapapunta ako sa https://{host}/claim?id={n} para ilagay "
        "ang aking impormasyon. Pagkatapos kong magbayad ay hindi na siya sumasagot sa "
        "Telegram @raffle{n}. Sana matulungan ninyo ako at mabalaan ang iba pang mga tao "
        "tungkol dito. "
    ),
    "SG": (
        "Yesterday a man called me from +65 9{m:07d} and said that he was from the bank. He "
        "told me that somebody had tried to use my card and that I must move S$3,200 to a "
        "safe account at DBS {n:010d}. Then he sent me a link, https://{host}/secure?id={n}, "
        "where I typed in my password. After an hour all my savings were gone, and nobody "
        "answered at that number any more. My daughter says that I should tell you about it, "
        "so here it is. "
    ),
    "KH": (
        "ម្សិលមិញមានគេទូរស័ព្ទមកខ្ញុំពីលេខ 012{k:06d} ហើយប្រាប់ថាខ្ញុំបានឈ្នះរង្វាន់ $5,000 "
        "។ គេឱ្យខ្ញុំផ្ញើប្រាក់ទៅ ABA {n:09d} ជាមុនសិន ហើយឱ្យខ្ញុំចូលទៅ "
        "https://{host}/win?id={n} ដើម្បីបំពេញព័ត៌មាន។ បន្ទាប់មកខ្ញុំមិនអាចទាក់ទងគេបានទៀតទេ "
        "តេឡេក្រាម @prize{n} ក៏បិទដែរ។ ខ្ញុំសូមសំណូមពរឱ្យជួយពិនិត្យមើលផង "
        "ដើម្បីកុំឱ្យអ្នកដទៃចាញ់បោកដូចខ្ញុំ។ "
    ),
    "LA": (
        "ມື້ວານນີ້ມີຄົນໂທຫາຂ້ອຍຈາກເບີ 020 5{m:07d} ບອກວ່າຂ້ອຍໄດ້ຮັບລາງວັນ 5,000,000 ກີບ "
        "ແລະໃຫ້ໂອນເງິນຄ່າທຳນຽມເຂົ້າບັນຊີ BCEL {n:012d} ກ່ອນ. ຫຼັງຈາກນັ້ນໃຫ້ເຂົ້າ "
        "https://{host}/prize?id={n} ເພື່ອຕື່ມຂໍ້ມູນ. ເມື່ອຂ້ອຍໂອນແລ້ວກໍຕິດຕໍ່ເຂົາບໍ່ໄດ້ອີກ. "
        "ຂ້ອຍຢາກໃຫ້ພວກທ່ານຊ່ວຍກວດສອບ ເພື່ອບໍ່ໃຫ້ຄົນອື່ນຖືກຫຼອກຄືກັນກັບຂ້ອຍ. "
    ),
    "MM": (
        "မနေ့က ဖုန်း 0979{m:07d} ကနေ ကျွန်မဆီကို ဆက်သွယ်ပြီး အလုပ်ကောင်းတစ်ခု ရှိတယ်လို့ "
        "ပြောပါတယ်။ စရံငွေ ကျပ် 500,000 ကို KBZ {n:017d} သို့ လွှဲခိုင်းပြီး "
        "https://{host}/job?id={n} မှာ အချက်အလက်တွေ ဖြည့်ခိုင်းပါတယ်။ ငွေလွှဲပြီးတဲ့နောက် "
        "Viber 0978{m:07d} ကို ဆက်သွယ်လို့ မရတော့ပါဘူး။ တခြားသူတွေ မခံရအောင် ကူညီပေးပါ။ "
    ),
    "CN": (
        "昨天有人用1380{m:07d}给我打电话，自称是公安局的，说我涉嫌洗钱，要我把5万元转到工商银行"
        "622202{n:013d}的“安全账户”。他还让我加微信 "
        "police{n}，并打开https://{host}/check?id={n}填写个人信息和验证码。我当时非常害怕，就按照他说的做了。后来他说还要再交保证金，我才发现"
        "被骗了，再打电话就没有人接听。希望你们能帮我查一查，也提醒大家不要上当受骗。"
    ),
}


def narratives(count: int) -> list[tuple[str, str]]:
    """Made-up narratives of exactly 1 000 characters with their markets, no two alike."""
    made = []
    for n in range(count):
        market, form = list(_NARRATIVES.items())[n % len(_NARRATIVES)]
        number = (n * 7_919 + 1_234_567) % 100_000_000
        text = form.format(n=number, m=number % 10**7, k=number % 10**6, host=host(n))
        filler = form.partition("{")[0] + form.rpartition("}")[2]
        made.append((market, (text + filler * (_LENGTH // len(filler) + 1))[:_LENGTH]))
    return made


#: What people write to each other on most days, with the market: hardly any holds a finding.
_CHAT: dict[str, str] = {
    "TH": "วันนี้ประชุมเลื่อนเป็นบ่ายสองนะคะ เจอกันที่ห้องเดิม ใครมาไม่ได้ช่วยบอกก่อนค่ะ ({n})",
    "VN": "Chiều nay em đón con lúc 16h30 nhé, anh họp xong chắc khoảng 6 giờ mới về ({n})",
    "ID": "Nanti malam jadi makan bareng ya? Aku bawa kue, kamu beli minumannya saja ({n})",
    "MY": "Mesyuarat esok pukul 10.30 pagi di bilik 3, jangan lupa bawa laporan ya ({n})",
    "PH": "Nandito na ako sa labas ng mall, 5 minutes na lang dadating na daw sila ({n})",
    "SG": "Can you pick up the cake at 4.15pm? It is 38 dollars and already paid for ({n})",
    "KH": "ថ្ងៃនេះខ្ញុំមកយឺតបន្តិច សូមរង់ចាំខ្ញុំនៅហាងកាហ្វេជិតផ្សារ ({n})",
    "LA": "ມື້ອື່ນໄປຕະຫຼາດນຳກັນບໍ່ ຂ້ອຍຈະໄປຮັບຕອນເຊົ້າ ({n})",
    "MM": "မနက်ဖြန် ၉ နာရီ ရုံးမှာ တွေ့ကြမယ်၊ စာရွက်တွေ ယူလာခဲ့ပါနော် ({n})",
    "CN": "今天晚上七点在老地方吃饭，记得带上孩子，路上注意安全。（{n}）",
}


def chat(count: int) -> list[tuple[str, str]]:
    """Made-up messages between friends with their markets."""
    forms = list(_CHAT.items())
    return [(m, form.format(n=n)) for n in range(count) for m, form in [forms[n % len(forms)]]]


def figures(folder: Path) -> Iterator[Figure]:
    """Extraction over narratives that hold four or five findings each, and over ordinary chat.

    Real messages hold 3.6 (scams), 5.4 (spam) and 1.0 (ordinary) per 1 000 characters.
    """
    yield _rate("extraction from narratives of 1 000 characters", narratives(5_000), 10_000)
    yield _rate("extraction from ordinary messages", chat(20_000), None)


def _rate(what: str, texts: list[tuple[str, str]], target: float | None) -> Figure:
    for market, text in texts[:100]:
        extract(text, market)
    gc.collect()
    found, before = 0, time.process_time()
    for market, text in texts:
        read = extract(text, market)
        found += len(read.signals) + len(read.amounts) + len(read.accounts)
    used = time.process_time() - before
    length = sum(len(text) for _, text in texts) / len(texts)
    note = f"ten languages, {length:.0f} characters and {found / len(texts):.1f} findings to a text"
    return Figure(what, len(texts) / used, "texts/CPU-s", len(texts), target, note=note)
