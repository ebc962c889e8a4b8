"""What happened to a case, told from its rows, latest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.models import CaseLink, CaseNote, CaseTransition, Seizure
from cases.states import ACTIVE, ASSESSING, CLOSED, MERGED, ON_HOLD, OPEN, PENDING_REVIEW, REFERRED, words
from core.codes import show_tip_code

THE_PROGRAM = "Waypost"
TONES = {
    OPEN: "warn",
    ASSESSING: "info",
    ACTIVE: "info",
    ON_HOLD: "plain",
    REFERRED: "plain",
    PENDING_REVIEW: "warn",
    CLOSED: "good",
    MERGED: "plain",
}
Names = Mapping[int | None, str]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline; `kind` is state, note, seizure, filed, confirmed or left."""

    at: datetime
    kind: str
    words: str
    who: str | None
    tone: str | None = None
    detail: str = ""


def timeline(
    *,
    transitions: Sequence[CaseTransition],
    links: Sequence[CaseLink],
    notes: Sequence[CaseNote],
    seizures: Sequence[Seizure],
    names: Names,
) -> tuple[Event, ...]:
    """Put everything that happened to a case in one order."""
    events = [
        *(_filed(link, names) for link in links),
        *(_moved(transition, names) for transition in transitions),
        *(_left(link, link.detached_at, names) for link in links if link.detached_at is not None),
        *_confirmed(links, names),
        *(Event(note.created_at, "note", "Note written", names.get(note.author_id)) for note in notes),
        *(_seized(seizure, names) for seizure in seizures),
    ]
    return tuple(sorted(events, key=lambda event: event.at)[::-1])


def _moved(transition: CaseTransition, names: Names) -> Event:
    said = "Opened" if transition.from_state is None else words(transition.to_state).capitalize()
    typed = [transition.reason, *map(str, transition.detail.values())]
    who = names.get(transition.actor_id, THE_PROGRAM)
    return Event(
        transition.at, "state", said, who, TONES[transition.to_state], "; ".join(filter(None, typed))
    )


def _filed(link: CaseLink, names: Names) -> Event:
    who = names.get(link.made_by_id, THE_PROGRAM)
    return Event(
        link.made_at, "filed", f"Tip {show_tip_code(link.code)} filed", who, None, "; ".join(link.reasons)
    )


def _left(link: CaseLink, at: datetime, names: Names) -> Event:
    said, who = f"Tip {show_tip_code(link.code)} taken out", names.get(link.detached_by)
    return Event(at, "left", said, who, "warn", link.detached_reason or "")


def _confirmed(links: Sequence[CaseLink], names: Names) -> Iterator[Event]:
    """Tell tips that one person confirmed at once in one line; whoever filed by hand has confirmed by that."""
    together: dict[tuple[datetime, int | None], list[str]] = defaultdict(list)
    for link in links:
        if link.confirmed_at is not None and link.made_by == "machine":
            together[link.confirmed_at, link.confirmed_by].append(show_tip_code(link.code))
    for (at, staff_id), codes in together.items():
        said = f"Tip {codes[0]} confirmed" if len(codes) == 1 else f"{len(codes)} tips confirmed"
        yield Event(at, "confirmed", said, names.get(staff_id), "good")


def _seized(seizure: Seizure, names: Names) -> Event:
    return Event(
        seizure.recorded_at,
        "seizure",
        "Seizure recorded",
        names.get(seizure.recorded_by),
        "good",
        seizure.description,
    )
