import pytest

from signals.plate_patterns import known_countries, plate_formats

NOTHING: frozenset[int] = frozenset()


def longest(text: str, *countries: str) -> str | None:
    formats = plate_formats(countries)
    span = formats and formats.find(text, 0, breaks=NOTHING, words=NOTHING)
    return text[slice(*span)] if span else None


@pytest.mark.parametrize("country", known_countries())
def test_the_formats_of_every_country_compile(country):
    formats = plate_formats((country,))
    assert formats is not None
    assert formats.each


def test_an_unknown_country_has_no_formats():
    assert plate_formats(("ZZ",)) is None
    assert plate_formats(()) is None


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("MX", "VXN-482-A"), ("KE", "KBX 123A"), ("TZ", "T 482 CBD"), ("UG", "UBE 471K"), ("NG", "ABC-123DE"),
        ("TH", "1กข 4421"), ("MM", "5L-2087"), ("LA", "ກຂ 1234"), ("VN", "29C-123.45"), ("KH", "2AB-1234"),
        ("CN", "粤B12345"), ("IN", "MH 12 AB 1234"), ("BD", "ঢাকা মেট্রো-ট 12-3456"), ("NP", "बा 2 ख 3456"),
        ("TR", "34 ABC 123"), ("IQ", "22 أ 12345"), ("IR", "12 ب 345 ایران 67"), ("EG", "أ ب ج 1234"),
        ("RU", "А123ВС77"), ("RU", "A123BC77"), ("UA", "АА1234ВС"), ("KZ", "123 ABC 02"), ("UZ", "01 A 123 BC"),
        ("BR", "ABC1D23"), ("AR", "AB 123 CD"), ("CL", "HJKL-82"), ("FR", "AB-123-CD"), ("DE", "FF-AB 123"),
        ("MG", "4821 TAB"), ("ZA", "BX 12 YZ GP"), ("TN", "123 تونس 4567"), ("MA", "12345-أ-6"),
    ],
)  # fmt: skip
def test_a_country_knows_its_own_plates(country, text):
    assert longest(f"there {text} today", country) == text


def test_of_two_formats_that_fit_the_longer_wins():
    assert longest("VXN 482 A", "US", "MX") == "VXN 482 A"


def test_a_small_word_after_a_plate_in_capitals_is_not_part_of_it():
    assert longest("VXN 482 a la derecha", "MX") == "VXN 482"


def test_a_plate_never_starts_inside_a_word_or_goes_on_after_its_end():
    assert longest("XYVXN482A", "MX") is None
    assert longest("VXN482A7B", "MX") is None
