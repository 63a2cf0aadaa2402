"""What a certificate says, in each language that there is one in. Words only.

A translation that no lawyer of that language has read says so on the sheet itself; English counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hueandcry.core.custody import Action


@dataclass(frozen=True, slots=True)
class Words:
    """One language's sheet. `{…}` is filled in; nothing in a text is markup."""

    language: str
    reviewed: bool
    family: str  #: the font that has its letters
    title: str
    note: str  #: below the title: what an unreviewed translation is worth; empty where it counts
    labels: Mapping[str, str]
    self_recipient: str
    nothing: str
    what: str
    what_text: str
    custody: str
    custody_text: str
    person: str  #: how a person is named beside the organisation
    actions: Mapping[Action, str]
    check: str
    check_steps: tuple[str, ...]
    proved: str
    proved_points: tuple[str, ...]
    unproved: str
    unproved_points: tuple[str, ...]
    foot: str


ENGLISH: Final = Words(
    language="en",
    reviewed=True,
    family="Noto Sans",
    title="Certificate of digital evidence",
    note="",
    labels={
        "package": "Package",
        "made": "Made on (UTC)",
        "sender": "Handed over by",
        "recipient": "Handed over to",
        "fingerprint": "Fingerprint",
        "request": "Answers the request (SHA-256)",
        "authority": "Authority",
        "reason": "Reason",
        "number": "Exhibit",
        "description": "What it is",
        "file": "File",
        "size": "Size in bytes",
        "when": "When (UTC)",
        "action": "What happened",
        "who": "By whom",
        "why": "Why, and by what authority",
        "restrictions": "Restrictions on use",
    },
    self_recipient="kept by the organisation itself",
    nothing="none",
    what="What is in this package",
    what_text=(
        "Each exhibit is one file. Its SHA-256 is a number that follows from every byte of it: if "
        "one byte were other, the number would be another one."
    ),
    custody="Who had it, and when",
    custody_text=(
        "Every event was signed by the organisation named and entered in its ledger when it "
        "happened. Persons are named by a pseudonym; the organisation can say who each is."
    ),
    person="person {person}",
    actions={
        Action.IDENTIFIED: "found to matter",
        Action.COLLECTED: "collected",
        Action.ACQUIRED: "its bytes were copied and their number taken",
        Action.SEALED: "taken as evidence; not changed since",
        Action.TRANSFERRED: "handed over",
        Action.RECEIVED: "received",
        Action.ACCESSED: "read",
        Action.COPIED: "copied",
        Action.ANALYSED: "analysed",
        Action.REDACTED: "parts made unreadable in a copy",
        Action.RELEASED: "no longer held as evidence",
        Action.DESTROYED: "destroyed",
    },
    check="How to check this package",
    check_steps=(
        "By one command, without a network and without an account: "
        "hueandcry verify PACKAGE --policy POLICY. It makes ten numbered checks and says of each "
        "what it means. The same checks come as one file that needs Python alone.",
        "By hand: reckon the SHA-256 of an exhibit with any program, such as sha256sum, and "
        "compare it with the number printed here and with manifest-sha256.txt.",
        "The policy is a text that names whom you trust, and their keys. Get it from somebody "
        "whom you trust, and not with this package.",
    ),
    proved="What is proved, once the checks pass",
    proved_points=(
        "That the exhibits are, byte for byte, what the organisation above signed for.",
        "That each custody event was signed by the organisation it names, that none was left out, "
        "added or changed, and that each stood in a ledger that cannot be rewritten unnoticed.",
        "That each event was recorded no later than the first witness or time-stamp that covers "
        "it. A checkpoint that an event names shows that it was recorded no earlier.",
    ),
    unproved="What is not proved",
    unproved_points=(
        "That what an exhibit says is true, or who wrote it.",
        "What happened to it before the first event in the list.",
        "That the reasons, places and descriptions are right: the organisation states them.",
        "Which natural person acted: the organisation answers for that.",
    ),
    foot="This sheet is part of the package and covered by its signature. It is not signed itself.",
)

