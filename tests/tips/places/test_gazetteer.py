from hypothesis import given
from hypothesis import strategies as st

from tests.tips.places.builders import CENTRE, PLACES, gazetteer
from tips.places import Gazetteer, Place, locate
from tips.places.geodesy import distance_m
from tips.places.script import fold


def named(text: str) -> list[str]:
    own = gazetteer()
    return [own.spots[mention.spot].name for mention in own.mentions(fold(text))]


def test_resembling_landmarks_are_told_apart_by_the_word_that_differs():
    assert named("en el muelle viejo") == ["Muelle Viejo"]
    assert named("en el mueye nuebo") == ["Muelle Nuevo"]
    assert named("mercado hidalgo y mercado popo") == ["Mercado Hidalgo", "Mercado Popo"]


def test_kind_words_of_another_language_and_order_still_name_the_place():
    assert named("at the hidalgo mkt") == ["Mercado Hidalgo"]
    assert named("popo market") == ["Mercado Popo"]


def test_generic_words_alone_name_nothing():
    assert named("en el mercado junto al puente y el muelle") == []


def test_number_words_and_digits_name_the_same_pier():
    assert named("at pier ten") == named("ท่าสิบ มีเรือ") == named("10号码头") == ["Pier 10"]
    assert named("pier 11") == named("pier 100") == named("ท่า 100") == []


def test_names_in_scripts_without_spaces_survive_one_slip():
    assert named("เตือนภัยตลาดพาเจริมวันนี้") == ["ตลาดพาเจริญ"]
    assert named("ตลาดเจริญ") == []


def test_joined_and_split_words_are_the_same_name():
    assert named("in maesai now") == named("in mae  sai now") == ["Mae Sai"]


def test_everyday_words_are_not_taken_for_a_misspelt_name():
    assert named("la señora popular vende verde") == []


def test_other_kind_next_to_the_name_is_another_place():
    assert named("puente hidalgo") == []


def test_town_of_the_offline_gazetteer_has_a_towns_radius():
    own = gazetteer()
    spot = own.spots[own.mentions(fold("vive en Magdalena de Kino"))[0].spot]
    assert not spot.entered
    assert 2_000 <= spot.radius_m <= 12_000


def test_nearest_place_has_distance_and_direction():
    near = gazetteer().nearest(31.3309, -110.9450)
    assert near is not None
    assert (near.name, near.bearing, round(near.distance_m, -1)) == ("Mercado Hidalgo", "N", 100)


def test_nearest_place_is_none_far_from_everything():
    assert gazetteer().nearest(-45.0, 10.0) is None


def test_empty_names_and_impossible_places_are_passed_over():
    places = [*PLACES, Place("", ("", "!!"), 31.3, -110.9, ""), Place("Nowhere", (), 91.0, 0.0, "market")]
    own = Gazetteer(places, centre=CENTRE, radius_km=60, country_codes=["MX"], languages=["es"])
    assert own.mentions(fold("nowhere !!")) == []
    assert own.is_outside(0.0, 0.0)


def test_kilometre_alone_names_the_only_place_at_it():
    places = [*PLACES, Place("Kilómetro 22 Carretera Libre", ("km 22 libre",), 31.2, -110.9, "highway_km")]
    own = Gazetteer(places, centre=CENTRE, radius_km=60, country_codes=["MX"], languages=["es"])
    assert [own.spots[one.spot].name for one in own.mentions(fold("pasando el km 22"))] == [places[-1].name]
    assert own.mentions(fold("en el km 23")) == []


def test_number_names_need_their_article_and_are_no_times():
    places = [*PLACES, Place("Gasolinera 5", ("la Cinco",), 31.2, -110.9, "fuel_station")]
    own = Gazetteer(places, centre=CENTRE, radius_km=60, country_codes=["MX"], languages=["es"])
    assert len(own.mentions(fold("huachicol en la cinco, barato"))) == 1
    assert own.mentions(fold("bajan cajas a las 5 de la mañana")) == []
    assert own.mentions(fold("el bache de la 5 y 10")) == []


def test_generic_bridge_of_another_name_is_not_the_only_bridge():
    assert locate("a 3 km al sur del puente de Goulbi", gazetteer=gazetteer()) is None
    found = locate("500 m past the bridge toward mercado popo", gazetteer=gazetteer())
    assert found is not None
    assert found.place == "Puente Verde"


COUNTRYSIDE = Gazetteer(
    [
        Place(
            f"Xqzv{number}",
            (),
            31.0 + (number * 37 % 100) / 100,
            -111.5 + (number * 61 % 100) / 100,
            "market",
        )
        for number in range(100)
    ],
    centre=(31.5, -111.0),
    radius_km=40.0,
    country_codes=("MX",),
    languages=("es",),
)


@given(lat=st.floats(30.5, 32.5), lon=st.floats(-112.0, -110.0))
def test_nearest_place_is_the_one_that_comparing_with_every_place_finds(lat, lon):
    away, number = min(
        (distance_m(spot.lat, spot.lon, lat, lon), number)
        for number, spot in enumerate(COUNTRYSIDE.spots[:-1])
    )
    near = COUNTRYSIDE.nearest(lat, lon)
    if away > 40_000:
        assert near is None
    else:
        assert near is not None
        assert (near.name, near.distance_m) == (COUNTRYSIDE.spots[number].name, away)
