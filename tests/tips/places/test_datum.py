import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.places.datum import gcj_from_wgs, in_china, wgs_from_baidu, wgs_from_gcj
from tips.places.geodesy import distance_m


@pytest.mark.parametrize("point", [(39.9, 116.4), (24.01, 97.85), (22.51, 113.93), (43.83, 87.6)])
def test_towns_in_china_are_inside(point):
    assert in_china(*point)


@pytest.mark.parametrize(
    "point", [(16.7, 98.57), (22.5, 103.9), (23.99, 97.5), (47.9, 106.9), (35.7, 139.7), (22.28, 114.16)]
)
def test_neighbouring_countries_are_outside(point):
    assert not in_china(*point)
    assert wgs_from_gcj(*point) == point
    assert wgs_from_baidu(*point) == point


def test_shift_has_the_size_known_for_beijing():
    lat, lon = gcj_from_wgs(39.90734, 116.39089)
    assert 400 < distance_m(39.90734, 116.39089, lat, lon) < 700


@given(st.floats(27, 38), st.floats(104, 117))
def test_shift_and_back_is_the_same_point(lat, lon):
    assert distance_m(lat, lon, *wgs_from_gcj(*gcj_from_wgs(lat, lon))) < 1
