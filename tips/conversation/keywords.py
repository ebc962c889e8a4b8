"""Recognise the keywords of the SMS conversation. Pure.

A keyword counts only where it is the whole message: "stop the truck" is a tip. Words that carriers reserve
(https://help.twilio.com/articles/223134027) are honoured in English whatever the language of the town.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.codes import read_digits, read_secret, read_tip_code

LONGEST_COMMAND = 60
SECRET_DIGITS = 12


class Ask(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    STATUS = "status"
    KEY = "key"
    CLAIM = "claim"
    GOT = "got"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Command:
    """A keyword with what came after it; `code` is None where none was given or its check digit is wrong.

    `language` is that of a keyword which only one of our languages has, else None.
    """

    ask: Ask
    code: str | None = None
    secret: str | None = None
    language: str | None = field(default=None, compare=False)


WHOLE: dict[Ask, tuple[str, ...]] = {
    Ask.STOP: (
        "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
        "alto", "parar", "baja", "arret", "arreter", "pare", "sair", "停止", "退订", "หยุด", "ยกเลิก", "ရပ်", "ရပ်ပါ",
        "dung", "ngung", "berhenti", "acha", "توقف", "قف", "стоп", "dur", "بند", "रोकें", "বন্ধ", "ຢຸດ", "ឈប់",
    ),
    Ask.START: (
        "start", "unstop", "optin", "opt in", "inicio", "iniciar", "alta", "debut", "comecar", "开始", "เริ่ม", "စတင်", "စပါ",
        "bat dau", "batdau", "mula", "mulai", "anza", "ابدأ", "ابدا", "старт", "basla", "شروع", "शुरू", "শুরু", "ເລີ່ມ", "ចាប់ផ្តើម",
    ),
    Ask.HELP: (
        "help", "info", "?", "ayuda", "aide", "ajuda", "帮助", "幫助", "ช่วยด้วยวิธีใช้", "ช่วยเหลือ", "วิธีใช้", "အကူအညီ", "tro giup",
        "trogiup", "bantuan", "msaada", "مساعدة", "помощь", "yardim", "مدد", "मदद", "সাহায্য", "ຊ່ວຍເຫຼືອ", "ជំនួយ",
    ),
}  # fmt: skip
WITH_CODE: dict[Ask, tuple[str, ...]] = {
    Ask.STATUS: (
        "status", "estado", "statut", "状态", "查询", "สถานะ", "အခြေအနေ", "trang thai", "hali", "حالة", "статус", "durum",
        "حالت", "स्थिति", "অবস্থা", "ສະຖານະ", "ស្ថានភាព",
    ),
    Ask.KEY: (
        "key", "clave", "cle", "chave", "密钥", "密码", "รหัส", "သော့", "khoa", "kunci", "ufunguo", "مفتاح", "ключ", "anahtar",
        "کلید", "कुंजी", "চাবি",
    ),
    Ask.CLAIM: ("claim", "cobro", "cobrar", "reclamar", "领取", "เบิก", "ထုတ်ယူ", "nhan", "tuntut", "dai", "استلام", "получить"),
    Ask.GOT: (
        "got", "recibi", "recibido", "recu", "j'ai recu", "recebi", "已收到", "收到了", "ได้รับแล้ว", "ရရှိပြီ", "da nhan", "đa nhan",
        "terima", "diterima", "nimepata", "استلمت", "получил", "получила", "aldim",
        "مل گیا", "मिला", "পেয়েছি", "ໄດ້ຮັບແລ້ວ", "បានទទួល",
    ),
    Ask.NOT: (
        "not", "no recibi", "pas recu", "nao recebi", "没收到", "未收到", "ไม่ได้รับ", "မရရှိ", "chua nhan", "belum terima",
        "sijapata", "لم استلم", "لم أستلم", "не получил", "не получила", "almadim", "نہیں ملا",
        "नहीं मिला", "পাইনি", "ບໍ່ໄດ້ຮັບ", "មិនបានទទួល",
    ),
}  # fmt: skip

SPOKEN: dict[str, tuple[str, ...]] = {
    "ar": ("توقف", "قف", "ابدأ", "ابدا", "مساعدة", "حالة", "مفتاح", "استلام", "استلمت", "لم استلم", "لم أستلم"),
    "es": (
        "alto", "baja", "inicio", "iniciar", "alta", "ayuda", "estado", "clave", "cobro", "cobrar", "reclamar", "recibi",
        "recibido", "no recibi",
    ),
    "fr": ("arret", "arreter", "debut", "aide", "statut", "cle", "recu", "j'ai recu", "pas recu"),
    "my": ("ရပ်", "ရပ်ပါ", "စတင်", "စပါ", "အကူအညီ", "အခြေအနေ", "သော့", "ထုတ်ယူ", "ရရှိပြီ", "မရရှိ"),
    "th": ("หยุด", "ยกเลิก", "เริ่ม", "ช่วยด้วยวิธีใช้", "ช่วยเหลือ", "วิธีใช้", "สถานะ", "รหัส", "เบิก", "ได้รับแล้ว", "ไม่ได้รับ"),
    "vi": (
        "dung", "ngung", "bat dau", "batdau", "tro giup", "trogiup", "trang thai", "khoa", "nhan", "da nhan", "đa nhan",
        "chua nhan",
    ),
    "zh": (
        "停止", "退订", "开始", "帮助", "幫助", "状态", "查询", "密钥", "密码", "领取", "已收到", "收到了", "没收到",
        "未收到",
    ),
}  # fmt: skip


def fold(text: str) -> str:
    """Bring a short message to the form in which keywords are compared: no case, no marks over Latin letters, no final stop."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(mark for mark in decomposed if not (unicodedata.combining(mark) and ord(mark) < 0x0370))
    return unicodedata.normalize("NFC", " ".join(plain.split())).strip(
        " .!,;:\"'\N{IDEOGRAPHIC FULL STOP}\u200b\ufeff"
    )


_WHOLE = {fold(word): ask for ask, words in WHOLE.items() for word in words}
_WITH_CODE = sorted(
    ((fold(word), ask) for ask, words in WITH_CODE.items() for word in words), key=lambda item: -len(item[0])
)
_LANGUAGES = {fold(word): language for language, words in SPOKEN.items() for word in words}


def read_command(text: str) -> Command | None:
    """Return the command that a message is, or None for everything that is not one."""
    if len(text) > LONGEST_COMMAND:
        return None
    folded = fold(text)
    if folded in _WHOLE:
        return Command(_WHOLE[folded], language=_LANGUAGES.get(folded))
    for word, ask in _WITH_CODE:
        if folded.startswith(word):
            command = _with_code(ask, folded.removeprefix(word).strip(" :#=-"))
            return replace(command, language=_LANGUAGES.get(word)) if command else None
    return None


def _with_code(ask: Ask, rest: str) -> Command | None:
    digits = read_digits(rest)
    if digits is None:
        return Command(ask) if not rest else None
    if ask in (Ask.CLAIM, Ask.GOT, Ask.NOT) and len(digits) > SECRET_DIGITS:
        return Command(ask, read_tip_code(digits[:-SECRET_DIGITS]), read_secret(digits[-SECRET_DIGITS:]))
    if ask is Ask.CLAIM:
        return Command(ask)
    return Command(ask, read_tip_code(digits))
