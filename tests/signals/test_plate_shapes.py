"""Plates of the Maghreb stand out by their own shape, and ordinary numbers of the same length do not."""

from __future__ import annotations

import pytest

from signals.recognise import recognise

MAGHREB = ("MA", "DZ", "TN")


def plates_in(text: str) -> list[str]:
    return [item.value for item in recognise(text, countries=MAGHREB) if item.kind == "plate"]


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("شفناه البارح 48213 أ 48 عند الباب", "48213أ48"),
        ("نمرتها 90277 أ 49 واقفة", "90277أ49"),
        ("داز 7713-أ-50 لبارح", "7713أ50"),
        ("40551 ب 48 هازة المازوط", "40551ب48"),
        ("la voiture 12345-A-6 passe la nuit", "12345A6"),
        ("partner blanche 12345 A 6 devant le dépôt", "12345A6"),
        ("hilux 55302 121 13", "5530212113"),
        ("الهيلوكس 55302 121 13 خرجت", "5530212113"),
        ("camion 012345-118-16 chargé de bidons", "01234511816"),
        ("سيارة بيضاء 55302 121 13", "5530212113"),
        ("truck 55302 121 13 near the wall", "5530212113"),
        ("ماتريكول 55302 121 13", "5530212113"),
        ("شفنا 123 تونس 4567 قدام الدار", "123تونس4567"),
    ],
)
def test_a_plate_is_known_by_its_shape(text: str, plate: str) -> None:
    assert plates_in(text) == [plate]


@pytest.mark.parametrize(
    "text",
    [
        "عندهم 50 أ 10 صندوق",
        "باعوها من 1000 ل 20 درهم",
        "خدا 5000 ب 20 يورو",
        "48213 و 48 درهم",
        "عمارة 45 ب 6",
        "il a vendu de 12500 a 15 heures",
        "camion de 10000 A 12 tonnes",
        "55302 121 13",
        "شاحنة فيها 12000 500 20",
        "الكاميو في 34.68821 -1.91234",
        "camion 29S WC 55302 12113",
        "شاحنة من تونس 2024 فيها 123 كيس",
    ],
)
def test_a_number_of_another_kind_is_no_plate(text: str) -> None:
    assert plates_in(text) == []


def test_a_number_with_a_word_for_phone_stays_a_phone_beside_a_vehicle() -> None:
    (item,) = recognise("hilux, tel 05530 121 13", countries=MAGHREB)
    assert item.kind == "phone"
