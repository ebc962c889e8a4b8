import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.places.datum import gcj_from_wgs
from tips.places.geodesy import distance_m
from tips.places.links import find_links, read_links

POINT = (16.68985, 98.5199)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/@16.68985,98.5199,17z",
        "https://maps.google.com/?q=16.68985,98.5199",
        "https://www.google.com/maps?q=loc:16.68985,98.5199&z=18",
        "https://www.google.com/maps/place/16.68985,98.5199/@16.7,98.6,15z",
        "https://www.google.com/maps/place/X/@16.7,98.6,15z/data=!3m1!4b1!4m6!3d16.68985!4d98.5199",
        "https://www.google.com/maps/search/?api=1&query=16.68985%2C98.5199",
        "maps.google.com/?q=16.68985,98.5199",
        "https://maps.apple.com/?ll=16.68985,98.5199&q=Shop",
        "https://www.openstreetmap.org/?mlat=16.68985&mlon=98.5199#map=17/16.1/98.1",
        "https://www.openstreetmap.org/#map=17/16.68985/98.5199",
        "geo:16.68985,98.5199",
        "geo:0,0?q=16.68985,98.5199(shop)",
        "https://waze.com/ul?ll=16.68985,98.5199&navigate=yes",
        "https://www.bing.com/maps?cp=16.68985~98.5199&lvl=16",
        "https://yandex.com/maps/?pt=98.5199,16.68985&z=17",
        "https://uri.amap.com/marker?position=98.5199,16.68985",
        "https://api.map.baidu.com/marker?location=16.68985,98.5199&title=x",
        "https://apis.map.qq.com/uri/v1/marker?marker=coord:16.68985,98.5199;title:x",
    ],
)
def test_map_link_gives_its_point(link):
    point = read_links(f"see {link} now")
    assert point is not None
    assert distance_m(point.lat, point.lon, *POINT) < 1


def test_chinese_services_are_shifted_back_inside_china_only():
    true = (22.8170, 108.3665)
    shifted = gcj_from_wgs(*true)
    point = read_links(f"https://uri.amap.com/marker?position={shifted[1]:.6f},{shifted[0]:.6f}")
    assert point is not None
    assert distance_m(point.lat, point.lon, *true) < 2
    plain = read_links(f"https://uri.amap.com/marker?position={true[1]},{true[0]}&coordinate=wgs84")
    assert plain is not None
    assert distance_m(plain.lat, plain.lon, *true) < 1


@pytest.mark.parametrize(
    "text",
    [
        "https://maps.app.goo.gl/AbCdEf",
        "https://example.com/?q=16.68985,98.5199",
        "https://maps.google.com/?q=Mae+Sot",
        "https://maps.google.com/?q=96.1,198.5",
        "https://[::1",
        "geo:here",
        "no link",
    ],
)
def test_links_without_a_point_give_none(text):
    assert read_links(text) is None


@given(st.text(max_size=120))
def test_no_link_breaks_the_reader(rest):
    text = "https://maps.google.com/" + rest
    read_links(text)
    assert all(text[start:end] for start, end in find_links(text))
