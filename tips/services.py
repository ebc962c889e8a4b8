"""Take a tip in: stored, placed, matched and filed in one transaction."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

import cases.services as case_services
import signals.services as signal_services
from cases.facts import FiledTip, Filing, Suggestion, TipFacts
from core.codes import LONGEST_CODE, SHORTEST_CODE, new_tip_code
from core.db import db, execute, insert_once
from core.vault import Vault
from signals.secrets import redact_secrets
from tips import geocode_requests, queries
from tips.contacts import ContactView, keep_contact, normal_number
from tips.inbound import InboundTip
from tips.knowledge import current_town
from tips.matching.decision import Decision, decide
from tips.matching.footprint import Footprint, build_footprint, folded
from tips.matching.keys import lookup_plan, shortlist, storage_keys
from tips.matching.weights import default_weights
from tips.models import CaseKey, Tip
from tips.places.types import Location
from tips.understanding import Understanding, understand
from tips.written import Spellings, in_their_letters, linking, names_other, spellings

SAME_PLACE_FOR = timedelta(days=14)
KEY_PURPOSE = "block-keys"
TRIES_PER_LENGTH = 3
REMEMBERED = 4_096  # footprints, some kilobytes each; with more, the collector stops a busy server for longer

_BEFORE = sa.select(Tip.id, Tip.code, Tip.language, Tip.contact_id, Tip.is_noise, Tip.text).where(
    Tip.source_key == sa.bindparam("source_key")
)
_WRITE_CASE_KEY = sa.text(
    f"INSERT INTO {CaseKey.__tablename__} AS old (key, case_id, t, tip_id, first_id) "
    "VALUES (:key, :case_id, :t, :tip_id, :tip_id) "
    "ON CONFLICT (key, case_id) DO UPDATE SET t = excluded.t, tip_id = excluded.tip_id WHERE excluded.t >= old.t"
)


@dataclass(frozen=True, slots=True)
class Received:
    """A tip that is stored and filed; `is_new` is False where the same message came before."""

    tip_id: int
    code: str
    language: str
    contact_id: int | None
    is_noise: bool
    is_new: bool
    text: str
    filed: FiledTip | None = None


def receive(inbound: InboundTip, *, vault: Vault, now: datetime, secret_hash: str | None = None) -> Received:
    """Store, place, match and file one tip; the same `source_key` twice returns the first tip."""
    received_at = inbound.received_at or now
    earlier = received_before(inbound.source_key)
    if earlier is not None:
        return earlier
    town = current_town()
    contact = None
    if inbound.sender:
        contact = keep_contact(normal_number(inbound.sender, town.country_codes), vault=vault, now=now)
    return receive_from(contact, inbound, vault=vault, received_at=received_at, secret_hash=secret_hash)


def receive_from(
    contact: ContactView | None,
    inbound: InboundTip,
    *,
    vault: Vault,
    received_at: datetime,
    secret_hash: str | None = None,
) -> Received:
    """Take in a tip whose sender is known already."""
    inbound = dataclasses.replace(inbound, text=redact_secrets(inbound.text))
    previous = _previous(contact, received_at)
    understood = understand(
        inbound,
        town=current_town(),
        received_at=received_at,
        known_sender=previous is not None,
        previous=previous,
    )
    footprint = build_footprint(
        tip_id=0,
        received_at=received_at,
        sender=contact.alias if contact else None,
        text=inbound.text,
        location=understood.location,
        reading=understood.reading,
        observables=understood.observables,
    )
    secret = vault.derive(KEY_PURPOSE)
    found = spellings(inbound.text, understood.observables)
    decision = None if understood.reading.is_noise else match(footprint, secret=secret, found=found)
    stored = _store(contact, inbound, understood, footprint, received_at=received_at, secret_hash=secret_hash)
    if stored is None:
        earlier = received_before(inbound.source_key)
        assert earlier is not None, "a tip that could not be stored twice is there once"
        return earlier
    tip_id, code = stored
    if understood.observables:
        signal_services.record_mentions(
            subject=("tip", tip_id), observables=understood.observables, at=received_at
        )
    filed = None
    if decision is not None:
        facts = _facts(tip_id, code, contact, inbound, understood, received_at)
        if contact is None and decision.outcome != "attach":
            facts = dataclasses.replace(facts, independent=True)  # nobody else can have spoken in a new case
        filed = case_services.file_tip(facts=facts, filing=filing_of(decision), now=received_at)
        write_keys(tip_id, footprint, case_id=filed.case_id, secret=secret)
        if found:
            written = linking(understood.observables, inbound.text)
            case_services.tie_tip(tip_id=tip_id, case_id=filed.case_id, written=written, now=received_at)
    if inbound.place_words and understood.location is None:
        geocode_requests.ask_later(tip_id, inbound.place_words, now=received_at)
    reading = understood.reading
    contact_id = contact.id if contact else None
    return Received(tip_id, code, reading.language, contact_id, reading.is_noise, True, inbound.text, filed)


def received_before(source_key: str) -> Received | None:
    """Return the tip that a message made when it came first."""
    row = execute(_BEFORE, {"source_key": source_key}).first()
    return (
        Received(row.id, row.code, row.language, row.contact_id, row.is_noise, False, row.text)
        if row
        else None
    )


def match(footprint: Footprint, *, secret: bytes, found: Spellings, later: bool = False) -> Decision:
    """Compare a tip with what the index brings; reads a bounded number of rows whatever the history.

    `found` tells how the tip writes its identifiers, for the reasons that name them. `later` looks as well at what came
    since, for a tip that is matched anew.
    """
    plan = lookup_plan(footprint, secret=secret)
    hits = queries.read_hits(plan, at=footprint.received_at)
    if later:
        hits += queries.read_hits(plan, at=footprint.received_at, later=True)
    homes = shortlist(hits, now=footprint.received_at)
    homes.pop(footprint.tip_id, None)
    found_texts = queries.footprints_of(list(homes))
    candidates = [_footprint(text, tip_id, homes[tip_id]) for tip_id, text in found_texts]
    return _readable(decide(footprint, candidates, weights=default_weights()), found, list(homes))


def _readable(decision: Decision, found: Spellings, tip_ids: Sequence[int]) -> Decision:
    """Write the identifiers in a decision's reasons as the tips do."""
    reasons = [*decision.reasons, *(reason for one in decision.suggestions for reason in one.reasons)]
    if names_other(reasons):
        others = signal_services.mentions_of_many("tip", tip_ids).values()
        theirs = {(item.kind, folded(item.kind, item.value)): item.value for some in others for item in some}
        found = theirs | dict(found)
    if not found:
        return decision
    return dataclasses.replace(
        decision,
        reasons=in_their_letters(decision.reasons, found),
        suggestions=tuple(
            dataclasses.replace(one, reasons=in_their_letters(one.reasons, found))
            for one in decision.suggestions
        ),
    )


