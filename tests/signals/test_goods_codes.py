"""Codes on goods, plates whose letters are also words, and codes that are dialled to pay."""

import pytest

from signals.recognise import recognise


def found(text: str, *countries: str) -> set[str]:
    return {f"{item.kind}:{item.value}" for item in recognise(text, countries=countries)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("three boxes of artemether, all of them say KD30917, the leaflet is in Chinese", "KD30917"),
        ("boite KD30917", "KD30917"),
        ("na mimi niko na iyo boite ya KD30917 mutoto ameikunywa", "KD30917"),
        ("wale store ki insulin IN-55083 do number hai", "IN55083"),
        ("ওই ফার্মেসির ইনসুলিন IN41-0183 বাড়িতে আছে", "IN410183"),
        ("me toi mua thuoc khop KX220711 ngoai cho", "KX220711"),
        ("las pastillas traen XT660214B en la caja y hacen daño", "XT660214B"),
        ("таблетки в упаковке без инструкции, там KD30917", "KD30917"),
        ("KD30917 steht drauf, fake medicine", "KD30917"),
    ],
)
def test_code_printed_on_goods_needs_no_other_word(text, value):
    assert found(text, "CD", "RW") == {f"serial:{value}"}


@pytest.mark.parametrize(
    "text",
    [
        "they met at KD30917 yesterday",
        "boxes of pills cost TK20000 each",
        "des boites FC10000 la boite",
        "boite postale BP12345",
        "medicine ISO22000 certified, masks EN14683 in a box",
        "pills at grid TQ12345",
        "box with pills on road A12 near N16",
        "boxes left at 12RWV1295712, pills at 6GCF86PG+JG",
        "3 boxes RS50000, box USD20000",
        "tablets at JFK12345 gate",
        "PILLS IN BOX KD30917",
        "pills A1234567",
    ],
)
def test_price_address_standard_road_and_position_are_no_code_on_goods(text):
    assert found(text, "CD", "RW") == set()


def test_code_beside_a_vehicle_or_a_plate_of_the_country_stays_a_plate():
    assert found("boxes of pills in truck KD30917", "CD", "RW") == {"plate:KD30917"}
    assert found("boxes of pills, KBL44170", "PK", "AF") == {"plate:KBL44170"}


@pytest.mark.parametrize(
    "text",
    [
        "flying coach LES 4417 charas packed under seats",
        "کوچ نمبر LES ۴۴۱۷ کی پچھلی سیٹ کے گدے میں چرس",
        "truck no LES 4417 came back",
    ],
)
def test_capitals_behind_a_vehicle_are_a_plate_though_they_spell_a_word(text):
    assert found(text, "PK", "AF") == {"plate:LES4417"}


def test_small_word_or_currency_before_a_number_is_no_plate():
    assert found("les 4417 camions passent, truck USD 4400", "PK", "AF") == set()
    assert found("TRUCK LES 4417 IS LATE", "PK", "AF") == set()


def test_word_behind_a_number_is_no_part_of_its_plate():
    assert found("گاڑی نمبر 44170 کی سیٹ میں چرس", "PK", "AF") == set()
    assert found("گاڑی نمبر پلیٹ 4417 کے اندر چرس", "PK", "AF") == {"plate:4417"}


def test_code_that_is_dialled_to_pay_is_the_account_of_who_is_paid():
    assert found("they ask pay to code *182*8*1*447120# first", "RW") == {"account:447120"}
    assert found("piga *150*00*554412*5000#", "TZ") == {"account:554412"}


@pytest.mark.parametrize(
    "text", ["dial *123*12345678901234#", "dial *100#", "top up *131*5*1#", "2*3*4*55555"]
)
def test_voucher_and_menu_are_no_account(text):
    assert found(text, "RW") == set()


def test_name_behind_a_video_app_in_its_own_script_is_an_account():
    assert found("ٹک ٹاک پر HeavyToysX کے نام سے ویڈیو ڈالتا ہے", "PK") == {"account:HEAVYTOYSX"}
