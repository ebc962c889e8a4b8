"""When something happened, from words next to the time the message came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.reading.moment import Moment, when
from tips.reading.text import prepare
from tips.reading.timewords import known_languages

WEDNESDAY = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)


def said(text: str, language: str, *, now: datetime = WEDNESDAY, timezone: str = "UTC") -> Moment | None:
    return when(prepare(text), (language,), received_at=now, timezone=timezone)


@pytest.mark.parametrize(
    ("language", "text", "day_and_time"),
    [
        ("en", "they unloaded it last night around 11", "19 23:00"),
        ("en", "saw them 2 hours ago at the pier", "20 13:30"),
        ("en", "on monday at 3 pm", "18 15:00"),
        ("en", "half an hour ago", "20 15:00"),
        ("en", "boxes going in right now", "20 15:30"),
        ("es", "anoche a las 2 bajaron cajas", "20 02:00"),
        ("es", "hace una hora pasó la camioneta", "20 14:30"),
        ("fr", "hier soir vers 22h", "19 22:00"),
        ("fr", "il y a deux heures", "20 13:30"),
        ("fr", "dans la nuit d'hier", "19 22:00"),
        ("pt", "ontem à noite", "19 22:00"),
        ("bn", "kalke rate 11 tar dike namaise", "19 23:00"),
        ("hi", "kal rat ko 11 baje utara", "19 23:00"),
        ("ms", "smalam malam tadi pukul 11 dorang punggah", "19 23:00"),
        ("zh", "昨晚十点卸货", "19 22:00"),
        ("zh", "两小时前", "20 13:30"),
        ("zh", "前天下午三点", "18 15:00"),
        ("th", "เมื่อคืนตีสองมีเรือมา", "20 02:00"),
        ("my", "မနေ့ည", "19 22:00"),
        ("vi", "đêm qua lúc 2 giờ sáng", "20 02:00"),
        ("vi", "cách đây 2 tiếng", "20 13:30"),
        ("sw", "jana usiku saa tatu", "19 21:00"),
        ("ar", "البارحة بالليل", "19 22:00"),
        ("ar", "قبل ساعتين", "20 13:30"),
        ("ar", "مبارح الساعة وحدة بالليل", "20 01:00"),
        ("ar", "الساعة الحادية عشرة ليلا امس", "19 23:00"),
        ("ru", "вчера ночью в два часа", "20 02:00"),
        ("ru", "2 часа назад", "20 13:30"),
        ("ru", "в пятницу утром", "15 08:00"),
        ("th", "เมื่อคืน 3 ทุ่ม", "19 21:00"),
        ("th", "เมื่อคืนตี 2", "20 02:00"),
        ("th", "เมื่อวาน 6 โมงเย็น", "19 18:00"),
        ("lo", "ເມື່ອຄືນຕີ 2", "20 02:00"),
        ("km", "២ ម៉ោងមុន", "20 13:30"),
        ("my", "မနေ့ညနေ ၅ နာရီ", "19 17:00"),
        ("my", "ည ၂ နာရီ ကူးတို့ဆိပ်မှာ", "20 02:00"),
        ("my", "လွန်ခဲ့တဲ့ ၂ နာရီ", "20 13:30"),
        ("tr", "dün gece saat 2", "20 02:00"),
        ("tr", "iki saat önce", "20 13:30"),
        ("id", "tadi malam jam 2", "20 02:00"),
        ("id", "dua jam lalu", "20 13:30"),
        ("ms", "malam tadi pukul 11", "19 23:00"),
        ("hi", "कल रात 2 बजे", "20 02:00"),
        ("hi", "do ghante pehle dekha", "20 13:30"),
        ("ur", "کل رات", "19 22:00"),
        ("ur", "دو گھنٹے پہلے", "20 13:30"),
        ("ur", "کل شام", "19 19:00"),
        ("ur", "kal raat 11 baje", "19 23:00"),
        ("bn", "গতকাল রাতে", "19 22:00"),
        ("bn", "২ ঘণ্টা আগে", "20 13:30"),
        ("lo", "ເມື່ອຄືນນີ້", "19 22:00"),
        ("lo", "2 ຊົ່ວໂມງກ່ອນ", "20 13:30"),
        ("km", "យប់មិញ", "19 22:00"),
        ("km", "ថ្ងៃនេះ ម៉ោង 3 រសៀល", "20 15:00"),
    ],
)
def test_words_name_a_day_and_an_hour(language: str, text: str, day_and_time: str) -> None:
    moment = said(text, language)
    assert moment is not None
    assert moment.at.strftime("%d %H:%M") == day_and_time


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "every night trucks come"),
        ("en", "they will load tomorrow"),
        ("en", "3 boxes and 20 sacks"),
        ("es", "cada noche pasan"),
        ("ru", "каждую ночь возят"),
        ("id", "setiap malam ada truk"),
        ("th", "ทุกคืนมีเรือ"),
        ("zh", "明天他们会来"),
    ],
)
def test_habit_and_announcement_name_no_time(language: str, text: str) -> None:
    assert said(text, language) is None


def test_day_is_understood_in_the_towns_own_time() -> None:
    after_midnight_in_bangkok = datetime(2026, 5, 20, 18, 0, tzinfo=UTC)
    moment = said("yesterday at 9 pm", "en", now=after_midnight_in_bangkok, timezone="Asia/Bangkok")
    assert moment is not None
    assert moment.at == datetime(2026, 5, 20, 14, 0, tzinfo=UTC)


def test_words_are_kept_as_they_were_written() -> None:
    moment = said("Boat came Last Night with sacks", "en")
    assert moment is not None
    assert moment.words == "Last Night"


def test_unknown_timezone_falls_back_to_utc() -> None:
    assert said("last night", "en", timezone="Nowhere/Land") == said("last night", "en")


@given(st.text(max_size=120), st.sampled_from(sorted(known_languages())))
def test_time_read_is_never_ahead_of_the_message(text: str, language: str) -> None:
    moment = said(f"{text} last night 2 hours ago {text}", language)
    assert moment is None or (moment.at - WEDNESDAY).total_seconds() <= 20 * 60