@functools.lru_cache(maxsize=REMEMBERED)
def _footprint(text: str, tip_id: int, case_id: int | None) -> Footprint:
    # a busy hour compares the same tips again and again
    return Footprint.from_json(text, case_id=case_id, tip_id=tip_id)


def write_keys(tip_id: int, footprint: Footprint, *, case_id: int, secret: bytes) -> None:
    """Make a tip the newest of its case under each of its keys; in one order, so that two writers never wait in a ring."""
    keys = storage_keys(footprint, secret=secret)
    if keys:
        t = footprint.received_at
        rows = [{"key": key, "case_id": case_id, "t": t, "tip_id": tip_id} for key in sorted(keys)]
        execute(_WRITE_CASE_KEY, rows)


def _previous(contact: ContactView | None, received_at: datetime) -> Location | None:
    return queries.last_location_of(contact.id, since=received_at - SAME_PLACE_FOR) if contact else None


def _store(
    contact: ContactView | None,
    inbound: InboundTip,
    understood: Understanding,
    footprint: Footprint,
    *,
    received_at: datetime,
    secret_hash: str | None,
) -> tuple[int, str] | None:
    values = _values(inbound, understood) | {
        "contact_id": contact.id if contact else None,
        "received_at": received_at,
        "secret_hash": secret_hash,
        "footprint": footprint.to_json(),
        "model_version": default_weights().version,
    }
    for length in range(SHORTEST_CODE, LONGEST_CODE + 1, 2):
        for _ in range(TRIES_PER_LENGTH):
            code = new_tip_code(length=length)
            tip_id = insert_once(Tip.__table__, values | {"code": code})
            if tip_id is not None:
                return tip_id, code
            if queries.tip_id_by_source(inbound.source_key) is not None:
                return None
    raise RuntimeError("no free tip code was found")


