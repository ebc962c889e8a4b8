"""Plates as the countries around the world's busier borders issue them, and sentences full of numbers that hold none."""

from __future__ import annotations

import pytest

from signals.folding import fold
from signals.plate_candidates import normal_form
from signals.recognise import recognise

# formats are of public knowledge, the numbers are made up
WRITTEN = {
    "TH": (
        "1กข 4421",
        "กข 1234",
        "70-4418",
        "ขค 99",
    ),
    "MM": (
        "5L-2087",
        "YGN 5L-2087",
        "8M-5540",
        "1A/4567",
        "MDY 4K-1234",
    ),
    "LA": (
        "ກຂ 1234",
        "ບກ 9012",
    ),
    "KH": (
        "2AB-1234",
        "1A-1234",
    ),
    "VN": (
        "29C-123.45",
        "30A-12345",
        "51F-678.90",
        "59-X1 234.56",
        "29-B1 123.45",
    ),
    "CN": (
        "粤B12345",
        "京A·12345",
        "粤BD12345",
        "云N·1A234",
    ),
    "MY": (
        "WXY 1234",
        "JQB 4567",
        "KV 1234 A",
        "QAA 1234",
        "W 1234 A",
    ),
    "ID": (
        "B 1234 ABC",
        "KB 8123 QE",
        "D 4567 XY",
    ),
    "SG": (
        "SBA 1234 G",
        "GBC 1234 X",
    ),
    "PH": (
        "ABC 1234",
        "NBC 4567",
        "123 ABC",
        "AB 12345",
    ),
    "IN": (
        "MH 12 AB 1234",
        "WB 24 A 1234",
        "DL 1C AB 1234",
        "22 BH 1234 AA",
    ),
    "BD": (
        "ঢাকা মেট্রো-ট 12-3456",
        "JESSORE-TA 11-1234",
        "DHAKA METRO GA 12-3456",
    ),
    "NP": (
        "बा 2 ख 3456",
        "BA 2 KHA 3456",
        "लु १ च १२३४",
    ),
    "PK": (
        "LEA-1234",
        "ABC-123",
        "LEC 12 1234",
        "TKD 456",
    ),
    "AF": (
        "KBL 12345",
        "12345 کابل",
    ),
    "IR": (
        "12 ب 345 ایران 67",
        "12 ب 345 67",
        "۱۲ب۳۴۵-۶۷",
    ),
    "TR": (
        "34 ABC 123",
        "08 AB 1234",
        "06 A 1234",
    ),
    "GE": (
        "AB-123-CD",
        "ABC-123",
    ),
    "AM": (
        "12 AB 345",
        "345 AB 12",
    ),
    "AZ": (
        "10-AB-123",
        "99-ZZ-999",
    ),
    "SY": (
        "123456 دمشق",
        "حلب 123456",
    ),
    "IQ": (
        "22 أ 12345",
        "22 A 12345",
        "اربيل 12345",
        "12345 بغداد",
    ),
    "JO": (
        "12-34567",
        "10 12345",
    ),
    "LB": (
        "B 123456",
        "M 12345",
    ),
    "EG": (
        "أ ب ج 1234",
        "ط ق 1234",
    ),
    "LY": (
        "5-123456",
        "12-34567",
    ),
    "TN": (
        "123 تونس 4567",
        "123 TUN 4567",
    ),
    "DZ": (
        "12345-116-16",
        "01234 112 31",
    ),
    "MA": (
        "12345-أ-6",
        "12345-A-6",
        "1234-ب-44",
    ),
    "MR": (
        "1234AB00",
        "1234 AB 00",
    ),
    "SN": (
        "DK-1234-AB",
        "TH 1234 A",
        "AA-123-BC",
    ),
    "ML": (
        "AB-1234-MD",
        "AB 123 CD",
        "A 1234 MD",
    ),
    "BF": (
        "11 AB 1234",
        "1234 A1 03",
        "11 HH 5678 BF",
    ),
    "NE": (
        "8A 1234",
        "BC 1234 8",
        "1A-1234 RN",
    ),
    "NG": (
        "ABC-123DE",
        "LAG-456-XY",
        "AB 123 LSR",
    ),
    "CM": (
        "LT 123 AB",
        "CE-1234-A",
        "AD 456 BC",
    ),
    "TD": (
        "18A 1234 C",
        "AB 123 CD",
        "12 A 1234",
    ),
    "CF": (
        "AB 123 CD",
        "AB-123-BG",
    ),
    "CD": (
        "1234AB01",
        "1234 AB 22",
        "AB 1234 01",
    ),
    "RW": (
        "RAB 123 C",
        "RAD123K",
        "GR 123 A",
    ),
    "UG": (
        "UBE 471K",
        "UAX 123B",
        "UG 1234 A",
        "UMA 123 A",
    ),
    "KE": (
        "KBX 123A",
        "KMCA 123B",
        "KDA123A",
        "GK A123B",
    ),
    "TZ": (
        "T 482 CBD",
        "T123ABC",
        "STK 1234",
        "MC 123 ABC",
    ),
    "BI": (
        "A 1234 B",
        "D1234A",
        "IT 1234 A",
    ),
    "ZM": (
        "BAB 1234",
        "ABC 123 ZM",
        "ALZ 1234",
    ),
    "ZW": (
        "ABC-1234",
        "AAB 1234",
    ),
    "ZA": (
        "BX 12 YZ GP",
        "CA 123-456",
        "ABC 123 GP",
        "ND 12345",
        "AB 12 CD GP",
    ),
    "MZ": (
        "ABC 123 MC",
        "AAA-123-MP",
        "MMA 12-34",
    ),
    "AO": (
        "LD-12-34-AB",
        "LDA-12-34",
        "HL-12-34-AC",
    ),
    "BR": (
        "ABC1D23",
        "ABC-1234",
        "ABC 1D23",
    ),
    "PY": (
        "ABC 123",
        "ABCD 123",
        "AAAA 123",
        "123 ABCD",
    ),
    "AR": (
        "AB 123 CD",
        "ABC 123",
        "A123BCD",
        "123 ABC",
    ),
    "BO": (
        "1234 ABC",
        "4567-XYZ",
        "123 ABC",
    ),
    "PE": (
        "ABC-123",
        "A1B-234",
        "1234-AB",
    ),
    "CO": (
        "ABC 123",
        "ABC12D",
        "ABC-123",
    ),
    "EC": (
        "ABC-1234",
        "PBA 1234",
        "IA123B",
    ),
    "VE": (
        "AB123CD",
        "A12BC3D",
        "AB 123 CD",
    ),
    "MX": (
        "VXN-482-A",
        "ABC-12-34",
        "123-ABC",
        "AB-12-345",
    ),
    "US": (
        "ABC-1234",
        "7ABC123",
        "ABC 1234",
    ),
    "GT": (
        "P-123ABC",
        "P 123 ABC",
        "C-456DEF",
        "M 123 ABC",
    ),
    "RU": (
        "А123ВС77",
        "A123BC77",
        "А 123 ВС 777",
        "АВ 1234 77",
        "АВ123477",
        "1234 АВ 77",
    ),
    "KZ": (
        "123 ABC 02",
        "A 123 ABC",
        "123ABC02",
        "A123BCD",
    ),
    "KG": (
        "01 KG 123 ABC",
        "01 123 ABC",
        "B 1234 AB",
    ),
    "UZ": (
        "01 A 123 BC",
        "01 123 ABC",
        "10A123BC",
    ),
    "TJ": (
        "1234 AB 01",
        "0123 AA 02",
    ),
    "MN": (
        "1234 УБА",
        "12-34 УНА",
        "УБА 1234",
    ),
    "UA": (
        "АА1234ВС",
        "AA 1234 BC",
        "АА 1234 ВС",
    ),
    "PL": (
        "WX 12345",
        "KR 1A234",
        "GDA 12AB",
        "LUB 1234A",
    ),
}
ORDINARY = (
    ("EG", "شاحنة تحمل 1234 كرتونة دخان من السوق الساعة 10"),
    ("EG", "رأيت 3 شاحنات و 1500 كيس سكر عند الجسر"),
    ("IQ", "شاحنة نفط 22 الف لتر وصلت الساعة 12 قرب بغداد 2024"),
    ("IQ", "اشتروا 12345 علبة دواء في اربيل"),
    ("SY", "في حلب 2023 كان هناك 150 صندوق دواء في سيارة"),
    ("AF", "د کابل په بازار کې 12345 کارتن سګرټ په لارۍ کې"),
    ("AF", "در کابل 1500 کارتن سیگار در موتر"),
    ("IR", "ساعت 12 در بازار 345 کارتن سیگار با کامیون"),
    ("PK", "گاڑی میں 1200 بوری چینی اور 50 لیٹر تیل"),
    ("PK", "truck with 1200 bags, Rs 4500 each, at 10 pm"),
    ("IN", "lorry with 12 AB batteries and 1234 boxes for Rs 500"),
    ("IN", "ट्रक में 1234 बोरी खाद, कीमत 500 रुपये"),
    ("BD", "ট্রাকে ১২৩৪ বস্তা চিনি, রাত ১০ টায়"),
    ("NP", "ट्रकमा 2 हजार 3456 बोरा"),
    ("TH", "รถกระบะขนบุหรี่ 1234 ลัง ราคา 500 บาท"),
    ("TH", "รถจอดที่ กม 12 ซอย 34 เวลา 22.30 น."),
    ("MM", "ကား ၁၀ စီး ၁၂၃၄ ပုံး"),
    ("LA", "ລົດຂົນຢາສູບ 1234 ກ່ອງ ລາຄາ 500 ກີບ"),
    ("KH", "ឡានដឹកបារី 1234 កេស តម្លៃ 500"),
    ("VN", "xe tai cho 1234 thung thuoc la, gia 500k, luc 22h30"),
    ("VN", "xe 29 cho va 123 thung"),
    ("CN", "货车上有1234箱香烟，价格500元"),
    ("CN", "京东快递车12345单"),
    ("MY", "lori bawa 1234 karton rokok, RM 500 sekarton"),
    ("ID", "truk B 12 dan 1234 karung gula, Rp 50000"),
    ("PH", "van with 1234 boxes at Km 45, PHP 500 each"),
    ("TR", "kamyonda 34 adet, 1234 koli sigara, 500 TL"),
    ("GE", "truck with 123 boxes to house 45"),
    ("RU", "грузовик с 1234 коробками сигарет по 500 руб в 22:30"),
    ("RU", "машина у дома 77, этаж 3, 123 коробки"),
    ("UA", "вантажівка, 1234 ящики по 500 грн"),
    ("KZ", "көлікте 123 қорап, 02 қазан"),
    ("MN", "машинд 1234 хайрцаг 500 төгрөг"),
    ("BR", "caminhao com 1234 caixas de cigarro a R$ 500 no km 12"),
    ("MX", "camion con 1234 cajas a las 10 PM, 500 pesos, km 12"),
    ("CO", "camion con 123 cajas en la calle 45"),
    ("AR", "camion con 123 bolsas, ruta 34 km 1450"),
    ("PE", "camion con 150 sacos de la mina, 2024"),
    ("SN", "camion avec 1234 cartons a 500 F, route N 1"),
    ("ML", "camion de 10 A 12 tonnes, 1234 sacs"),
    ("CD", "camion avec 1234 sacs de minerai, AB 12"),
    ("CM", "camion avec 123 sacs a 10 h"),
    ("DZ", "camion avec 12345 litres de gasoil, 16 fois"),
    ("MA", "camion 12345 kg de kif a 6 h"),
    ("KE", "lorry with 123 bags at KM 45, KSH 500"),
    ("TZ", "lori lina magunia 123 ya sukari, TSH 5000"),
    ("UG", "truck with 471 cartons at UGX 500"),
    ("ZA", "truck with 123 boxes, R 500 each, gate 12"),
    ("US", "truck with 123 boxes at exit 45, US 80"),
    ("PL", "ciezarowka, 12345 paczek, ul. Polna 12"),
    ("JO", "شاحنة فيها 12 كيس و 34567 علبة"),
    ("LB", "شاحنة ب 123456 ليرة"),
    ("LY", "شاحنة 5 طن و 123456 دينار"),
    ("TN", "شاحنة 123 كيس من تونس 2024"),
    ("MR", "camion 1234 sacs"),
    ("AZ", "masin 10 qutu, 123 manat"),
    ("AM", "truck 12 boxes 345 packs"),
)


