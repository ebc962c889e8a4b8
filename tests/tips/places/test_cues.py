"""Small words around a name say where it happens, in the words people text in at each border."""

from __future__ import annotations

import pytest

from tips.places import Gazetteer, Place, locate

GATE = Place("Zero Gate", ("زیرو گیٹ", "باب الصفر", "Porte Zéro"), 34.120, 71.090, "border_crossing")
BAZAAR = Place("Koh Bazaar", ("کوہ بازار", "سوق الكوه", "Marché Koh"), 34.100, 71.150, "market")


@pytest.fixture(scope="module")
def border() -> Gazetteer:
    return Gazetteer(
        (GATE, BAZAAR),
        centre=(34.11, 71.12),
        radius_km=40,
        country_codes=["PK"],
        languages=["ur", "ar", "fr", "en"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "koh bazaar ke paas truck khara hai, zero gate ki taraf jaye ga",
        "کوہ بازار کے باہر گودام، زیرو گیٹ کی طرف جاتے ہیں",
        "zero gate se aa rahe, koh bazaar ke peeche utar rahe",
        "camion garé au niveau du marché koh, venant du porte zéro",
        "واقفة قريب من سوق الكوه متجهة الى باب الصفر",
        "قادمين من باب الصفر ونزلو حدا سوق الكوه",
    ],
)
def test_tip_happens_where_its_cue_says_and_not_where_the_road_leads(border: Gazetteer, text: str) -> None:
    found = locate(text, gazetteer=border, device=None, previous=None)
    assert found is not None
    assert (round(found.lat, 2), round(found.lon, 2)) == (BAZAAR.lat, BAZAAR.lon)
