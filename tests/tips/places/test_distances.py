import pytest

from tips.places.distances import find_distances
from tips.places.script import fold


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("como a 300 mts de", 300),
        ("500m past", 500),
        ("about two km south", 2_000),
        ("5 miles ne of", 8_045),
        ("half a mile west", 804.5),
        ("a mile and a half north", 2_413.5),
        ("3 cuadras atras", 330),
        ("dos cuadras del", 220),
        ("2.5 km", 2_500),
        ("2,5 km", 2_500),
        ("2 1/2 km past the bridge", 2_500),
        ("2-1/2 km", 2_500),
        ("12 1/2 km", 12_500),
        ("2½ km", 2_500),
        ("2 ½ km", 2_500),
        ("1 3/4 km", 1_750),
        ("1 1\u20444 km", 1_250),
        ("1/2 km", 500),
        ("½ km", 500),
        ("1/4 km", 250),
        ("3/4 mile", 1_206.8),
        ("a 2 1/2 kilómetros", 2_500),
        ("२ १/२ किलोमीटर", 2_500),
        ("1 1/2 hours walk north, then 3 km", 3_000),
        ("on 11/12 about 2 km north", 2_000),
        ("house 10/2, 500 m", 500),
        ("24/7 open, 500 m", 500),
        ("5/1/2 500 m", 500),
        ("ประมาณ 2 โลครึ่ง", 2_500),
        ("ราวสี่กิโล", 4_000),
        ("800 เมตร", 800),
        ("五百米", 500),
        ("过了大桥500米", 500),
        ("两公里", 2_000),
        ("မီတာ ၃၀၀", 300),
        ("၁ ကီလိုခွဲ", 1_500),
        ("500 mét", 500),
        ("2 ກິໂລແມັດ", 2_000),
        ("៥០០ ម៉ែត្រ", 500),
        ("kilomita 2 kutoka", 2_000),
        ("mita mia tatu", 300),
        ("sekitar 2 km", 2_000),
        ("على بعد ٢ كيلومتر", 2_000),
        ("بعد كيلومترين", 2_000),
        ("в двух километрах", 2_000),
        ("500 metre sonra", 500),
        ("2 کلومیٹر", 2_000),
        ("500 मीटर", 500),
        ("২ কিলোমিটার", 2_000),
        ("à 3 kilomètres", 3_000),
        ("5 min walk", 375),
        ("10 minutos caminando", 750),
    ],
)
def test_distance_is_read_in_metres(text, metres):
    assert [round(one.metres, 1) for one in find_distances(fold(text))] == [metres]


@pytest.mark.parametrize(
    "text",
    [
        "plate 8M-5540",
        "a las 5 de la tarde",
        "14 el litro",
        "in 5 minutes",
        "300 km de aqui",
        "2 mi casa esta lejos x",
        "mi casa",
    ],
)
def test_other_numbers_are_no_distances(text):
    found = find_distances(fold(text))
    assert text.startswith("2 mi") or found == []


def test_bare_unit_counts_as_one_and_is_rough():
    found = find_distances(fold("ขึ้นไปทางเหนือกิโลกว่า"))
    assert [one.rough for one in found] == [True]
    assert 1_000 <= found[0].metres <= 1_300
