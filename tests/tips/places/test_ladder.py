import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tips.places.builders import CENTRE, gazetteer
from tips.places import DevicePosition, Location, locate
from tips.places.geodesy import distance_m, moved

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)
PIECES = st.sampled_from(
    [
        "mercado hidalgo", "500 m", "de", "al norte", "31.33, -110.94", "N", "°", "'", "geo:1,2", "https://[",
        "8544GX3F+P2", "12RWV1295712", "\x00", "\ud800", "ตลาดพาเจริญ", "十号码头", "between", "to", "from", ".", "+",
        "@", "lat", "lon", "٣", "½",
    ]
)  # fmt: skip


def read(
    text: str, device: DevicePosition | None = None, previous: Location | None = None
) -> Location | None:
    return locate(text, gazetteer=gazetteer(), device=device, previous=previous)


def device_at(place: tuple[float, float], *, metres: float, accuracy: float | None = 10.0) -> DevicePosition:
    return DevicePosition(*moved(*place, metres=metres, bearing=90), accuracy)


@given(st.one_of(ANYTHING, st.lists(PIECES, max_size=25).map(" ".join)))
def test_any_text_gives_a_sound_place_or_none(text):
    found = read(text)
    if found is not None:
        assert -90 <= found.lat <= 90
        assert -180 <= found.lon <= 180
        assert found.radius_m > 0
        assert text[found.start : found.end] == found.words


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("venden en 31.33001, -110.94502 junto al poste", "coordinates"),
        ("mira https://maps.google.com/?q=31.33001,-110.94502", "map_link"),
        ("es aqui 8544GX3F+P2", "plus_code"),
        ("grid 12R WV 0546 6535", "mgrs"),
        ("en el mercado hidalgo", "place"),
        ("a 2 km al norte del puente verde", "place_offset"),
    ],
)
def test_source_says_how_the_place_was_read(text, source):
    found = read(text)
    assert found is not None
    assert found.source == source


def test_tip_without_a_place_stays_without_one():
    assert read("vienen cada noche tres camiones llenos") is None
    assert read("") is None


def test_device_is_the_place_when_the_text_names_none():
    found = read("otra vez estan aqui", DevicePosition(31.34, -110.95, 12.0))
    assert found is not None
    assert (found.lat, found.lon, found.source, found.conflict) == (31.34, -110.95, "device", None)


def test_device_near_the_named_place_is_more_exact_than_the_name():
    found = read("en el mercado hidalgo", device_at((31.33, -110.945), metres=200))
    assert found is not None
    assert (found.source, found.place, found.conflict) == ("device", "Mercado Hidalgo", None)


def test_named_landmark_far_from_the_device_wins_and_keeps_the_conflict():
    found = read("en el mercado hidalgo venden pericos", device_at((31.33, -110.945), metres=6_000))
    assert found is not None
    assert (found.source, found.place) == ("place", "Mercado Hidalgo")
    assert found.conflict is not None
    assert found.conflict.distance_m == pytest.approx(6_000, rel=0.01)
    assert found.conflict.device_accuracy_m == 10.0


def test_named_village_far_from_the_device_leaves_the_device_and_keeps_the_conflict():
    found = read("lo venden en mae sai", device_at((31.45, -110.85), metres=30_000))
    assert found is not None
    assert found.source == "device"
    assert found.conflict is not None
    assert found.conflict.text_source == "place"


def test_village_wins_over_a_device_that_went_home():
    found = read("lo vi en mae sai, ya estoy en mi casa", device_at((31.45, -110.85), metres=30_000))
    assert found is not None
    assert (found.source, found.place) == ("place", "Mae Sai")


def test_destination_never_moves_a_device():
    found = read("van rumbo al mercado hidalgo", device_at((31.33, -110.945), metres=6_000))
    assert found is not None
    assert (found.source, found.conflict) == ("device", None)


def test_written_position_beats_a_distant_device():
    found = read("es en 31.33001, -110.94502", device_at((31.33, -110.945), metres=5_000))
    assert found is not None
    assert found.source == "coordinates"
    assert found.conflict is not None


def test_vague_device_gives_way_to_the_text():
    found = read("en el mercado hidalgo", device_at((31.33, -110.945), metres=4_000, accuracy=20_000))
    assert found is not None
    assert found.source == "place"


def test_device_at_zero_zero_or_off_the_earth_is_ignored():
    assert read("hola", DevicePosition(0.0, 0.0, 5.0)) is None
    assert read("hola", DevicePosition(91.0, 10.0, 5.0)) is None


def test_same_place_as_before_needs_a_previous_place():
    earlier = read("en el mercado hidalgo")
    again = read("volvio hoy, mismo lugar", previous=earlier)
    assert again is not None
    assert earlier is not None
    assert (again.lat, again.lon, again.place) == (earlier.lat, earlier.lon, "Mercado Hidalgo")
    assert read("volvio hoy, mismo lugar") is None
    assert read("volvio hoy", previous=earlier) is None


def test_position_beyond_the_area_is_kept_and_flagged():
    found = read("es en 19.432601, -99.133201")
    assert found is not None
    assert found.outside
    assert not read("en el mercado hidalgo").outside  # type: ignore[union-attr]


def test_short_plus_code_is_completed_from_the_place_named_with_it():
    near_centre = read("codigo 83H3+9X")
    near_village = read("codigo 83H3+9X mae sai")
    assert near_centre is not None
    assert near_village is not None
    assert distance_m(near_centre.lat, near_centre.lon, *CENTRE) < 80_000
    assert near_village.source == "plus_code"


def test_names_inside_links_mail_addresses_and_handles_are_no_places():
    assert read("mira https://mercado-hidalgo.example/venta") is None
    assert read("escribe a mercado@hidalgo.example o @elhidalgo") is None


def test_words_are_quoted_as_the_reporter_wrote_them():
    found = read("Anoche en el  MERCADO HIDALGO, puesto 4")
    assert found is not None
    assert found.words == "MERCADO HIDALGO"


def test_other_readings_are_offered_to_the_officer():
    found = read("del muelle viejo lo pasan al mercado popo")
    assert found is not None
    assert {candidate.name for candidate in found.candidates} == {"Muelle Viejo", "Mercado Popo"}
