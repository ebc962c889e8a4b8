"""What the desk shows of one tip: its words, its facts, where it lies and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

import cases.services as case_services
import signals.services as signal_services
from cases.services import TipCase
from core.codes import show_tip_code
from core.db import db
from core.present import counted, distance
from tips.also_in import also_in, key_of
from tips.conversation.labels import CHANNEL_WORDS, LANGUAGE_NAMES, NOISE_WORDS, PLACE_SOURCES, RELATION_WORDS
from tips.highlight import Mark, highlight
from tips.hints import place_hints
from tips.knowledge import current_town
from tips.known_places import places_like
from tips.models import Message, Tip
from tips.placed_since import placed_since
from tips.queries import TipRow
from tips.taught_pages import taught_from
from tips.understanding import NAMED
from tips.written import as_written

AT_A_PLACE_M = 50
VAGUE_M = 1_000.0  # a place named no closer than this may be named better
BEARINGS = {
    "N": "north", "NE": "north-east", "E": "east", "SE": "south-east",
    "S": "south", "SW": "south-west", "W": "west", "NW": "north-west",
}  # fmt: skip
TIP_STATES = {False: ("Waiting for you", "warn"), True: ("Confirmed", "good")}


def tip_context(row: TipRow) -> dict[str, Any]:
    """Build everything about one tip."""
    tip = row.tip
    home = case_services.case_of_tips([tip.id]).get(tip.id)
    mentions = signal_services.mentions_of(("tip", tip.id))
    offered = [
        item
        for item in case_services.suggestions_of_tips([tip.id]).get(tip.id, ())
        if item.ruling is None and (home is None or item.case_id != home.case_id)
    ]
    also = also_in([tip])
    others = {one.key: len(one.others) + one.more for one in also}
    open_home = home is not None and home.state not in {"closed", "merged", "sealed"}
    since = placed_since([tip], {tip.id: home} if home is not None else {})
    return _told(row, home, mentions, since.get(tip.id)) | {
        "priority": home.priority if home else None,
        "priority_reasons": home.priority_reasons if home else (),
        "sender": {"alias": row.alias, "tips": _tips_of_sender(tip)} if row.alias else None,
        "facts": [
            {
                "kind": item.kind,
                "value": as_written(tip.text, item),
                "title": _also(others.get(key_of(item), 0)),
            }
            for item in mentions
        ],
        "also": also,
        "taught": taught_from(tip.id),
        "teach": _teach(tip),
        "noise": NOISE_WORDS.get(tip.noise_reason or "", tip.noise_reason) if tip.is_noise else None,
        "event_at": tip.event_at,
        "event_words": tip.event_words,
        "suggestions": [
            {
                "number": item.number,
                "title": item.title,
                "href": f"/cases/{item.number}",
                "state": item.state.replace("_", " "),
                "probability": item.probability,
                "reasons": item.reasons,
                "tips": None,
            }
            for item in offered
        ],
        "messages": _messages(tip),
        "history": _history(tip, home),
        "may": {
            "confirm": open_home and home is not None and not home.confirmed,
            "restore": tip.is_noise,
            "own_case": open_home and home is not None and home.tips > 1,
            "dismiss": open_home,
            "attach": not tip.is_noise and (home is None or open_home),
            "correct": not tip.is_noise,
            "teach": not tip.is_noise,
        },
        "undo_href": None,
        "conflict": None,
        "say": None,
    }


def tips_context(rows: Sequence[TipRow]) -> list[dict[str, Any]]:
    """Build what a case shows of its tips, in as many statements for a hundred as for one."""
    ids = [row.tip.id for row in rows]
    homes = case_services.case_of_tips(ids)
    mentions = signal_services.mentions_of_many("tip", ids)
    since = placed_since([row.tip for row in rows], homes)
    return [
        _told(row, homes.get(row.tip.id), mentions.get(row.tip.id, ()), since.get(row.tip.id)) for row in rows
    ]


def _told(row: TipRow, home: TipCase | None, mentions: Sequence[Any], since: str | None) -> dict[str, Any]:
    tip = row.tip
    return {
        "code": show_tip_code(tip.code),
        "state": _state(tip, home),
        "received_at": tip.received_at,
        "channel": CHANNEL_WORDS[tip.channel],
        "sender": {"alias": row.alias} if row.alias else None,
        "words": _marked(tip, mentions),
        "language": tip.language,
        "language_name": LANGUAGE_NAMES.get(tip.language, tip.language),
        "category": tip.category,
        "category_probability": None if tip.category_set_by else tip.category_probability,
        "facts": [{"kind": item.kind, "value": as_written(tip.text, item), "title": ""} for item in mentions],
        "case": _home(home) | {"placed_since": since} if home else None,
        "place": _place(tip),
    }


def _state(tip: Tip, home: TipCase | None) -> dict[str, str]:
    if tip.is_noise:
        return {"words": "Set aside", "tone": "plain"}
    words, tone = TIP_STATES[home is not None and home.confirmed]
    return {"words": words, "tone": tone}


def _home(home: TipCase) -> dict[str, Any]:
    return {
        "number": home.number,
        "title": home.title,
        "href": f"/cases/{home.number}",
        "state": home.state.replace("_", " "),
        "probability": home.probability if home.relation != "first" else None,
        "relation": RELATION_WORDS[home.relation],
        "reasons": home.reasons,
        "tips": home.tips,
        "confirmed": home.confirmed,
    }


def _place(tip: Tip) -> dict[str, Any] | None:
    if tip.lat is None or tip.lon is None:
        return None
    conflict = tip.place_conflict
    return {
        "name": tip.place_name,
        "words": tip.place_words,
        "lat": tip.lat,
        "lon": tip.lon,
        "radius_m": tip.radius_m or 0.0,
        "source_words": PLACE_SOURCES.get(tip.located_by or "", "the text"),
        "nearest": nearest_place(tip),
        "outside": tip.place_outside,
        "conflict": f"The phone was {distance(conflict['distance_m'])} away from the place in the words."
        if conflict
        else None,
    }


def nearest_place(tip: Tip) -> str | None:
    """Say how far the nearest named place is, and in which direction from it."""
    if tip.lat is None or tip.lon is None:
        return None
    near = current_town().gazetteer.nearest(tip.lat, tip.lon)
    if near is None or near.distance_m < AT_A_PLACE_M:
        return near.name if near else None
    return f"{distance(near.distance_m)} {BEARINGS[near.bearing]} of {near.name}"


def short_place(tip: Tip) -> str | None:
    """Name a tip's place in a list: its own name, or that of the nearest place."""
    if tip.place_name or tip.lat is None or tip.lon is None:
        return tip.place_name
    near = current_town().gazetteer.nearest(tip.lat, tip.lon)
    return f"near {near.name}" if near else None


