import pytest

from signals.placeholders import is_placeholder, link_key


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("account", "1234567890"),
        ("account", "0123456789"),
        ("account", "9876543210"),
        ("serial", "0000000"),
        ("plate", "1111"),
        ("vin", "11111111111111111"),
        ("imei", "000000000000000"),
        ("imei", "123456789012347"),
        ("imo", "1234567"),
        ("phone", "+525555555555"),
        ("phone", "+15201234567"),
        ("container", "AAAU0000000"),
    ],
)
def test_a_filler_links_nothing(kind, value):
    assert is_placeholder(kind, value)
    assert link_key(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("plate", "704418"),
        ("plate", "ABC1234"),
        ("imei", "350000555123450"),
        ("phone", "+15205550177"),
        ("imo", "9074729"),
        ("url", "https://a.example/111111"),
        ("account", "@111A"),
        ("container", "QXTU4029159"),
    ],
)
def test_a_real_identifier_links(kind, value):
    assert not is_placeholder(kind, value)
    assert link_key(kind, value)


def test_spellings_that_the_eye_confuses_meet():
    assert link_key("plate", "BO1482") == link_key("plate", "B0I482")
    assert link_key("plate", "А123ВС77") == link_key("plate", "A123BC77")
    assert link_key("serial", "SN0O1I") == link_key("serial", "SN0011")


def test_case_keeps_crypto_addresses_and_links_apart_but_not_mail():
    assert link_key("btc", "1Ab") != link_key("btc", "1AB")
    assert link_key("url", "https://a.example/Ab") != link_key("url", "https://a.example/AB")
    assert link_key("email", "Joe@a.example") == link_key("email", "joe@A.example")
    assert link_key("eth", "0xAB" + "c" * 38) == link_key("eth", "0xab" + "C" * 38)
