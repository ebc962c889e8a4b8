import pytest

from tips.places.codes import read_grids, read_plus_codes
from tips.places.geodesy import distance_m

NEAR = (16.7131, 98.5747)


def test_full_plus_code_gives_the_middle_of_its_cell():
    point = read_plus_codes("my house is 7M8WPG25+8J ok", near=NEAR)
    assert point is not None
    assert distance_m(point.lat, point.lon, 16.70083, 98.50910) < 20
    assert point.radius_m < 40


def test_short_plus_code_is_completed_from_a_reference():
    full = read_plus_codes("7M8WPG25+8J", near=NEAR)
    short = read_plus_codes("pg25+8j", near=NEAR)
    assert full is not None
    assert short is not None
    assert (short.lat, short.lon) == (full.lat, full.lon)


@pytest.mark.parametrize("text", ["22+33", "7M8W0000+", "AAAA+BB", "2+2=4", "PG25+8", "call +66 80 000"])
def test_sums_and_coarse_codes_are_no_points(text):
    assert read_plus_codes(text, near=NEAR) is None


@pytest.mark.parametrize("text", ["Grid 47Q MU 4749 7808.", "47QMU47497808", "mgrs 47qmu47497808"])
def test_grid_reference_is_read_with_and_without_spaces(text):
    point = next(read_grids(text))
    assert distance_m(point.lat, point.lon, 16.98612, 98.50677) < 20


@pytest.mark.parametrize("text", ["31NEH", "47Q MU", "47QMU474978081", "99QMU47497808", "4WD AB 12 34"])
def test_grid_squares_without_digits_and_wrong_zones_are_no_points(text):
    assert list(read_grids(text)) == []


def test_coarser_grid_references_have_wider_circles():
    fine, coarse = next(read_grids("47QMU47497808")), next(read_grids("47QMU474780"))
    assert fine.radius_m < coarse.radius_m