THAI: Final = Words(
    language="th",
    reviewed=False,
    family="Noto Sans Thai",
    title="หนังสือรับรองพยานหลักฐานดิจิทัล",
    note=(
        "คำแปลนี้ยังไม่ได้รับการตรวจทานโดยนักกฎหมาย ให้ถือฉบับภาษาอังกฤษเป็นหลัก "
        "(This translation has not been reviewed; the English certificate counts.)"
    ),
    labels={
        "package": "ชุดพยานหลักฐาน",
        "made": "จัดทำเมื่อ (UTC)",
        "sender": "ส่งมอบโดย",
        "recipient": "ส่งมอบให้",
        "fingerprint": "ลายนิ้วมือกุญแจ",
        "request": "ตอบคำร้องขอ (SHA-256)",
        "authority": "อำนาจตาม",
        "reason": "เหตุผล",
        "number": "วัตถุพยาน",
        "description": "รายละเอียด",
        "file": "ไฟล์",
        "size": "ขนาด (ไบต์)",
        "when": "เวลา (UTC)",
        "action": "เหตุการณ์",
        "who": "โดย",
        "why": "เหตุผลและอำนาจ",
        "restrictions": "ข้อจำกัดการใช้",
    },
    self_recipient="หน่วยงานเก็บรักษาไว้เอง",
    nothing="ไม่มี",
    what="สิ่งที่อยู่ในชุดพยานหลักฐานนี้",
    what_text=(
        "วัตถุพยานแต่ละชิ้นคือไฟล์หนึ่งไฟล์ ค่า SHA-256 คือตัวเลขที่คำนวณจากทุกไบต์ของไฟล์ "
        "หากไบต์ใดเปลี่ยนไปแม้เพียงไบต์เดียว ตัวเลขนี้จะเปลี่ยนไปด้วย"
    ),
    custody="ใครครอบครอง และเมื่อใด",
    custody_text=(
        "ทุกเหตุการณ์ลงลายมือชื่อดิจิทัลโดยหน่วยงานที่ระบุชื่อ และบันทึกในบัญชีแยกประเภทของหน่วยงานนั้นเมื่อเกิดเหตุการณ์ "
        "บุคคลระบุด้วยนามแฝง หน่วยงานสามารถแจ้งได้ว่าเป็นผู้ใด"
    ),
    person="บุคคล {person}",
    actions={
        Action.IDENTIFIED: "พบว่ามีความสำคัญ",
        Action.COLLECTED: "เก็บรวบรวม",
        Action.ACQUIRED: "คัดลอกข้อมูลและคำนวณค่าตัวเลข",
        Action.SEALED: "รับเป็นพยานหลักฐาน และไม่เปลี่ยนแปลงนับแต่นั้น",
        Action.TRANSFERRED: "ส่งมอบ",
        Action.RECEIVED: "รับมอบ",
        Action.ACCESSED: "เปิดอ่าน",
        Action.COPIED: "ทำสำเนา",
        Action.ANALYSED: "วิเคราะห์",
        Action.REDACTED: "ปกปิดบางส่วนในสำเนา",
        Action.RELEASED: "ไม่ยึดถือเป็นพยานหลักฐานอีกต่อไป",
        Action.DESTROYED: "ทำลาย",
    },
    check="วิธีตรวจสอบชุดพยานหลักฐานนี้",
    check_steps=(
        "ด้วยคำสั่งเดียว โดยไม่ต้องใช้เครือข่ายและไม่ต้องมีบัญชีผู้ใช้: "
        "hueandcry verify PACKAGE --policy POLICY คำสั่งนี้ตรวจสอบสิบข้อ และอธิบายความหมายของแต่ละข้อ "
        "การตรวจสอบเดียวกันนี้มีเป็นไฟล์เดียวที่ใช้เพียงโปรแกรม Python",
        "ด้วยตนเอง: คำนวณค่า SHA-256 ของวัตถุพยานด้วยโปรแกรมใดก็ได้ เช่น sha256sum "
        "แล้วเทียบกับตัวเลขที่พิมพ์ไว้ที่นี่และในไฟล์ manifest-sha256.txt",
        "ไฟล์ POLICY เป็นข้อความที่ระบุว่าท่านเชื่อถือใครและกุญแจของผู้นั้น "
        "โปรดขอจากผู้ที่ท่านเชื่อถือ ไม่ใช่จากชุดพยานหลักฐานนี้",
    ),
    proved="สิ่งที่พิสูจน์ได้ เมื่อผ่านการตรวจสอบ",
    proved_points=(
        "วัตถุพยานตรงกันทุกไบต์กับสิ่งที่หน่วยงานข้างต้นลงลายมือชื่อรับรอง",
        "ทุกเหตุการณ์ลงลายมือชื่อโดยหน่วยงานที่ระบุ ไม่มีเหตุการณ์ใดถูกตัดออก เพิ่มเข้า หรือแก้ไข "
        "และทุกเหตุการณ์อยู่ในบัญชีที่ไม่สามารถเขียนใหม่ได้โดยไม่มีผู้รู้เห็น",
        "ทุกเหตุการณ์ถูกบันทึกไม่ช้ากว่าเวลาที่พยานหรือตราประทับเวลาแรกรับรอง "
        "จุดตรวจสอบที่เหตุการณ์อ้างถึงแสดงว่าไม่ได้บันทึกก่อนหน้านั้น",
    ),
    unproved="สิ่งที่ไม่ได้พิสูจน์",
    unproved_points=(
        "เนื้อหาของวัตถุพยานเป็นความจริงหรือไม่ หรือใครเป็นผู้เขียน",
        "สิ่งที่เกิดขึ้นก่อนเหตุการณ์แรกในรายการ",
        "เหตุผล สถานที่ และรายละเอียดถูกต้องหรือไม่ หน่วยงานเป็นผู้แจ้ง",
        "บุคคลธรรมดาคนใดเป็นผู้กระทำ หน่วยงานเป็นผู้รับผิดชอบ",
    ),
    foot="เอกสารนี้เป็นส่วนหนึ่งของชุดพยานหลักฐานและอยู่ภายใต้ลายมือชื่อของชุดนั้น ตัวเอกสารเองไม่ได้ลงลายมือชื่อ",
)

