"""A message is read whole: language, category, noise and concepts, in every language of a border."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.facts import CATEGORIES
from tips.reading.reader import Reading, read
from tips.reading.text import MAX_CHARS, prepare

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)


def reading(
    text: str, languages: Sequence[str], *, located: bool = False, has_observables: bool = False
) -> Reading:
    return read(
        text,
        languages=languages,
        located=located,
        has_observables=has_observables,
        known_sender=False,
        received_at=NOW,
        timezone="UTC",
    )


@pytest.mark.parametrize(
    ("language", "category", "text"),
    [
        ("en", "fuel", "blue tanker selling diesel from drums behind the ferry ramp"),
        ("en", "weapons", "two rifles and ammo boxes carried into the boat house"),
        ("en", "waste", "old tyres and broken televisions dumped in the ravine"),
        ("es", "tobacco", "venden cajetillas de cigarros sin timbre en el puesto verde"),
        ("es", "antiquities", "sacan vasijas antiguas del cerro y las venden a un gringo"),
        ("fr", "drugs", "des jeunes vendent du cannabis et des comprimés derrière la gare"),
        ("fr", "food", "viande avariée vendue sans facture au marché"),
        ("pt", "minerals", "garimpo com mercúrio no rio, tiram ouro de noite"),
        ("zh", "timber", "山上有人偷砍红木，卡车半夜运走"),
        ("zh", "currency", "市场口有人用假钞换美元"),
        ("th", "drugs", "มีคนขายยาบ้าหลังโรงเรียนทุกเย็น"),
        ("my", "timber", "ကျွန်းသစ်တုံးတွေ ညဘက် ကားနဲ့ တင်သွားတယ်"),
        ("vi", "wildlife", "nhà hàng ven sông bán tê tê và rùa sống"),
        ("lo", "timber", "ລົດສິບລໍ້ຂົນໄມ້ທ່ອນອອກຈາກປ່າ ບໍ່ມີເອກະສານ"),
        ("lo", "drugs", "ມີຄົນເອົາຢາບ້າມາຂາຍຢູ່ຄິວລົດ"),
        ("km", "wildlife", "គេលក់ពង្រូលនិងអណ្តើកនៅផ្សារ"),
        ("km", "fuel", "ទូកដឹកប្រេងម៉ាស៊ូតរត់ពន្ធឆ្លងទន្លេ"),
        ("id", "wildlife", "ada yang jual kukang dan burung nuri lewat facebook"),
        ("id", "waste", "truk buang limbah kimia ke sungai belakang pabrik"),
        ("ms", "tobacco", "kedai ini jual rokok seludup tanpa cukai"),
        ("sw", "timber", "wanakata miti ya mkaa msituni na kupakia magogo"),
        ("ar", "weapons", "رجال ينزلون صناديق سلاح وذخيرة من شاحنة"),
        ("ar", "tobacco", "يبيعون سجائر مهربة في الدكان"),
        ("ru", "drugs", "парень раскладывает закладки с гашишем у гаражей"),
        ("ru", "minerals", "моют золото драгой на ручье и ртуть сливают"),
        ("tr", "antiquities", "kaçak kazı yapıp sikke ve heykel çıkarıyorlar"),
        ("tr", "tobacco", "depoda bandrolsüz sigara kolileri var"),
        ("ur", "fuel", "ایرانی ڈیزل گودام میں اتار رہے ہیں"),
        ("ur", "drugs", "دو آدمی چرس اور ہیروئن بیچ رہے ہیں"),
        ("hi", "minerals", "नदी से रात को बालू का अवैध खनन हो रहा है"),
        ("hi", "weapons", "मकान में तमंचे और कारतूस छिपाकर रखे हैं"),
        ("bn", "food", "সীমান্ত দিয়ে গরু পাচার করছে রাতে"),
        ("bn", "drugs", "দোকানে ফেনসিডিল বিক্রি হচ্ছে"),
    ],
)
def test_tip_is_read_in_its_language_and_category(language: str, category: str, text: str) -> None:
    found = reading(text, [language, "en"], located=True)
    assert not found.is_noise
    assert (found.language, found.category) == (language, category)


@pytest.mark.parametrize(
    ("language", "reason", "text"),
    [
        ("en", "bare_reply", "ok"),
        ("en", "greeting", "good morning sir"),
        ("en", "wrong_number", "wrong number, who is this"),
        ("en", "advert", "instant loan no collateral, apply now http://loan.example"),
        ("en", "reward_question", "how much do you pay for information?"),
        ("en", "test", "test test 123"),
        ("es", "service_complaint", "no hay luz en mi calle desde ayer, cuando arreglan"),
        ("es", "thanks", "muchas gracias"),
        ("fr", "wrong_number", "pardon, mauvais numéro"),
        ("pt", "greeting", "bom dia, tudo bem?"),
        ("zh", "reward_question", "举报有多少奖金？"),
        ("th", "greeting", "สวัสดีครับ"),
        ("vi", "wrong_number", "xin lỗi nhầm số"),
        ("lo", "thanks", "ຂອບໃຈຫຼາຍໆ"),
        ("km", "greeting", "សួស្តី"),
        ("id", "wrong_number", "maaf salah sambung"),
        ("id", "advert", "pinjaman online cepat cair, bunga rendah, hubungi kami"),
        ("ms", "reward_question", "berapa imbalan kalau beri maklumat?"),
        ("sw", "service_complaint", "hakuna umeme mtaani tangu jana"),
        ("ar", "thanks", "شكرا جزيلا"),
        ("ru", "wrong_number", "вы ошиблись номером"),
        ("ru", "advert", "займ без справок за 5 минут, звоните"),
        ("tr", "greeting", "merhaba iyi günler"),
        ("tr", "service_complaint", "iki gündür elektrik yok, su yok"),
        ("ur", "greeting", "السلام علیکم، کیا حال ہے"),
        ("hi", "thanks", "धन्यवाद"),
        ("hi", "reward_question", "कितने पैसे मिलेंगे?"),
        ("bn", "wrong_number", "দুঃখিত, রং নাম্বার"),
    ],
)
def test_message_that_is_no_tip_is_noise_with_its_reason(language: str, reason: str, text: str) -> None:
    found = reading(text, [language, "en"])
    assert found.is_noise
    assert found.noise_reason == reason
    assert found.category is None


@pytest.mark.parametrize(
    ("languages", "language", "concept", "text"),
    [
        (["hi", "en"], "hi", "good.opium", "raat ko nadi ke paas truck se afeem ki bori utar rahe hain"),
        (["ur", "en"], "ur", "good.rifle", "godam mein kalashnikov chupa kar rakhi hain"),
        (["bn", "en"], "bn", "good.turtle", "bazar e kochop bikri korche gopone rate"),
        (["th", "en"], "th", "good.cigarettes", "mee khon khai buri thuean thi talat krap"),
    ],
)
def test_language_of_another_script_is_read_in_latin_letters(
    languages: list[str], language: str, concept: str, text: str
) -> None:
    found = reading(text, languages, located=True)
    assert found.language == language
    assert concept in found.concepts


@pytest.mark.parametrize(
    "text",
    [
        "same red lorry again, same spot",
        "greetings, men are unloading ivory at the pier",
        "ok they load the cigarettes now",
        "volvió la blanca, mismo lugar",
        "thank you, they are unloading now",
        "hola, otra vez la misma camioneta",
    ],
)
def test_short_or_polite_tip_is_not_lost(text: str) -> None:
    assert not reading(text, ["en", "es"], located=True).is_noise


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("th", "สวัสดีค่ะ รถคันเดิมมาอีกแล้ว"),
        ("lo", "ສະບາຍດີ ມີຄົນຂົນເຄື່ອງລົງເຮືອຕອນເດິກ"),
        ("vi", "cảm ơn, giờ nó đang bốc hàng sang ghe"),
        ("zh", "谢谢，他们现在正在卸货"),
        ("my", "ကျေးဇူးတင်ပါတယ် အခု ဂိုဒေါင်ထဲ ထပ်ချနေပြီ"),
        ("km", "សួស្តីបង ឡានដដែលមកទៀតហើយ"),
    ],
)
def test_tip_that_greets_or_thanks_is_not_lost(language: str, text: str) -> None:
    assert not reading(text, [language, "en"]).is_noise


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "good morning, do you sell rice?"), ("th", "สวัสดีค่ะ ขอบคุณมากค่ะ"), ("zh", "你好，谢谢你们")],
)
def test_greeting_that_only_asks_or_thanks_stays_noise(language: str, text: str) -> None:
    assert reading(text, [language, "en"]).is_noise


def test_place_makes_noise_less_likely() -> None:
    text = "please come quickly, something is going on"
    assert (
        reading(text, ["en"], located=True).noise_probability
        < reading(text, ["en"], located=False).noise_probability
    )


def test_event_time_comes_with_its_words() -> None:
    found = reading("last night at 11 a boat landed rice", ["en"])
    assert found.event_at == datetime(2026, 5, 19, 23, 0, tzinfo=UTC)
    assert found.event_words == "last night at 11"


@given(st.text(max_size=300), st.lists(st.sampled_from(("en", "th", "ur", "km", "xx", "pt-BR")), max_size=3))
def test_any_string_is_read(text: str, languages: list[str]) -> None:
    found = reading(text, languages)
    assert set(found.categories) == set(CATEGORIES)
    assert abs(sum(found.categories.values()) - 1.0) < 1e-6
    assert 0.0 <= found.noise_probability <= 1.0
    assert (found.category is None) == found.is_noise


@pytest.mark.parametrize(
    "text", ["", " ", "\ud800", "👍", "ا" * 5000, "\u0e01\u0e49" * 3000, "a\u0301" * 4000]
)
def test_odd_text_is_read(text: str) -> None:
    assert reading(text, ["en", "th", "ar"]).language in ("en", "th", "ar")


@pytest.mark.parametrize(
    "text",
    [
        "Boat at night near the reef",
        "they are doing something bad behind the school at night",
        "Camión de noche junto al puente",
    ],
)
def test_what_somebody_saw_by_night_is_kept_though_no_goods_are_named(text):
    reading = read(
        text,
        languages=("en", "es"),
        located=False,
        has_observables=False,
        known_sender=False,
        received_at=datetime(2026, 3, 1, tzinfo=UTC),
        timezone="UTC",
    )
    assert not reading.is_noise


def test_letters_that_stand_for_many_do_not_make_a_text_endless() -> None:
    assert len(prepare("ﷺ" * MAX_CHARS).folded) <= 2 * MAX_CHARS
