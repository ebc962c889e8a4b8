from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.observable import ASSURANCES, KINDS, LONGEST_VALUE
from signals.recognise import recognise
from tests.signals.texts import TEXTS

CORPORA = Path(__file__).parents[1] / "corpus"
HOME = ("MX", "US")


def found(text: str, *countries: str) -> set[str]:
    return {f"{item.kind}:{item.value}" for item in recognise(text, countries=countries or HOME)}


@pytest.mark.parametrize(("countries", "text", "marked"), TEXTS)
def test_a_tip_of_any_border_gives_what_a_person_would_mark(countries, text, marked):
    assert found(text, *countries.split()) == set(marked.split())


@pytest.mark.parametrize("town", sorted(path.parent.name for path in CORPORA.glob("*/tips.jsonl")))
def test_a_development_town_scores_at_least_0_95(town):
    countries = json.loads((CORPORA / town / "deployment.json").read_text("utf-8"))["country_codes"]
    gold, guess = set(), set()
    for line in (CORPORA / town / "tips.jsonl").read_text("utf-8").splitlines():
        tip = json.loads(line)
        gold |= {(tip["id"], item["kind"], item["value"].lower()) for item in tip["observables"]}
        guess |= {
            (tip["id"], item.kind, item.value.lower()) for item in recognise(tip["text"], countries=countries)
        }
    assert 2 * len(gold & guess) / (len(gold) + len(guess)) >= 0.95


@pytest.mark.parametrize(
    ("text", "kind", "value", "assurance"),
    [
        ("box csqu 305438-3 on a truck", "container", "CSQU3054383", "checksum"),
        ("container CSQU3054384 came back", "container", "CSQU3054384", "format"),
        ("VIN 1M8GDM9AXKP042788 on the dash", "vin", "1M8GDM9AXKP042788", "checksum"),
        ("VIN WVWZZZ1JZXW000010 on the dash", "vin", "WVWZZZ1JZXW000010", "format"),
        ("imei 49-015420-323751-8", "imei", "490154203237518", "checksum"),
        ("imei 490154203237519 on the box", "imei", "490154203237519", "format"),
        ("vessel IMO no. 9074729", "imo", "9074729", "checksum"),
        ("barcode 4 006381 333931", "gtin", "4006381333931", "checksum"),
        ("the label says (01)00614141123452", "gtin", "00614141123452", "checksum"),
        ("tag 3034257BF7194E4000001A85", "epc", "3034257BF7194E4000001A85", "format"),
        (
            "urn:epc:id:sgtin:0614141.112345.400 was read",
            "epc",
            "URN:EPC:ID:SGTIN:0614141.112345.400",
            "format",
        ),
        ("CLABE 032180000118359719", "account", "032180000118359719", "checksum"),
        ("IBAN GB82 WEST 1234 5698 7654 32 please", "account", "GB82WEST12345698765432", "checksum"),
        ("text 631 555 0173", "phone", "+526315550173", "registry"),
        ("pickup plate VXN-482-A", "plate", "VXN482A", "registry"),
        ("plate QQ-48-2153-Z on a lorry", "plate", "QQ482153Z", "format"),
        ("lote AX-0093B", "serial", "AX0093B", "format"),
    ],
)
def test_an_identifier_comes_with_how_sure_it_is(text, kind, value, assurance):
    (item,) = recognise(text, countries=HOME)
    assert (item.kind, item.value, item.assurance) == (kind, value, assurance)


@pytest.mark.parametrize(
    "text",
    [
        "___U3054383",
        "IMO 9074728 has a wrong last digit",
        "IMO company number 9074729",
        "barcode 4006381333932",
        "imei 000000000000000 and serial 0000000 and VIN 11111111111111111",
        "account 00000000, phone 0000000000, plate 1111111",
        "0x0000000000000000000000000000000000000000",
        "0x52908400098527886E0F7030069857D2E4169Ee7 has a wrong capital",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3 has a wrong last letter",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "tag 30FF257BF7194E4000001A85 has no such partition",
        "see https://maps.app.goo.gl/AbC123xyz4567 and geo:16.7269,98.5114",
        "https://www.google.com/maps/place/ABC123/@31.33,-110.94,17z/data=!4m5!3m4!1s0x86d6",
        "come to 7M8WPGH6+2J or 12RWV12957126, 31°16'43.9\"N 110°48'05.1\"W",
        "it cost USD 45000 and 12,500 pesos on 2026-03-14 at 22:30, 300 kg",
        "end of it.In the morning.At night",
    ],
)
def test_what_is_no_identifier_is_left_alone(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hxxps://cheap-ivory[.]example/shop", "url:https://cheap-ivory.example/shop"),
        ("look at hXXp://a-b.example:8080/x?y=1#Z.", "url:http://a-b.example:8080/x?y=1#Z"),
        ("(see www.fake-meds.example/Buy)", "url:www.fake-meds.example/Buy"),
        ("order at sale (at) ivory [.] example", "email:sale@ivory.example"),
        ("Joe.Doe@Mail.example!", "email:Joe.Doe@Mail.example"),
        ("https://wa.me/526315550173 to order", "phone:+526315550173"),
    ],
)
def test_addresses_are_put_together_again_and_keep_their_case(text, expected):
    assert found(text) == {expected}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("631 555 0173", "+526315550173"),
        ("(631) 555-0173", "+526315550173"),
        ("631.555.0173", "+526315550173"),
        ("+52 631 555 0173", "+526315550173"),
        ("0052 631 555 0173", "+526315550173"),
        ("６３１ ５５５ ０１７３", "+526315550173"),
        ("٦٣١٥٥٥٠١٧٣", "+526315550173"),
        ("+1 (520) 555-0177", "+15205550177"),
        ("520-555-0177", "+15205550177"),
    ],
)
def test_a_phone_is_the_same_in_any_notation(written, value):
    (item,) = recognise(f"call {written} now", countries=HOME)
    assert (item.kind, item.value) == ("phone", value)


