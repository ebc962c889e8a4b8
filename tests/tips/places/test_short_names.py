"""Names as people cut them short and bend them: without the town's name, with an ending, as part of a number plate."""

import pytest

from tips.places import Gazetteer, Place, locate


def gazetteer() -> Gazetteer:
    return Gazetteer(
        [
            Place("Sonapur Railgate", ("সোনাপুর রেলগেট",), 23.0437, 88.9011, "crossing"),
            Place("Sonapur Customs House", ("সোনাপুর কাস্টমস হাউস",), 23.0413, 88.8904, "customs"),
            Place("Sonapur Silo", ("সোনাপুর সাইলো",), 23.0333, 88.8904, "warehouse"),
            Place("Main Bus Terminal", ("বাস টার্মিনাল",), 23.0408, 88.8846, "bus_station"),
            Place("Haldipur", ("হলদিপুর",), 23.0353, 88.8645, "village"),
            Place("Aduana Paraguaya", (), 23.0501, 88.8701, "customs"),
            Place("Dattanagar", ("দত্তনগর",), 23.1697, 89.2137, "town"),
        ],
        centre=(23.04, 88.88),
        radius_km=60,
        country_codes=("BD", "PY"),
        languages=("bn", "en"),
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("cartons go into the silo every night", "Sonapur Silo"),
        ("বাস টার্মিনালে হোটেলের পিছনে কার্টন নামে", "Main Bus Terminal"),
        ("হলদিপুরে খাঁচা ভর্তি পাখি, জাল পেতে ধরে", "Haldipur"),
        ("হলদিপুর থেকে বস্তায় করে মাঠ দিয়ে ওপারে যায়", "Haldipur"),
    ],
)
def test_place_is_found_under_a_short_or_bent_name(text, place):
    found = locate(text, gazetteer=gazetteer())
    assert found is not None
    assert found.place == place


@pytest.mark.parametrize(
    "text", ["a sonapur man came", "una van paraguaya llena de cajas", "they sell it near the market"]
)
def test_what_many_things_are_called_is_no_place(text):
    assert locate(text, gazetteer=gazetteer()) is None


def test_province_on_a_number_plate_is_no_place():
    text = "ট্যাংকার দত্তনগর-ঢ ৪১-০০৬৭ আবার এসেছে"
    start = text.index("দত্তনগর")
    assert locate(text, gazetteer=gazetteer(), ignored=[(start, start + len("দত্তনগর-ঢ ৪১-০০৬৭"))]) is None
