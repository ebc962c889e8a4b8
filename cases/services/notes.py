"""Notes on a case, with every earlier text kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.facts import Actor
from cases.models import CaseNote, CaseNoteRevision
from cases.services.records import lock_case
from cases.states import MERGED
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from signals.secrets import redact_secrets

LONGEST_NOTE = 10_000


@dataclass(frozen=True, slots=True)
class SavedNote:
    """A note as it stands after saving."""

    note_id: int
    case_id: int
    version: int


def add_note(*, case_id: int, body: str, actor: Actor, now: datetime) -> SavedNote:
    """Add a note to a case; a closed case takes notes too, a merged one does not."""
    case = lock_case(case_id)
    if case.state == MERGED:
        raise Conflict(f"{case.number} is merged. Write to the case that took over.")
    note = CaseNote(case_id=case_id, body=_text(body), version=1, author_id=actor.id, created_at=now)
    db.session.add(note)
    db.session.flush()
    audit.record(
        action="note.added",
        subject=("case", case.number),
        actor_id=actor.id,
        detail={"note": note.id},
        at=now,
    )
    return SavedNote(note.id, case_id, 1)


def edit_note(
    *, case_id: int, note_id: int, body: str, version: int, actor: Actor, now: datetime
) -> SavedNote:
    """Replace a note's text; where somebody saved in between raise Conflict carrying both texts."""
    note = db.session.get(CaseNote, note_id, with_for_update=True, populate_existing=True)
    if note is None or note.case_id != case_id:
        raise NotFound("There is no such note.")
    text = _text(body)
    if note.version != version:
        raise Conflict(
            "Somebody saved this note while you were writing.",
            theirs=note.body,
            yours=text,
            version=note.version,
        )
    db.session.add(
        CaseNoteRevision(
            note_id=note.id,
            version=note.version,
            body=note.body,
            author_id=note.edited_by or note.author_id,
            at=note.edited_at or note.created_at,
        )
    )
    note.body, note.version = text, note.version + 1
    note.edited_by, note.edited_at = actor.id, now
    number = lock_case(note.case_id).number
    audit.record(
        action="note.edited",
        subject=("case", number),
        actor_id=actor.id,
        detail={"note": note.id, "version": note.version},
        at=now,
    )
    db.session.flush()
    return SavedNote(note.id, note.case_id, note.version)


def _text(body: str) -> str:
    text = redact_secrets(body).strip()
    if not text:
        raise Invalid({"body": ["Write something first."]})
    if len(text) > LONGEST_NOTE:
        raise Invalid({"body": [f"A note has at most {LONGEST_NOTE} characters."]})
    return text
