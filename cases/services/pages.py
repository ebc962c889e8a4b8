"""Gather what the page of a case shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.roles import CASEWORKERS
from accounts.services import list_staff, staff_by_ids
from cases import queries, states
from cases.closing import Item
from cases.facts import Actor
from cases.models import Case, CaseLink, CaseNote, CaseTransition, Seizure
from cases.services.casefacts import case_facts, closing_list, grades_of, seizures_of
from cases.services.lookup import LinkView, links_of_case
from cases.services.tied import TieView, ties_of_case
from cases.services.timeline import TONES, Event, timeline
from cases.states import Offer


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as it reads now."""

    id: int
    body: str
    version: int
    author: str
    at: datetime
    edited_by: str | None
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case with everything its page shows; `may_work` says whether this person may change it."""

    case: Case
    state_words: str
    tone: str
    priority: int
    category: str | None
    unit: str
    assignee: str | None
    survivor: str | None
    may_work: bool
    finished: bool
    offers: tuple[Offer, ...]
    checklist: tuple[Item, ...]
    links: tuple[LinkView, ...]
    grades: Mapping[int, str]
    notes: tuple[NoteView, ...]
    seizures: tuple[Seizure, ...]
    timeline: tuple[Event, ...]
    staff: tuple[tuple[int, str], ...]
    units: tuple[tuple[int, str], ...]
    merge_targets: tuple[queries.CaseRow, ...]
    ties: tuple[TieView, ...]


def case_page(*, number: str, actor: Actor, now: datetime) -> CasePage:
    """Gather the page of a case; raise NotFound for an unknown number."""
    case = queries.case_by_number(number)
    notes, transitions, links = (
        queries.notes_of(case.id),
        queries.transitions_of(case.id),
        queries.links_ever_of(case.id),
    )
    seizures = seizures_of(case.id)
    names = _names(case, notes, transitions, links, seizures)
    finished = case.state in states.FINISHED
    works = actor.role in states.CASEWORKERS
    return CasePage(
        case=case,
        state_words=states.words(case.state).capitalize(),
        tone=TONES[case.state],
        priority=int((case.priority_set or case.priority)[1]),
        category=case.category_set or case.category,
        unit=queries.unit_name(case.unit_id),
        assignee=names.get(case.assignee_id),
        survivor=queries.number_of(case.survivor_id),
        may_work=works and not finished,
        finished=finished,
        offers=states.offers(case_facts(case), actor, now),
        checklist=closing_list(case),
        links=links_of_case(case.id),
        grades={tip_id: row.grade for tip_id, row in grades_of(case.id).items()},
        notes=tuple(_note(note, names) for note in notes),
        seizures=tuple(seizures),
        timeline=timeline(transitions=transitions, links=links, notes=notes, seizures=seizures, names=names),
        staff=_caseworkers() if works else (),
        units=tuple(queries.list_units()) if works else (),
        merge_targets=tuple(queries.merge_targets(case.id)) if works and not finished else (),
        ties=ties_of_case(case.id),
    )


def survivor_id_of(number: str | None) -> int | None:
    """Return the case that a merge or a move names by number; raise NotFound for an unknown one."""
    return queries.case_by_number(number.strip().upper()).id if number else None


def _names(
    case: Case,
    notes: Sequence[CaseNote],
    transitions: Sequence[CaseTransition],
    links: Sequence[CaseLink],
    seizures: Sequence[Seizure],
) -> dict[int | None, str]:
    ids = {case.assignee_id, *(seizure.recorded_by for seizure in seizures)}
    ids |= {staff_id for note in notes for staff_id in (note.author_id, note.edited_by)}
    ids |= {transition.actor_id for transition in transitions}
    ids |= {staff_id for link in links for staff_id in (link.made_by_id, link.confirmed_by, link.detached_by)}
    found = staff_by_ids({staff_id for staff_id in ids if staff_id is not None})
    return {staff_id: member.name for staff_id, member in found.items()}


def _caseworkers() -> tuple[tuple[int, str], ...]:
    return tuple((who.id, who.name) for who in list_staff() if who.active and who.role in CASEWORKERS)


def _note(note: CaseNote, names: Mapping[int | None, str]) -> NoteView:
    return NoteView(
        id=note.id,
        body=note.body,
        version=note.version,
        author=names.get(note.author_id, ""),
        at=note.created_at,
        edited_by=names.get(note.edited_by),
        edited_at=note.edited_at,
    )
