"""Every language says the same things, in one segment, without a word that gives the sender away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.wording import (
    FALLBACK,
    LOCALES,
    PLURAL_CATEGORIES,
    available,
    choose,
    offered,
    plural,
    read_catalogue,
    wording,
)

# 3GPP TS 23.038, the default alphabet; characters of the extension table take two places
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
LONGEST_VALUES = {
    "code": "482177-1234",
    "secret": "4821-7733-9021",
    "voucher": "K7Q2-M4XW-9TRB-5",
    "text": "",
}
# crime, money, authorities: what a stranger who sees the phone must not read
BANNED = {
    "en": "crime police smuggl traffick drug reward money cash paid officer agency customs report informant",
    "es": "crimen delito polic contraband tráfico droga recompensa dinero pago agente aduana denuncia prueba",
    "fr": "crime délit police contreband trafic drogue récompense argent paie agent douane dénonc preuve",
    "th": "อาชญากรรม ตำรวจ ลักลอบ ยาเสพติด รางวัล เงิน เจ้าหน้าที่ ศุลกากร แจ้งเบาะแส หลักฐาน",
    "my": "ရာဇဝတ် ရဲ မှောင်ခို မူးယစ် ဆုငွေ ငွေ အရာရှိ အကောက်ခွန် သတင်းပေး သက်သေ",
    "zh": "犯罪 警 走私 贩 毒 奖 钱 款 官员 海关 举报 线人 证据",
    "vi": "tội|cảnh sát|công an|buôn lậu|ma túy|thưởng|tiền|hải quan|tố giác|chứng cứ",
    "ar": "جريمة شرطة تهريب مخدر مكافأة مال نقود ضابط جمارك بلاغ مخبر دليل",
}


def banned_in(lang: str) -> list[str]:
    words = BANNED[lang]
    return words.split("|" if "|" in words else " ")


def texts_of(table: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(table, str):
        yield path, table
    elif isinstance(table, dict):
        for key, value in table.items():
            yield from texts_of(value, f"{path}.{key}" if path else key)


def catalogue(lang: str) -> dict[str, str]:
    """Return every text by its path; the forms of a plural stand side by side under one path."""
    found: dict[str, str] = {}
    for path, text in texts_of(read_catalogue(LOCALES / f"{lang}.toml")):
        head, _, last = path.rpartition(".")
        found[head if last in PLURAL_CATEGORIES else path] = text
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_languages_of_the_towns_have_a_catalogue():
    assert {"ar", "en", "es", "fr", "my", "th", "vi", "zh"} <= set(available())


@pytest.mark.parametrize("lang", available())
def test_a_catalogue_has_every_text_and_no_other(lang):
    assert set(catalogue(lang)) == set(catalogue(FALLBACK))


@pytest.mark.parametrize("lang", available())
def test_a_translation_keeps_the_placeholders(lang):
    english = catalogue(FALLBACK)
    for path, text in texts_of(read_catalogue(LOCALES / f"{lang}.toml")):
        head, _, last = path.rpartition(".")
        key = head if last in PLURAL_CATEGORIES else path
        assert placeholders(text) == placeholders(english[key]), path


@pytest.mark.parametrize("lang", available())
def test_no_text_is_empty_or_padded_or_carries_markup(lang):
    for path, text in catalogue(lang).items():
        assert text, path
        assert text == text.strip(), path
        assert not re.search(r"[<>&]", text), path


@pytest.mark.parametrize("lang", available())
def test_an_sms_fits_one_segment_with_the_longest_code(lang):
    for path, text in catalogue(lang).items():
        if path.startswith("sms."):
            body = text.format_map(LONGEST_VALUES)
            limit = 160 if set(body) <= GSM_7 else 70
            units = len(body.encode("utf-16-le")) // 2
            assert units <= limit, f"{path}: {units} of {limit}: {body}"


@pytest.mark.parametrize("lang", available())
def test_an_sms_names_no_crime_no_money_and_no_authority(lang):
    banned = banned_in(lang)
    for path, text in catalogue(lang).items():
        if path.startswith("sms."):
            plain = text.lower()
            assert not [word for word in banned if word in plain], path


@pytest.mark.parametrize("lang", available())
def test_no_page_title_says_what_the_page_is_for(lang):
    banned = banned_in(lang)
    titles = [text.lower() for path, text in catalogue(lang).items() if path.endswith(".title")]
    assert not [word for word in banned for title in titles if word in title]


@pytest.mark.parametrize("lang", available())
@pytest.mark.parametrize("keyword", ["HELP", "STOP", "START", "STATUS"])
def test_the_help_names_the_keywords_as_they_must_be_typed(lang, keyword):
    words = wording(lang)
    assert keyword in words["sms.help"] or keyword == "HELP"


@pytest.mark.parametrize("lang", available())
def test_stop_says_how_to_come_back(lang):
    assert "START" in wording(lang)["sms.stop"]


def test_arabic_reads_from_the_right_and_the_others_from_the_left():
    assert {lang: wording(lang).dir for lang in available() if wording(lang).dir == "rtl"} == {"ar": "rtl"}


def test_a_text_is_filled_with_its_values():
    assert wording("en")("sms.status_closed", code="4821-77") == "4821-77: it is finished. Thank you."


def test_a_missing_value_is_an_error_and_not_a_hole():
    with pytest.raises(KeyError):
        wording("en")("sms.received", name="x")


def test_an_unknown_language_reads_english():
    assert wording("tlh")["report.send"] == "Send"


def test_a_region_or_script_of_a_language_is_that_language():
    assert wording("zh-Hant-TW").lang == "zh"
    assert wording("es_MX").lang == "es"


def test_an_unknown_text_is_an_error():
    with pytest.raises(KeyError):
        wording("en")("report.nothing")
    assert not wording("en").has("report.nothing")


def test_values_from_outside_are_not_read_as_placeholders():
    assert wording("en")("sms.question", code="4821-77", text="{secret}") == "4821-77: {secret}"


def test_english_counts_one_and_many():
    words = wording("en")
    assert [words("status.answers", count=number) for number in (0, 1, 2)] == [
        "0 answers",
        "1 answer",
        "2 answers",
    ]


@pytest.mark.parametrize(
    ("count", "category"),
    [
        (0, "zero"),
        (1, "one"),
        (2, "two"),
        (3, "few"),
        (10, "few"),
        (11, "many"),
        (99, "many"),
        (100, "other"),
        (103, "few"),
        (111, "many"),
        (102, "other"),
    ],
)
def test_arabic_has_six_plural_forms(count, category):
    assert plural("ar", count) == category


def test_french_uses_the_singular_for_none():
    assert (plural("fr", 0), plural("fr", 1), plural("fr", 2)) == ("one", "one", "other")


@pytest.mark.parametrize("lang", available())
@given(count=st.integers(min_value=0, max_value=10**6))
def test_every_count_has_words(lang, count):
    assert str(count) in wording(lang)("status.answers", count=count)


def test_plural_forms_need_a_number():
    with pytest.raises(TypeError):
        wording("en")("status.answers", count="many")


def test_the_languages_of_the_town_come_first_and_english_always():
    assert offered(["th", "my", "lo"]) == (("th", "ไทย"), ("my", "မြန်မာ"), ("en", "English"))


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        ("my", "th", "my"),
        (None, "zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        (None, "de-DE,de;q=0.9", "th"),
        ("../../etc", "", "th"),
        (None, "", "th"),
        (None, "xx;q=;;,,*", "th"),
    ],
)
def test_the_page_comes_in_the_language_of_its_reader(asked, header, expected):
    assert choose(asked, header, ["th", "en"]) == expected