def _values(inbound: InboundTip, understood: Understanding) -> dict[str, object]:
    reading, location = understood.reading, understood.location
    values: dict[str, object] = {
        "source_key": inbound.source_key,
        "external_id": inbound.external_id,
        "channel": inbound.channel,
        "text": inbound.text,
        "event_at": reading.event_at,
        "event_words": reading.event_words[:120] if reading.event_words else None,
        "language": reading.language,
        "language_probability": reading.language_probability,
        "category": None if reading.is_noise else reading.category,
        "category_probability": None if reading.is_noise else reading.category_probability,
        "is_noise": reading.is_noise,
        "noise_reason": reading.noise_reason if reading.is_noise else None,
        "place_outside": False,
    }
    return values | location_values(location)


def location_values(location: Location | None) -> dict[str, object]:
    """Return the columns of a place."""
    if location is None:
        return {}
    return {
        "lat": location.lat,
        "lon": location.lon,
        "radius_m": location.radius_m,
        "located_by": location.source,
        "place_name": location.place[:200] if location.place else None,
        "place_words": location.words[:400] if location.words else None,
        "place_start": location.start,
        "place_end": location.end,
        "place_outside": location.outside,
        "place_conflict": dataclasses.asdict(location.conflict) if location.conflict else None,
    }


def facts_of(tip: Tip, *, alias: str | None) -> TipFacts:
    """Return what a case needs to know of a stored tip."""
    return TipFacts(
        tip_id=tip.id,
        code=tip.code,
        received_at=tip.received_at,
        category=tip.category,
        category_probability=tip.category_probability or 0.0,
        lat=tip.lat,
        lon=tip.lon,
        radius_m=tip.radius_m,
        place=_place_name(tip.place_name, tip.lat, tip.lon),
        language=tip.language,
        sender_alias=alias,
        independent=alias is not None and tip.channel != "web",
        event_at=tip.event_at,
        channel=tip.channel,
    )


def tell_case(tip_id: int) -> None:
    """Tell the case of a tip that what is known of it has changed."""
    db.session.flush()
    row = queries.tips_by_ids([tip_id])[tip_id]
    db.session.refresh(row.tip)
    case_services.refresh_tip(facts=facts_of(row.tip, alias=row.alias))


def _place_name(name: str | None, lat: float | None, lon: float | None) -> str | None:
    if name is not None or lat is None or lon is None:
        return name
    near = current_town().gazetteer.nearest(lat, lon)
    return near.name if near else None


def _facts(
    tip_id: int,
    code: str,
    contact: ContactView | None,
    inbound: InboundTip,
    understood: Understanding,
    received_at: datetime,
) -> TipFacts:
    location, reading = understood.location, understood.reading
    return TipFacts(
        tip_id=tip_id,
        code=code,
        received_at=received_at,
        category=reading.category,
        category_probability=reading.category_probability,
        lat=location.lat if location else None,
        lon=location.lon if location else None,
        radius_m=location.radius_m if location else None,
        place=_place_name(location.place, location.lat, location.lon) if location else None,
        language=reading.language,
        sender_alias=contact.alias if contact else None,
        # a number typed into a form proves nothing until it has texted us
        independent=contact is not None and inbound.channel != "web",
        event_at=reading.event_at,
        channel=inbound.channel,
    )


def filing_of(decision: Decision) -> Filing:
    """Translate the matcher's decision for the package below."""
    return Filing(
        outcome=decision.outcome,
        case_id=decision.case_id,
        relation=decision.relation,
        probability=decision.probability,
        # the reasons of a case that was only suggested stand with the suggestion
        reasons=decision.reasons if decision.outcome == "attach" else (),
        suggestions=tuple(Suggestion(s.case_id, s.probability, s.reasons) for s in decision.suggestions),
        model_version=decision.model_version,
    )
