"""Banks by the names that people write, in the ten languages, with their BIC of eight characters.

The codes have the form of ISO 9362. They were written down from general knowledge of what banks
publish for payments from abroad, not copied from its directory, and nobody has compared them with
it: a bank about whose code there was doubt is left out. Names that banks of several markets share
are told apart by the market.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

_ROWS: dict[str, dict[str, str]] = {
    "TH": {
        "KASITHBK": "กสิกรไทย|กสิกร|kasikornbank|kasikorn|kbank|k-bank|开泰银行",
        "SICOTHBK": "ไทยพาณิชย์|siam commercial|scb|เอสซีบี|汇商银行",
        "BKKBTHBK": "ธนาคารกรุงเทพ|ธ.กรุงเทพ|แบงก์กรุงเทพ|บัวหลวง|bangkok bank|bbl|盘谷银行",
        "KRTHTHBK": "กรุงไทย|krungthai|krung thai|ktb|泰京银行",
        "AYUDTHBK": "กรุงศรีอยุธยา|กรุงศรี|krungsri|bay bank|ธ.bay|大城银行",
        "TMBKTHBK": "ทหารไทยธนชาต|ทีทีบี|ทหารไทย|ธนชาต|ttb|tmb",
        "GSBATHBK": "ออมสิน|gsb|government savings",
        "BAABTHBK": "ธ.ก.ส.|ธ.ก.ส|ธกส|baac",
        "UOVBTHBK": "ยูโอบี|uob",
        "UBOBTHBK": "ซีไอเอ็มบีไทย|ซีไอเอ็มบี|cimb thai|cimb",
    },
    "VN": {
        "BFTVVNVX": "vietcombank|vcb|ngoại thương|ngoai thuong",
        "ICBVVNVX": "vietinbank|viettinbank|vietin|công thương|ctg",
        "BIDVVNVX": "bidv",
        "VBAAVNVX": "agribank|agri bank|nông nghiệp",
        "VTCBVNVX": "techcombank|techcom|tcb|kỹ thương",
        "MSCBVNVX": "mb bank|mbbank|mb|quân đội|quan doi",
        "ASCBVNVX": "acb|á châu",
        "VPBKVNVX": "vpbank|vp bank",
        "TPBVVNVX": "tpbank|tp bank|tiên phong",
        "SGTTVNVX": "sacombank|sacom|stb",
        "HDBCVNVX": "hdbank|hd bank",
        "VNIBVNVX": "vib",
        "SHBAVNVX": "shb",
        "EBVIVNVX": "eximbank",
        "MCOBVNVX": "msb|maritime bank",
        "SEAVVNVX": "seabank",
        "ORCOVNVX": "ocb|phương đông",
        "LVBKVNVX": "lpbank|lienvietpostbank|liên việt",
        "NAMAVNVX": "nam a bank|nam á",
        "ABBKVNVX": "abbank|an bình",
        "KLBKVNVX": "kienlongbank",
    },
    "ID": {
        "CENAIDJA": "bca|bank central asia",
        "BRINIDJA": "bri|bank rakyat indonesia",
        "BMRIIDJA": "mandiri",
        "BNINIDJA": "bni|bank negara indonesia",
        "BSMDIDJA": "bsi|bank syariah indonesia",
        "BTANIDJA": "btn|bank tabungan negara",
        "BNIAIDJA": "cimb niaga|niaga|cimb",
        "BBBAIDJA": "permata",
        "BDINIDJA": "danamon",
        "IBBKIDJA": "maybank indonesia|maybank",
        "MEGAIDJA": "bank mega",
        "PINBIDJA": "panin",
        "NISPIDJA": "ocbc nisp|nisp|ocbc",
    },
    "MY": {
        "MBBEMYKL": "maybank|malayan banking|maybank2u|mbb|马来亚银行",
        "CIBBMYKL": "cimb bank|cimb|联昌银行",
        "PBBEMYKL": "public bank|pbb|大众银行",
        "RHBBMYKL": "rhb",
        "HLBBMYKL": "hong leong|hlb|丰隆银行",
        "ARBKMYKL": "ambank",
        "BIMBMYKL": "bank islam",
        "BKRMMYKL": "bank rakyat",
        "BSNAMYK1": "bsn|bank simpanan nasional",
        "PHBMMYKL": "affin",
        "MFBBMYKL": "alliance bank",
        "BMMBMYKL": "bank muamalat",
        "UOVBMYKL": "uob",
        "OCBCMYKL": "ocbc",
        "HBMBMYKL": "hsbc",
    },
    "PH": {
        "BNORPHMM": "bdo|banco de oro",
        "BOPIPHMM": "bpi|bank of the philippine islands",
        "MBTCPHMM": "metrobank",
        "TLBPPHMM": "landbank|land bank|lbp",
        "PNBMPHMM": "pnb|philippine national bank",
        "CHBKPHMM": "chinabank|china bank",
        "RCBCPHMM": "rcbc",
        "SETCPHMM": "security bank",
        "UBPHPHMM": "unionbank|union bank",
        "EWBCPHMM": "eastwest",
        "DBPHPHMM": "dbp",
    },
    "SG": {
        "DBSSSGSG": "dbs|posb|星展",
        "OCBCSGSG": "ocbc|华侨银行",
        "UOVBSGSG": "uob|大华银行",
        "SCBLSG22": "standard chartered|渣打",
    },
    "KH": {
        "ABAAKHPP": "aba bank|aba|អេប៊ីអេ",
        "ACLBKHPP": "acleda|អេស៊ីលីដា|អេស៊ីលីដា",
        "CADIKHPP": "canadia|កាណាឌីយ៉ា",
        "WIGCKHPP": "wing bank|wing|វីង",
    },
    "LA": {
        "COEBLALA": "bcel|ການຄ້າຕ່າງປະເທດ|ທຄຕລ",
    },
    "MM": {
        "KBZBMMMY": "kbz|kanbawza|ကမ္ဘောဇ",
        "AYABMMMY": "aya bank|aya|ဧရာဝတီ",
        "CPOBMMMY": "cb bank|သမဝါယမဘဏ်",
        "YOMAMMMY": "yoma bank|yoma|ရိုးမ",
    },
    "HK": {
        "HSBCHKHH": "hsbc|滙豐|汇丰",
        "HASEHKHH": "hang seng|恒生",
        "BKCHHKHH": "bank of china (hong kong)|bochk|中銀香港|中银香港",
        "SCBLHKHH": "standard chartered|渣打",
        "BEASHKHH": "bank of east asia|bea|東亞銀行|东亚银行",
        "DHBKHKHH": "dbs|星展",
    },
    "CN": {
        "ICBKCNBJ": "工商银行|工行|icbc",
        "PCBCCNBJ": "建设银行|建行|ccb",
        "ABOCCNBJ": "农业银行|农行",
        "BKCHCNBJ": "中国银行|中行",
        "COMMCNSH": "交通银行|交行",
        "CMBCCNBS": "招商银行|招行",
        "PSBCCNBJ": "邮储银行|邮政储蓄|邮储",
        "CIBKCNBJ": "中信银行",
        "MSBCCNBJ": "民生银行",
        "SPDBCNSH": "浦发银行",
        "FJIBCNBA": "兴业银行",
        "SZDBCNBS": "平安银行",
    },
}


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: the BIC, cut to eight characters as core.normal cuts it, and its market."""

    bic: str
    market: str


def _by_name() -> dict[str, tuple[Bank, ...]]:
    found: dict[str, list[Bank]] = defaultdict(list)
    for market, banks in _ROWS.items():
        for bic, names in banks.items():
            for name in names.split("|"):
                found[name].append(Bank(bic, market))
    return {name: tuple(banks) for name, banks in found.items()}


#: Banks by name, in lower case; several where banks of several markets share it.
NAMES = _by_name()


def bank_of(name: str, market: str | None) -> Bank | None:
    """The bank that `name` is in `market`, or anywhere if only one has it; None where unclear."""
    banks = NAMES.get(name.lower(), ())
    if len(banks) == 1:
        return banks[0]
    return next((bank for bank in banks if bank.market == market), None)
