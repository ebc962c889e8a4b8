"""Names between ordinary words of a sentence: what stands in front of or behind a name takes it away from no message."""

from __future__ import annotations

import pytest

from tips.places import DevicePosition, Gazetteer, Place, locate
from tips.places.mentions import find_mentions
from tips.places.names import NameIndex, Spot
from tips.places.script import fold
from tips.places.spelling import nearly

PLACES = (
    Place(
        "Kotgarh Border Post", ("zero point", "border gate", "زیرو پوائنٹ"), 31.604, 74.573, "port_of_entry"
    ),
    Place("Kotgarh Customs House", ("custom house", "گمرک", "gumrak"), 31.602, 74.571, "customs"),
    Place("Kotgarh Maal Mandi", ("maal mandi",), 31.588, 74.551, "market"),
    Place("Kotgarh Railway Station", (), 31.579, 74.539, "railway_station"),
    Place("Marché Sohan", ("Sohan",), 31.592, 74.559, "market"),
    Place("Bara", ("Barra",), 31.551, 74.501, "town"),
    Place("Rond-point Tchukuru", ("Chukuru",), 31.595, 74.567, "roundabout"),
)


def gazetteer(*languages: str) -> Gazetteer:
    return Gazetteer(
        PLACES,
        centre=(31.6, 74.57),
        radius_km=40,
        country_codes=["PK"],
        languages=languages or ("ur", "fr", "en"),
    )


def place_of(text: str, *languages: str) -> str | None:
    found = locate(text, gazetteer=gazetteer(*languages))
    return found.place if found else None


@pytest.mark.parametrize(
    "sentence",
    [
        "{} pe bachay truckon k neechay latak k jatay hain",
        "bachay {} pe sigret bech rahe hain",
        "kal raat {} k peeche do banday bori le ja rahe thay",
        "fake medicine {} shop without a sign",
        "{} men unloading boxes at night",
        "jana usiku {} walipita watu wawili na magunia",
    ],
)
@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("zero point", "Kotgarh Border Post"),
        ("border gate", "Kotgarh Border Post"),
        ("custom house", "Kotgarh Customs House"),
    ],
)
def test_name_made_of_common_words_is_found_wherever_it_stands(sentence: str, name: str, place: str) -> None:
    assert place_of(sentence.format(name)) == place


@pytest.mark.parametrize(
    "text", ["they took 2 point something", "0 point is left to say of these men", "borders and gates of men"]
)
def test_parts_of_such_a_name_are_no_place(text: str) -> None:
    assert place_of(text) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("کل رات گمرک کے پیچھے دو آدمی بوری لے جا رہے تھے", "Kotgarh Customs House"),
        ("bachay gumrak pe sigret bech rahe hain", "Kotgarh Customs House"),
        ("bara me sigret ka godam bana diya", "Bara"),
    ],
)
def test_word_behind_a_name_makes_a_place_of_it_where_the_language_has_such_words(
    text: str, place: str
) -> None:
    assert place_of(text) == place


def test_number_in_words_counts_things_where_nothing_makes_a_place_of_it() -> None:
    assert place_of("bara log bori le ja rahe thay") is None
    assert place_of("bara me log bori le ja rahe thay", "en") is None


@pytest.mark.parametrize(("text", "name"), [("bro", "brt"), ("man", "mal"), ("ban", "bao"), ("lagi", "pagi")])
def test_short_word_with_another_letter_is_another_word(text: str, name: str) -> None:
    assert nearly(text, name) is None


@pytest.mark.parametrize(("text", "name"), [("hidalo", "hidalgo"), ("bab", "bap"), ("lao", "laao")])
def test_short_word_with_a_slip_of_the_pen_is_the_same(text: str, name: str) -> None:
    assert nearly(text, name) is not None


def test_goods_are_no_market_of_goods() -> None:
    assert place_of("yahan roz maal utar raha hai") is None
    assert place_of("maal mandi me roz maal utar raha hai") == "Kotgarh Maal Mandi"


def test_kind_behind_a_comma_belongs_to_another_place() -> None:
    assert place_of("sohan, avenue des savons: laits faits dans une bassine") == "Marché Sohan"
    assert place_of("derriere la rue sohan un homme vend") is None


@pytest.mark.parametrize("spelling", ["choukourou", "tshukuru", "Chookooroo", "tchoukourou", "chukkuru"])
def test_name_is_heard_in_the_spelling_of_another_language(spelling: str) -> None:
    assert place_of(f"tramadol near {spelling} statue, girl with yellow vest") == "Rond-point Tchukuru"


def test_landmark_that_goods_go_to_is_the_place_where_no_other_is_known() -> None:
    assert place_of("rickshaw brings the cigarettes to sohan market tea shop") == "Marché Sohan"
    assert place_of("at the custom house, from there it goes to sohan market") == "Kotgarh Customs House"
    assert place_of("they take it all to Bara") is None


def test_device_beats_a_landmark_that_goods_only_go_to() -> None:
    device = DevicePosition(31.63, 74.6, 10.0)
    found = locate("wanaipakia kwa pickup wapeleke sohan", gazetteer=gazetteer("sw"), device=device)
    assert found is not None
    assert found.source == "device"


@pytest.mark.parametrize(
    "ending",
    [
        "I'm home now in Sohan",
        "je suis rentré à Sohan",
        "ya estoy en mi casa en Sohan",
        "niko nyumbani Sohan",
    ],
)
def test_home_of_the_sender_is_not_where_it_happens(ending: str) -> None:
    assert place_of(f"zero point: a man passing sachets. {ending}") == "Kotgarh Border Post"


def test_vehicle_is_no_station() -> None:
    assert place_of("kat gari wali workshop me do din se khari hai") is None


def test_operators_own_place_beats_a_town_of_the_same_sound() -> None:
    index = NameIndex(["ur"])
    spots = tuple(
        Spot(name, lat, 74.5, "village", "village", 2_000.0, False, entered)
        for name, lat, entered in (("Muhan Dara", 31.7, False), ("Mohan Dara", 31.6, True))
    )
    index.add(0, "Muhan Dara")
    index.add(0, "Mohan Darrah")
    index.add(1, "Mohan Dara")
    found = find_mentions(fold("trucks at night in mohan dara"), index, spots)
    assert [spots[mention.spot].name for mention in found] == ["Mohan Dara"]