def plates_in(text: str, country: str) -> list[str]:
    found = recognise(text, countries=(country,))
    return [normal_form(fold(text[one.start : one.end]).text) for one in found if one.kind == "plate"]


@pytest.mark.parametrize(
    ("country", "written"), [(country, plate) for country, plates in WRITTEN.items() for plate in plates]
)
def test_a_plate_is_read_whole_beside_a_word_for_plate(country, written):
    text = f"white truck, plate {written}, parked there"
    assert plates_in(text, country) == [normal_form(fold(written).text)]


@pytest.mark.parametrize(("country", "text"), ORDINARY)
def test_goods_prices_times_and_houses_are_no_plates(country, text):
    assert plates_in(text, country) == []


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("AF", "لارۍ 12345 کابلی"),
        ("MN", "машинд 1234 хайрцаг"),
        ("LB", "شاحنة 123456 ليرة"),
    ],
)
def test_the_letters_of_a_plate_are_not_the_beginning_of_a_word(country, text):
    assert plates_in(text, country) == []


@pytest.mark.parametrize(
    ("text", "found"), [("the truck 06 A 1234 is there", 1), ("from 06 A 1234 sacks", 0)]
)
def test_a_small_word_between_two_numbers_is_a_plate_only_right_behind_a_vehicle(text, found):
    assert len(plates_in(text, "TR")) == found
