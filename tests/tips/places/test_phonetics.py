import pytest

from tips.places.phonetics import sounds


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ensinos", "encinos"),
        ("plasa", "plaza"),
        ("idalgo", "hidalgo"),
        ("merkado", "mercado"),
        ("biejo", "viejo"),
        ("kauila", "cahuila"),
        ("secut", "cecut"),
        ("bolla", "bola"),
        ("poopo", "popo"),
        ("mooser", "muser"),
        ("gerrero", "guerrero"),
        ("choukoudou", "tshukudu"),
        ("tchad", "chad"),
        ("djibouti", "jibuti"),
        ("ruanda", "rwanda"),
        ("bologne", "bolone"),
        ("kagnaro", "kanyaro"),
        ("kanharo", "kanyaro"),
        ("phalah", "falah"),
        ("nawaron", "navaron"),
    ],
)
def test_text_message_spelling_sounds_like_the_name(written, meant):
    assert set(sounds(written)) & set(sounds(meant))


def test_different_names_sound_different():
    assert not set(sounds("viejo")) & set(sounds("nuevo"))
