"""Tell when something happened from words next to the time the message came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tips.reading.text import Text
from tips.reading.timewords import Item, items

# The hour that stands for a part of the day, and whether an hour of twelve said with it is before noon.
PART_HOURS = {"dawn": 4, "morning": 8, "noon": 12, "afternoon": 15, "evening": 19, "night": 22, "midnight": 0}
_DAYS_BACK = {
    "today": 0,
    "tonight": 0,
    "this_morning": 0,
    "yesterday": 1,
    "last_night": 1,
    "before_yesterday": 2,
}
_MAX_WORDS_APART = 24  # characters between a clock and the part of day that belongs to it
_SOONEST = timedelta(minutes=20)  # how far ahead of the message's arrival a stated time may lie
_OLDEST = timedelta(days=400)
_RECENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and the words that gave it."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class _Clues:
    """What was said about time: a day, a part of it, an hour."""

    day: Item | None = None
    weekday: Item | None = None
    part: Item | None = None
    clock: tuple[int, int] | None = None
    clock_items: tuple[Item, ...] = ()


def when(text: Text, languages: Sequence[str], *, received_at: datetime, timezone: str) -> Moment | None:
    """Return the time that the words name, in UTC, or None; habits ("every night") and the future name none."""
    said = _without_habits(items(text.folded, tuple(languages)))
    if not said:
        return None
    zone = _zone(timezone)
    now = received_at.astimezone(zone)
    moment = _ago(said, now) or _at_once(said, now) or _composed(said, now)
    if moment is None:
        return None
    at, used = moment
    if at > now + _SOONEST or now - at > _OLDEST:
        return None
    return Moment(at.astimezone(UTC), _words(text, used))


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _without_habits(said: list[Item]) -> list[Item]:
    """Drop "every" with the word of time after it, and everything that is announced for later."""
    kept: list[Item] = []
    skip = False
    for item in said:
        if skip:
            skip = False
            if item.kind in ("part", "day", "weekday", "unit"):
                continue
        if item.kind == "every":
            skip = True
        elif item.kind == "every_before" and kept and kept[-1].kind in ("part", "day", "weekday", "unit"):
            kept.pop()
        elif item.kind == "tomorrow":
            return []
        else:
            kept.append(item)
    return kept


def _ago(said: list[Item], now: datetime) -> tuple[datetime, list[Item]] | None:
    """Read "two hours ago", "hace una hora", "两小时前"."""
    for at, item in enumerate(said):
        if item.minutes is None:
            continue
        number = (
            said[at - 1]
            if at and said[at - 1].kind == "number" and item.start - said[at - 1].end <= 2
            else None
        )
        before = said[at - 2] if number and at > 1 else (said[at - 1] if at and not number else None)
        after = said[at + 1] if at + 1 < len(said) else None
        used = [piece for piece in (number, item) if piece]
        if before and before.kind == "ago_before" and used[0].start - before.end <= 8:
            used.insert(0, before)
        elif after and after.kind == "ago_after" and after.start - item.end <= 8:
            used.append(after)
        else:
            continue
        back = timedelta(minutes=item.minutes * (float(number.value) if number else 1.0))
        if back <= _OLDEST:
            return now - back, used
    return None


def _at_once(said: list[Item], now: datetime) -> tuple[datetime, list[Item]] | None:
    for item in said:
        if item.kind == "recently":
            return now - _RECENT, [item]
    present = next((item for item in said if item.kind == "now"), None)
    if present and not any(
        item.kind in ("day", "weekday") and item.value not in ("today", "tonight") for item in said
    ):
        return now, [present]
    return None


def _composed(said: list[Item], now: datetime) -> tuple[datetime, list[Item]] | None:
    """Put day, part of day and hour together."""
    clues = _clues(said)
    if clues.day is None and clues.weekday is None and clues.clock is None:
        return None
    used = [item for item in (clues.day, clues.weekday) if item] + list(clues.clock_items)
    if clues.part and (clues.day or clues.weekday or clues.clock):
        used.append(clues.part)
    day = _day(clues, now)
    at = datetime.combine(day, _hour(clues), tzinfo=now.tzinfo)
    name = str(clues.day.value) if clues.day else None
    if name in ("last_night", "yesterday") and clues.clock and at.hour < 6 and _is_night(clues):
        at += timedelta(days=1)  # "last night at two" is after midnight
    if clues.day is None and clues.weekday is None:
        while at > now + _SOONEST:
            at -= timedelta(days=1)
    elif at > now and name in ("today", "tonight", "this_morning"):
        at = now
    elif at > now and name == "last_night":
        at -= timedelta(days=1)
    return at, used


def _clues(said: list[Item]) -> _Clues:
    clues = _Clues()
    for at, item in enumerate(said):
        if item.kind == "day" and clues.day is None:
            clues = replace(clues, day=item)
        elif item.kind == "weekday" and clues.weekday is None:
            clues = replace(clues, weekday=item)
        elif clues.clock is None:
            clock = _clock(said, at)
            if clock:
                clues = replace(clues, clock=clock[0], clock_items=clock[1])
    anchors = [item for item in (clues.day, clues.weekday, *clues.clock_items) if item]
    parts = [item for item in said if item.kind == "part" and _is_near(item, anchors)]
    clues = replace(clues, part=parts[0] if parts else None)
    return replace(clues, clock=_of_day(clues, said)) if clues.clock else clues


def _clock(said: list[Item], at: int) -> tuple[tuple[int, int], tuple[Item, ...]] | None:
    """Read an hour that starts at this item: "at 3", "3 am", "15:30", "ตีสอง", "3 ทุ่ม", "两点"."""
    item = said[at]
    if item.kind == "hour":
        return (int(item.value), 0), (item,)
    if item.kind == "time":
        hour, minute = divmod(int(item.value), 60)
        return (hour, minute), (item,)
    if item.kind != "number" or not 0 <= float(item.value) <= 24 or float(item.value) % 1:
        return None
    before = said[at - 1] if at and item.start - said[at - 1].end <= 2 else None
    after = said[at + 1] if at + 1 < len(said) and said[at + 1].start - item.end <= 2 else None
    if after and after.kind in ("am", "pm", "clock_after"):
        first = (before,) if before and before.kind == "clock_before" else ()
        return (int(item.value) % 24, 0), (*first, item, after)
    if after and after.kind == "from_six" and 1 <= float(item.value) <= 5:
        return (18 + int(item.value), 0), (item, after)
    spoken_hours = after is not None and after.kind == "unit" and after.value == 60.0
    if before and before.kind == "clock_before" and (spoken_hours or not _counts_on(after)):
        return (int(item.value) % 24, 0), (before, item)
    return None


def _counts_on(after: Item | None) -> bool:
    """Say whether a number goes on as an amount: "at 11 boxes" does not, "about 3 days" and "about 11 20" do."""
    return after is not None and (after.kind == "unit" or (after.kind == "number" and after.value != 1.0))


def _of_day(clues: _Clues, said: list[Item]) -> tuple[int, int]:
    """Settle an hour of twelve by "am", "pm", the part of day said with it, or what tips are mostly about: the night."""
    hour, minute = clues.clock or (0, 0)
    kinds = {item.kind for item in clues.clock_items} | {
        item.kind
        for item in said
        if item.kind in ("am", "pm")
        and clues.clock_items
        and 0 <= item.start - clues.clock_items[-1].end <= 2
    }
    if any(item.kind == "hour" for item in clues.clock_items) or hour > 12:
        return hour, minute
    if any(item.shifted for item in clues.clock_items):
        hour = (hour + 6) % 12
    part = str(clues.part.value) if clues.part else ""
    if not part and clues.day and clues.day.value in ("last_night", "tonight"):
        part = "night"
    if not part and clues.day and clues.day.value == "this_morning":
        part = "morning"
    if "am" in kinds or part in ("dawn", "morning"):
        return hour % 12, minute
    if "pm" in kinds or part in ("afternoon", "evening") or (part == "night" and hour >= 6 and hour != 12):
        return hour % 12 + 12, minute
    if part in ("night", "midnight") and hour == 12:
        return 0, minute
    return hour % 24, minute


def _is_night(clues: _Clues) -> bool:
    part = str(clues.part.value) if clues.part else ""
    return part in ("night", "midnight") or (clues.day is not None and clues.day.value == "last_night")


def _is_near(item: Item, anchors: list[Item]) -> bool:
    return any(
        min(abs(item.start - anchor.end), abs(anchor.start - item.end)) <= _MAX_WORDS_APART
        for anchor in anchors
    )


def _day(clues: _Clues, now: datetime) -> date:
    if clues.day is not None:
        name = str(clues.day.value)
        back = 7 if name == "last_week" else _DAYS_BACK[name]
        return now.date() - timedelta(days=back)
    if clues.weekday is not None:
        return now.date() - timedelta(days=(now.weekday() - int(clues.weekday.value)) % 7)
    return now.date()


def _hour(clues: _Clues) -> time:
    if clues.clock:
        return time(*clues.clock)
    name = str(clues.day.value) if clues.day else ""
    if name in ("last_night", "tonight"):
        return time(PART_HOURS["night"])
    if name == "this_morning":
        return time(PART_HOURS["morning"])
    return time(PART_HOURS[str(clues.part.value)] if clues.part else 12)


def _words(text: Text, used: list[Item]) -> str:
    """Return the words as they were written, in the order of the message."""
    source = text.raw if len(text.raw) == len(text.folded) else text.folded
    pieces: list[str] = []
    end = -1
    for item in sorted(set(used), key=lambda piece: piece.start):
        if item.start >= end:
            pieces.append(source[item.start : item.end])
            end = item.end
    return " ".join(pieces)[:120]