def test_a_phone_without_country_code_takes_the_first_country_that_makes_sense_of_it():
    assert found("call 631 555 0173", "MX", "US") == {"phone:+526315550173"}
    assert found("call 631 555 0173", "US", "MX") == {"phone:+16315550173"}


@pytest.mark.parametrize(
    ("written", "countries", "value"),
    [
        ("0550 000 431", ("MA", "DZ"), "+213550000431"),  # mobile in Algeria, a fixed line in Morocco
        ("0661 234 567", ("MA", "DZ"), "+212661234567"),  # mobile in both
        ("0661 234 567", ("DZ", "MA"), "+213661234567"),
        ("0535 001 122", ("DZ", "MA"), "+212535001122"),  # only Morocco has it
    ],
)
def test_a_phone_without_country_code_is_a_mobile_where_a_country_makes_it_one(written, countries, value):
    assert found(f"واتساب {written}", *countries) == {f"phone:{value}"}


def test_two_phones_side_by_side_are_two():
    assert found("call 631 555 0173 520 555 0177") == {"phone:+526315550173", "phone:+15205550177"}


def test_offsets_count_in_the_text_as_it_was_received():
    text = "ကား ၉K-၁၁၀၆ ဖုန်း ０８０\u200b-０００\u200b-４４１９ 𝐌𝐒𝐊𝐔 𝟑𝟎𝟓𝟒𝟑𝟖𝟑"
    spans = {item.kind: text[item.start : item.end] for item in recognise(text, countries=("TH", "MM"))}
    assert spans == {
        "plate": "၉K-၁၁၀၆",
        "phone": "０８０\u200b-０００\u200b-４４１９",
        "container": "𝐌𝐒𝐊𝐔 𝟑𝟎𝟓𝟒𝟑𝟖𝟑",
    }


def test_the_stronger_reading_of_overlapping_words_wins():
    assert found("serial 490154203237518 imei 490154203237518") == {"imei:490154203237518"}
    assert found("plate https://x.example/ABC-482-D") == {"url:https://x.example/ABC-482-D"}


def test_a_private_key_is_never_an_identifier():
    assert found("send to 5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ serial") == set()


def test_without_countries_only_what_explains_itself_is_found():
    text = "call +52 631 555 0173 or 631 555 0173, plate VXN-482-A"
    assert {item.value for item in recognise(text)} == {"+526315550173", "VXN482A"}


HOSTILE = (
    "1" * 10_000, "1 " * 5_000, "+1 " * 3_333, "a." * 5_000, "@a" * 5_000, "a@" + "b." * 4_999,
    "1.1.1.1." * 1_250, "1,111" * 2_000, "ABC 123 " * 1_250, "plate ABC 123 " * 700, "0x" + "aB" * 4_999,
    ("0x" + "aB" * 20 + " ") * 232, "(" * 10_000, "1-" * 5_000, "ก" * 10_000, "बा " * 3_333, "[.]" * 3_333,
    "http://" + "a" * 9_990, "1° 1' " * 1_600, "vin " + "1 A " * 2_499, "\x00" * 10_000, "\ud800" * 10_000,
    "İ1" * 5_000, "ß1 " * 3_333,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gives_a_bounded_answer(text):
    assert len(recognise(text, countries=("TH", "BD", "US"))) <= 100


FRAGMENTS = st.sampled_from(
    ["ABC-482-D", "+52 631", "555 0173", "plate ", "serial ", "IMO 9074729", "@", ".", "://", "hxxp", "[.]",
     "ကား ", "ทะเบียน", "۱۲ ب", "车牌", "\u200b", "\ud800", "\x00", "İ", "0x", "$", "km", "bc1", "imei ", "１２３",
     "CSQU3054383", "\n", " "]
)  # fmt: skip
COUNTRIES = st.lists(
    st.sampled_from(["MX", "US", "TH", "MM", "KE", "BD", "RU", "IR", "CN", "XX", "de", ""]), max_size=4
)


@given(
    st.lists(st.one_of(FRAGMENTS, st.text(st.characters(), max_size=12)), max_size=14).map("".join), COUNTRIES
)
def test_any_text_is_answered_in_order_without_overlap(text, countries):
    items = recognise(text, countries=countries)
    assert items == recognise(text, countries=tuple(countries))
    end = 0
    for item in items:
        assert end <= item.start < item.end <= len(text)
        assert item.kind in KINDS
        assert item.assurance in ASSURANCES
        assert 0 < len(item.value) <= LONGEST_VALUE
        assert "\x00" not in item.value.encode("utf-8").decode("utf-8")
        end = item.end


@given(st.sampled_from([row for row in TEXTS if row[2]]))
def test_capitals_full_width_and_trailing_words_change_nothing(row):
    countries, text, _ = row
    values = {(item.kind, item.value) for item in recognise(text, countries=countries.split())}
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() and char.isascii() else char for char in text)
    assert {(item.kind, item.value) for item in recognise(wide, countries=countries.split())} == values
    longer = text + " . ok"
    assert {(item.kind, item.value) for item in recognise(longer, countries=countries.split())} == values