def near_point(tip: Tip) -> tuple[float, float]:
    """Return where to look for places that a tip may mean: where it lies, else the middle of the deployment."""
    if tip.lat is not None and tip.lon is not None:
        return tip.lat, tip.lon
    return current_town().gazetteer.centre


def _teach(tip: Tip) -> dict[str, Any]:
    """Prepare what an officer may teach from a tip; one press is enough where its place and its words are plain."""
    vague = tip.located_by not in NAMED or (tip.radius_m or 0.0) > VAGUE_M
    known = (tip.place_words or "").casefold()
    found = tuple(
        hint
        for hint in (place_hints(tip.text, channel=tip.channel) if vague else ())
        if not known or hint.casefold() not in known
    )
    pointed = tip.lat is not None and tip.located_by not in NAMED
    return {
        "hints": found,
        "obvious": found[0] if len(found) == 1 and pointed else None,
        "offers": places_like("", near=near_point(tip)) if tip.lat is None else (),
        "typed": found[0] if found else "",
    }


def _marked(tip: Tip, mentions: Sequence[Any]) -> Any:
    marks = [
        Mark(item.start, item.end, "observable", f"{item.kind} {as_written(tip.text, item)}")
        for item in mentions
    ]
    if tip.place_start is not None and tip.place_end is not None:
        marks.append(Mark(tip.place_start, tip.place_end, "place", tip.place_name or "place"))
    begin = tip.text.find(tip.event_words) if tip.event_words else -1
    if begin >= 0:
        marks.append(Mark(begin, begin + len(tip.event_words or ""), "fact", "when it happened"))
    return highlight(tip.text, marks)


def _also(others: int) -> str:
    return f"also in {counted(others, 'other tip', 'other tips')}" if others else ""


def _tips_of_sender(tip: Tip) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(Tip.contact_id == tip.contact_id)) or 0


def _messages(tip: Tip) -> list[dict[str, Any]]:
    rows = db.session.execute(
        sa.select(Message.direction, Message.body, Message.created_at)
        .where(Message.tip_id == tip.id, Message.body.is_not(None))
        .order_by(Message.id)
    )
    return [{"ours": row.direction == "out", "body": row.body, "at": row.created_at} for row in rows]


def _history(tip: Tip, home: TipCase | None) -> list[dict[str, Any]]:
    events = [
        {
            "icon": "inbox",
            "at": tip.received_at,
            "who": None,
            "words": f"Received by {CHANNEL_WORDS[tip.channel]}",
        }
    ]
    if home is not None:
        how = "confirmed by an officer" if home.confirmed else f"filed by {home.model_version}"
        events.append(
            {"icon": "link", "at": tip.received_at, "who": None, "words": f"In {home.number}, {how}"}
        )
    if tip.is_noise:
        who = "an officer" if tip.noise_set_by else "the program"
        events.append(
            {"icon": "archive-x", "at": tip.received_at, "who": None, "words": f"Set aside by {who}"}
        )
    return events