VIETNAMESE: Final = Words(
    language="vi",
    reviewed=False,
    family="Noto Sans",
    title="Giấy chứng nhận chứng cứ điện tử",
    note=(
        "Bản dịch này chưa được luật gia rà soát; bản tiếng Anh có giá trị. "
        "(This translation has not been reviewed; the English certificate counts.)"
    ),
    labels={
        "package": "Gói chứng cứ",
        "made": "Lập lúc (UTC)",
        "sender": "Bên giao",
        "recipient": "Bên nhận",
        "fingerprint": "Dấu vân tay khóa",
        "request": "Trả lời yêu cầu (SHA-256)",
        "authority": "Căn cứ thẩm quyền",
        "reason": "Lý do",
        "number": "Vật chứng",
        "description": "Mô tả",
        "file": "Tệp",
        "size": "Dung lượng (byte)",
        "when": "Thời điểm (UTC)",
        "action": "Sự việc",
        "who": "Do ai",
        "why": "Lý do và thẩm quyền",
        "restrictions": "Hạn chế sử dụng",
    },
    self_recipient="cơ quan tự lưu giữ",
    nothing="không có",
    what="Nội dung của gói này",
    what_text=(
        "Mỗi vật chứng là một tệp. SHA-256 là con số tính từ từng byte của tệp: chỉ cần một byte "
        "khác đi thì con số cũng khác."
    ),
    custody="Ai đã giữ, và khi nào",
    custody_text=(
        "Mỗi sự việc do cơ quan nêu tên ký và ghi vào sổ cái của cơ quan đó khi xảy ra. Cá nhân "
        "được nêu bằng bí danh; cơ quan có thể cho biết đó là ai."
    ),
    person="cá nhân {person}",
    actions={
        Action.IDENTIFIED: "được xác định là có ý nghĩa",
        Action.COLLECTED: "được thu thập",
        Action.ACQUIRED: "dữ liệu được sao chép và tính số",
        Action.SEALED: "được nhận làm chứng cứ; không đổi từ đó",
        Action.TRANSFERRED: "được giao",
        Action.RECEIVED: "được nhận",
        Action.ACCESSED: "được đọc",
        Action.COPIED: "được sao",
        Action.ANALYSED: "được phân tích",
        Action.REDACTED: "che một phần trong bản sao",
        Action.RELEASED: "không còn giữ làm chứng cứ",
        Action.DESTROYED: "bị tiêu hủy",
    },
    check="Cách kiểm tra gói này",
    check_steps=(
        "Bằng một lệnh, không cần mạng và không cần tài khoản: "
        "hueandcry verify PACKAGE --policy POLICY. Lệnh thực hiện mười phép kiểm tra có đánh số và "
        "nêu ý nghĩa của từng phép. Các phép này cũng có dưới dạng một tệp chỉ cần Python.",
        "Bằng tay: tính SHA-256 của vật chứng bằng bất kỳ chương trình nào, như sha256sum, rồi so "
        "với con số in ở đây và trong manifest-sha256.txt.",
        "POLICY là văn bản nêu quý vị tin ai và khóa của họ. Hãy lấy văn bản đó từ người mà quý vị "
        "tin, không lấy cùng gói này.",
    ),
    proved="Điều được chứng minh khi các phép kiểm tra đạt",
    proved_points=(
        "Các vật chứng giống từng byte với những gì cơ quan nêu trên đã ký.",
        "Mỗi sự việc do cơ quan được nêu ký; không sự việc nào bị bỏ, thêm hay sửa; mỗi sự việc "
        "nằm trong sổ cái không thể viết lại mà không ai biết.",
        "Mỗi sự việc được ghi không muộn hơn nhân chứng hoặc dấu thời gian đầu tiên bao gồm nó. "
        "Điểm kiểm tra mà sự việc nêu ra cho thấy nó không được ghi sớm hơn.",
    ),
    unproved="Điều không được chứng minh",
    unproved_points=(
        "Nội dung vật chứng có đúng sự thật không, hoặc ai viết ra.",
        "Điều đã xảy ra trước sự việc đầu tiên trong danh sách.",
        "Lý do, địa điểm và mô tả có đúng không: cơ quan tự khai.",
        "Cá nhân nào đã hành động: cơ quan chịu trách nhiệm về điều đó.",
    ),
    foot=(
        "Tờ này là một phần của gói và được chữ ký của gói bao gồm. Bản thân tờ này không được ký."
    ),
)

LANGUAGES: Final[Mapping[str, Words]] = {w.language: w for w in (ENGLISH, THAI, VIETNAMESE)}

#: The language of a member's courts, by country, as far as there is a certificate in it.
OF_COUNTRY: Final[Mapping[str, str]] = {"TH": "th", "VN": "vi"}
