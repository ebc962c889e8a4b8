"""Greetings of the day, wrong numbers, complaints and adverts are noise; what tells of goods beside them is kept."""

from __future__ import annotations

import pytest

from tests.tips.reading.test_reader import reading


@pytest.mark.parametrize(
    ("language", "reason", "text"),
    [
        ("th", "greeting", "สวัสดีวันเสาร์สีม่วง ขอให้มีแต่ความสุข"),
        ("th", "wrong_number", "เบอร์นี้ใช่ร้านหมูกระทะไหม"),
        ("th", "service_complaint", "แจ้งแล้วเมื่อไหร่จะมีคนมาคะ"),
        ("km", "greeting", "សួស្តីថ្ងៃសៅរ៍ សូមឱ្យមានតែសេចក្តីសុខ"),
        ("km", "wrong_number", "លេខនេះជាហាងកាហ្វេមែនទេ"),
        ("km", "service_complaint", "រាយការណ៍ហើយពេលណាទើបមានអ្នកមក"),
        ("lo", "greeting", "ສະບາຍດີວັນເສົາ ຂໍໃຫ້ມີແຕ່ຄວາມສຸກ"),
        ("lo", "wrong_number", "ເບີນີ້ແມ່ນຮ້ານເຝີບໍ"),
        ("lo", "service_complaint", "ແຈ້ງແລ້ວເມື່ອໃດຈະມີຄົນມາ"),
        ("my", "greeting", "မင်္ဂလာရှိသော စနေနေ့ ကျန်းမာပါစေ"),
        ("my", "wrong_number", "ဒီနံပါတ်က ဆိုင်ဖုန်းနံပါတ်လား"),
        ("my", "service_complaint", "တိုင်ပြီးပြီ ဘယ်တော့လာမှာလဲ"),
        ("vi", "greeting", "chúc thứ bảy vui vẻ cả nhà"),
        ("vi", "wrong_number", "số này có phải tiệm phở không ạ"),
        ("vi", "service_complaint", "báo rồi bao giờ mới có người đến vậy"),
        ("ar", "advert", "سلفات بلا ضمانة اتصل دابا"),
        ("ar", "service_complaint", "بلغنا وما جا حد علاش ما كتجاوبوش"),
        ("ar", "wrong_number", "واش هذا رقم المحل"),
        ("fr", "advert", "je vends un canapé trois places, bon état"),
        ("fr", "wrong_number", "bonjour, c'est bien le restaurant ?"),
        ("fr", "service_complaint", "j'ai signalé et personne ne répond, pourquoi ?"),
        ("fr", "greeting", "bon samedi à tous"),
    ],
)
def test_everyday_message_is_noise_with_its_reason(language: str, reason: str, text: str) -> None:
    found = reading(text, [language, "en"])
    assert (found.is_noise, found.noise_reason) == (True, reason)


@pytest.mark.parametrize("located", [True, False])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("th", "แจ้งแล้วเมื่อวาน วันนี้รถกระบะขนบุหรี่เถื่อนลงที่โกดังอีก"),
        ("th", "สวัสดีวันเสาร์ มีคนขนยาบ้าลงเรือที่ท่าเมื่อคืน"),
        ("th", "เบอร์นี้ใช้ขายบุหรี่เถื่อน ส่งของที่ตลาด"),
        ("th", "ใช่ร้านนี้แหละขายบุหรี่เถื่อนหลังร้าน"),
        ("km", "ជម្រាបសួរ ឡានដឹកបារីគេចពន្ធនៅឃ្លាំង"),
        ("km", "ហាងនេះលក់បារីគេចពន្ធ ដឹកពីព្រំដែន"),
        ("lo", "ເບີນີ້ແມ່ນຂອງຄົນຂາຍຢາບ້າ ສົ່ງຢູ່ທ່າເຮືອ"),
        ("lo", "ສະບາຍດີ ມີລົດຂົນໄມ້ເຖື່ອນຕອນກາງຄືນ"),
        ("my", "ဒီဆိုင်က ဆေးလိပ်မှောင်ခို ရောင်းနေတယ် ညဘက် ကားနဲ့ချတယ်"),
        ("vi", "số này có phải của bọn buôn thuốc lá lậu, chúng bốc hàng ở kho"),
        ("vi", "báo rồi mà xe vẫn chở thuốc lá lậu vào kho đêm qua"),
        ("ar", "يبيعون سجائر مهربة في الدكان وبلغنا وما جا حد"),
        ("ar", "صاحب المحل يعطي سلفات ويخزن سجائر مهربة في المستودع"),
        ("fr", "il dit je vends un canapé mais il décharge des cartons de cigarettes la nuit"),
        ("fr", "bon samedi, ils déchargent des cigarettes derrière le garage"),
        ("fr", "c'est bien le garage où ils cachent les cigarettes de contrebande, ils déchargent la nuit"),
    ],
)
def test_tip_in_the_words_of_everyday_is_kept(language: str, text: str, located: bool) -> None:
    assert not reading(text, [language, "en"], located=located).is_noise
