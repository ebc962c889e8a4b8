"""An officer teaches the desk a nickname, and follows a truck from one case to another."""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import Page, expect

from core.clock import utcnow
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town, make_tip
from tests.journeys.conftest import PHONE, WIDE
from tests.journeys.test_small_and_plain import overflow
from tips import trying_again

KILN = "men load teak logs behind the Xqzv workshop every night"
TRUCK = "white truck BOI 1234 takes on diesel in drums behind the fuel depot"


def shown(tip) -> str:
    return f"{tip.code[:4]}-{tip.code[4:]}"


def select_words(page: Page, words: str) -> None:
    """Select words of the tip as a hand does."""
    page.evaluate(
        """words => {
          const walker = document.createTreeWalker(document.querySelector("#detail .words"), NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + words.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
          }
        }""",
        words,
    )


def worked(app) -> None:
    """Do what the worker does, in a thread of its own as the browser keeps this one busy."""

    def work() -> None:
        with app.app_context():
            trying_again.try_again()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.browser
@pytest.mark.parametrize(("name", "viewport"), [("1280", WIDE), ("360", PHONE)])
def test_an_officer_teaches_a_nickname_and_other_tips_find_their_place(app, site, visit, name, viewport):
    load_town()
    tips = [make_tip(f"{KILN} {n}", sender=f"+6680000100{n}", at=utcnow()) for n in range(3)]
    page = visit(make_staff("officer", name="Malee Officer").email, viewport=viewport)
    page.goto(f"/desk/{shown(tips[0])}")
    expect(page.locator("#teach-form")).to_be_visible()
    select_words(page, "Xqzv workshop")
    expect(page.locator("#f-words")).to_have_value("Xqzv workshop")
    with page.expect_response(re.compile(r"/places\?q=rim")):
        page.fill("#f-place-q", "rim moei")
    expect(page.locator(".offer").first).to_contain_text("Rim Moei")
    page.locator(".offer").first.scroll_into_view_if_needed()
    site.shot(page, f"{name}-teach")
    assert overflow(page) <= 0
    page.locator(".offer").first.click()
    expect(page.locator("#toasts")).to_contain_text("from now on")
    expect(page.locator(".taught")).to_contain_text("Trying the tips without a place")
    worked(app)
    expect(page.locator(".taught")).to_contain_text("Placed 2 more tips")
    expect(page.locator("#list .row__place", has_text="Rim Moei Market")).to_have_count(3)
    page.locator(".taught").scroll_into_view_if_needed()
    site.shot(page, f"{name}-taught")
    assert overflow(page) <= 0

    # the way back leaves nothing
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".taught")).to_contain_text("Forgotten")
    worked(app)
    expect(page.locator(".taught")).to_contain_text("lie where they would without it")


@pytest.mark.browser
@pytest.mark.parametrize(("name", "viewport"), [("1280", WIDE), ("360", PHONE)])
def test_an_officer_picks_an_unknown_place_on_the_map(app, site, visit, name, viewport):
    load_town()
    tip = make_tip(KILN, at=utcnow())
    page = visit(make_staff("officer").email, viewport=viewport)
    page.goto(f"/desk/{shown(tip)}")
    page.locator(".teach__new summary").click()
    chart = page.locator("#teach-map")
    chart.scroll_into_view_if_needed()
    expect(chart).to_have_class(re.compile("leaflet-container"))
    chart.click(position={"x": 90, "y": 90})
    expect(page.locator("#f-teach-lat")).not_to_have_value("")
    site.shot(page, f"{name}-pick")
    assert overflow(page) <= 0
    page.get_by_role("button", name="Teach it as a new place").click()
    expect(page.locator(".taught")).to_contain_text("is a place now")
    worked(app)
    page.goto("/admin/names")
    expect(page.locator("#names")).to_contain_text("Xqzv workshop")
    site.shot(page, f"{name}-names")
    assert overflow(page) <= 0
    page.get_by_role("button", name="Forget").click()
    expect(page.locator("#names")).to_contain_text("Forgotten")


@pytest.mark.browser
@pytest.mark.parametrize(("name", "viewport"), [("1280", WIDE), ("360", PHONE)])
def test_a_truck_seen_again_elsewhere_links_two_cases(app, site, visit, name, viewport):
    load_town()
    first = make_tip(TRUCK, device=(16.70, 98.52))
    second = make_tip(
        "truck BOI-1234 again, ivory in boxes",
        sender="+66800000002",
        device=(16.75, 98.57),
        minutes=60 * 24 * 12,
    )
    assert first.filed.case_id != second.filed.case_id
    page = visit(make_staff("officer").email, viewport=viewport)
    page.goto(f"/desk/{shown(second)}")
    expect(page.locator(".also-in")).to_contain_text("BOI 1234")
    page.locator(".also-in").scroll_into_view_if_needed()
    site.shot(page, f"{name}-also-in")
    page.goto(f"/cases/{second.filed.number}")
    expect(page.locator("#ties")).to_contain_text("Same plate BOI-1234 on 2 March")
    expect(page.locator("#ties")).to_contain_text("12 days apart")
    expect(page.locator("#also-h")).to_be_visible()
    expect(page.locator("#case-map .map-pin.leaflet-marker-icon")).to_have_count(
        2
    )  # the case with its tip, and the linked one
    page.wait_for_timeout(300)
    site.shot(page, f"{name}-linked", full=True)
    assert overflow(page) <= 0
    page.locator("#ties summary", has_text="Means nothing").click()
    page.fill("#ties [name=why]", "A bus line")
    page.get_by_role("button", name="Dismiss the link").click()
    expect(page.locator("#ties")).to_contain_text("1 dismissed link")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#ties")).to_contain_text("1 linked case")
    page.get_by_role("button", name="Confirm the link").click()
    expect(page.locator("#ties")).to_contain_text("confirmed by")
    assert overflow(page) <= 0
