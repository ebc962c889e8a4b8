import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.recognise import recognise
from signals.secrets import REDACTED, redact_secrets

UNCOMPRESSED = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
COMPRESSED = "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"
EXTENDED = (
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33"
    "yuGBxrMPHi"
)
HEX = "c28a9f80738f770d527803a566cf6fc3edf6cea586c4fc4a5223a5ad797e1ac3"


@pytest.mark.parametrize("key", [UNCOMPRESSED, COMPRESSED, EXTENDED])
def test_a_private_key_is_taken_out_wherever_it_stands(key):
    assert redact_secrets(f"he wrote {key}, use it") == f"he wrote {REDACTED}, use it"
    assert redact_secrets(key + " " + key) == f"{REDACTED} {REDACTED}"


def test_a_full_width_private_key_is_taken_out_too():
    wide = "".join(chr(ord(char) + 0xFEE0) for char in UNCOMPRESSED)
    assert redact_secrets(f"ကီး {wide} ok") == f"ကီး {REDACTED} ok"


def test_hexadecimal_goes_only_beside_a_word_for_private_key():
    assert redact_secrets(f"private key {HEX}") == f"private key {REDACTED}"
    assert redact_secrets(f"transaction {HEX}") == f"transaction {HEX}"


@pytest.mark.parametrize(
    "text",
    [
        "1BTJFzVDBVkAUCkqxuXvGzYJJUTLAogLRE",
        UNCOMPRESSED[:-1] + "K",
        "no key here at all, only words " * 3,
        "",
    ],
)
def test_what_is_no_private_key_stays(text):
    assert redact_secrets(text) == text


@given(st.text(), st.sampled_from([UNCOMPRESSED, COMPRESSED]), st.text())
def test_no_key_survives_between_any_words(before, key, after):
    cleaned = redact_secrets(f"{before} {key} {after}")
    assert key not in cleaned
    assert not any(item.value == key for item in recognise(f"{before} {key} {after}"))


PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"


@pytest.mark.parametrize(
    "before",
    [
        "seed phrase:",
        "his mnemonic is",
        "frase semilla:",
        "сид-фраза:",
        "助记词：",
        "phrase de récupération :",
    ],
)
def test_a_seed_phrase_is_taken_out_behind_a_word_for_it(before):
    cleaned = redact_secrets(f"{before} {PHRASE}")
    assert REDACTED in cleaned
    assert not {"sausage", "yellow"} & set(cleaned.split())


def test_a_numbered_seed_phrase_of_24_words_is_taken_out_whole():
    words = " ".join(f"{i}. {word}" for i, word in enumerate((PHRASE + " " + PHRASE).split(), 1))
    assert redact_secrets(f"seed words: {words}") == f"seed words: {REDACTED}"


def test_twelve_words_without_a_word_for_seed_phrase_stay():
    assert redact_secrets(PHRASE) == PHRASE
