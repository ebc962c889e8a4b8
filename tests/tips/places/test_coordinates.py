import pytest

from tips.places.coordinates import plain_digits, read_coordinates
from tips.places.geodesy import distance_m

HERE, THERE = (16.7131, 98.5747), (31.333, -110.942)


def read(text: str, centre: tuple[float, float] = HERE):
    return read_coordinates(text, centre=centre, radius_km=90)


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("16.7010, 98.5088", 16.7010, 98.5088),
        ("16.804100,98.533400", 16.8041, 98.5334),
        ("16.7010 98.5088", 16.7010, 98.5088),
        ("16,7143; 98,5721", 16.7143, 98.5721),
        ("16,7143 98,5721", 16.7143, 98.5721),
        ("16,7143,98,5721", 16.7143, 98.5721),
        ("lon 98.5201 lat 16.6850", 16.6850, 98.5201),
        ("Latitude: 16.6850 / Longitude: 98.5201", 16.6850, 98.5201),
        ("ละติจูด 16.66260 ลองจิจูด 98.62095", 16.66260, 98.62095),
        ("N16.7009° E98.5090°", 16.7009, 98.5090),
        ("16.6748N 98.4583E", 16.6748, 98.4583),
        ("16°42.099' N 98°30.493' E", 16.70165, 98.50822),
        ("N16 24.630 E098 40.992", 16.4105, 98.6832),
        ("16 45 50 N, 98 31 24 E", 16.76389, 98.52333),
        ("16°43'58.8\"N 98°40'10.2\"E", 16.733, 98.6695),
        ("16º43′58.8″N, 98º40′10.2″E", 16.733, 98.6695),
        ("๑๖.๙๘๒๐, ๙๘.๕๒๒๔", 16.9820, 98.5224),
        ("၁၆.၉၈၅၂, ၉၈.၅၀၇၆", 16.9852, 98.5076),
        ("１６.９８５２，９８.５０７６", 16.9852, 98.5076),
        ("北纬16.7123 东经98.5123", 16.7123, 98.5123),
        ("١٦٫٧١٢٣ ٩٨٫٥١٢٣", 16.7123, 98.5123),
        ("16.7123 с.ш., 98.5123 в.д.", 16.7123, 98.5123),
        ("98.5225, 16.7651", 16.7651, 98.5225),
    ],
)
def test_every_way_of_writing_a_position_is_read(text, lat, lon):
    point = read(f"x {text} y")
    assert point is not None
    assert distance_m(point.lat, point.lon, lat, lon) < 3
    assert point.radius_m <= 120


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("31.28655, -110.94325", 31.28655, -110.94325),
        ("31.28655 110.94325", 31.28655, -110.94325),
        ("N 31.2859 O 110.9302", 31.2859, -110.9302),
        ("31°16'43.9\"N 110°48'05.1\"O", 31.27886, -110.80142),
        ("31.3037° N, 110.9446° W", 31.3037, -110.9446),
        ("latitud 31.28655 longitud -110.94325", 31.28655, -110.94325),
    ],
)
def test_western_longitudes_are_read_and_a_forgotten_minus_is_mended(text, lat, lon):
    point = read(text, THERE)
    assert point is not None
    assert distance_m(point.lat, point.lon, lat, lon) < 3


@pytest.mark.parametrize(
    "text",
    [
        "95.123456, 200.12345",
        "16°75'00\"N 98°10'00\"E",
        "0.000000, 0.000000",
        "call 520-555-0177 at 10.50 12.30",
        "12.500, 13.200 kyat",
        "plates 70-4418 and 82-2205",
        "version 16.7123.98.5123",
        "4, 5, 6 boxes",
    ],
)
def test_impossible_positions_and_plain_numbers_are_refused(text):
    assert read(text) is None


def test_comma_decimals_never_become_a_point_elsewhere():
    point = read("6,4541 3,3947", (6.45, 3.39))
    assert point is not None
    assert (point.lat, point.lon) == (6.4541, 3.3947)


def test_fewer_decimals_give_a_wider_circle():
    fine, coarse = read("16.71234, 98.57123"), read("16.712, 98.571")
    assert fine is not None
    assert coarse is not None
    assert fine.radius_m < coarse.radius_m


def test_digits_of_any_script_keep_their_place():
    assert plain_digits("พิกัด ๑๖.๗ x") == "พิกัด 16.7 x"
