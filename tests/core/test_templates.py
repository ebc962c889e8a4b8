"""Pages keep to the content policy, and colours to the contrast that AA asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path
    for folder in ("core", "accounts", "tips", "cases", "rewards", "signals")
    for path in (ROOT / folder / "templates").rglob("*.html")
)
STYLESHEET = ROOT / "static" / "css" / "app.css"
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style",
    "an inline handler": r"\son[a-z]+\s*=\s*[\"']",
    "an inline script": r"<script(?![^>]*\b(src=|type=\"application/json\"))",
    "an htmx expression": r"\bhx-on|[\"']js:|hx-vars",
    "a foreign address to load from": r"(src|action)\s*=\s*[\"']\s*(https?:)?//",
    "unescaped text": r"\|\s*safe\b|\{%\s*autoescape\s+false",
}
TEXT_PAIRS = [
    (ink, ground)
    for ink in ("text", "muted", "accent", "good", "warn", "bad", "info")
    for ground in ("bg", "surface")
] + [
    ("on-accent", "accent"),
    ("accent", "accent-soft"),
    ("text", "accent-soft"),
    ("muted", "accent-soft"),
    ("text", "sunken"),
    ("muted", "sunken"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("info", "info-soft"),
    ("text", "info-soft"),
    ("text", "mark-fact"),
    ("text", "mark-place"),
    ("text", "mark-observable"),
    ("on-p", "p1"),
    ("on-p", "p2"),
    ("p3", "surface"),
    ("p4", "surface"),
    ("muted", "map-land"),
]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_content_policy_blocks(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {name for name, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)}
    assert not found


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", block))


def themes() -> dict[str, dict[str, str]]:
    css = STYLESHEET.read_text(encoding="utf-8")
    light = tokens(css[css.index(":root {") : css.index("@media")])
    return {
        "light": light,
        "dark": light | tokens(css[css.index(':root[data-theme="dark"] {') :].split("}")[0]),
    }


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_words_stand_out_from_their_ground(theme, ink, ground):
    colours = themes()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface"])
@pytest.mark.parametrize("edge", ["line-strong", "focus"])
def test_edges_of_controls_and_focus_stand_out(theme, edge, ground):
    colours = themes()[theme]
    assert contrast(colours[edge], colours[ground]) >= 3


def test_both_ways_into_the_dark_are_the_same():
    css = STYLESHEET.read_text(encoding="utf-8")
    by_device = css[css.index(':root:not([data-theme="light"]) {') :].split("}")[0]
    by_choice = css[css.index(':root[data-theme="dark"] {') :].split("}")[0]
    assert tokens(by_device) == tokens(by_choice)


def test_the_resident_page_stays_light():
    """What a first visit loads must pass a slow line; the page itself takes about 8 kB more."""
    loaded = ["css/app.css", "css/resident.css", "js/resident.js", "icons/app.svg", "manifest.webmanifest"]
    assert sum((ROOT / "static" / name).stat().st_size for name in loaded) < 60_000
