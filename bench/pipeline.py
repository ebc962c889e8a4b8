"""Replay a corpus in memory through the pure parts of intake, and write what `flask tips export` would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from pathlib import Path
from unittest.mock import patch

from bench import fit_reading
from bench.corpora import Corpus, Row
from cases.facts import CATEGORIES
from tips.inbound import DeviceFix, InboundTip, clean_text
from tips.matching import keys
from tips.matching.decision import Decision
from tips.matching.footprint import Footprint, build_footprint, folded
from tips.places import Gazetteer, Location, Place
from tips.reading import category, noise
from tips.reading.linear import LinearModel, from_json
from tips.understanding import Town, understand

SECRET = b"bench"
GOLD_SURE = 0.9  # what a perfect reader would claim of its category
GOLD_RADIUS = 0.6  # of the tolerance: what a perfect locator would claim


@dataclass(frozen=True)
class Intake:
    """One tip as the readers saw it, before matching; a footprint of None is noise."""

    tip: Row
    footprint: Footprint | None
    exported: Row


Reader = Callable[[Corpus], list[Intake]]
Row3 = tuple[int, int, int]  # when the newest tip of a case came, that tip, the first tip
Decider = Callable[[Footprint, Sequence[Footprint]], Decision]


@dataclass
class Index:
    """The case keys of the database, read as a look-up reads them."""

    rows: defaultdict[int, dict[int, Row3]] = field(default_factory=lambda: defaultdict(dict))
    tips: dict[int, Footprint] = field(default_factory=dict)

    def add(self, footprint: Footprint) -> None:
        """Make a filed tip the newest of its case under each of its keys."""
        t, tip_id, case_id = footprint.received_at, footprint.tip_id, footprint.case_id
        self.tips[tip_id] = footprint
        if case_id is None:
            return
        for key in keys.storage_keys(footprint, secret=SECRET):
            before = self.rows[key].get(case_id, (t, tip_id, tip_id))
            self.rows[key][case_id] = (t, tip_id, before[2]) if t >= before[0] else before

    def candidates(self, footprint: Footprint) -> list[Footprint]:
        """Read some cases under each key, and keep the best with their tips."""
        at = footprint.received_at
        plan = keys.lookup_plan(footprint, secret=SECRET)
        shortlist = keys.shortlist([hit for read in plan for hit in self._hits(read, at)], now=at)
        return [self.tips[tip_id] for tip_id in shortlist]

    def _hits(self, read: keys.KeyRead, at: int) -> Iterator[keys.Hit]:
        since, until = at - read.reach_s, at + keys.AHEAD_SECONDS
        held = [(row, case) for case, row in self.rows[read.key].items() if since <= row[0] <= until]
        for (t, newest, first), case_id in nlargest(read.cases, held):
            yield keys.Hit(case_id, newest, first, t, read.weight)


def replay(intakes: Iterable[Intake], decide: Decider) -> dict[str, Row]:
    """File every tip in order of arrival and return the export's rows by the tips' ids."""
    index = Index()
    exported: dict[str, Row] = {}
    for intake in intakes:
        row = {
            "case": None,
            "relation": None,
            "match_probability": None,
            "suggestions": [],
            **intake.exported,
        }
        if intake.footprint is not None:
            decision = decide(intake.footprint, index.candidates(intake.footprint))
            case_id = decision.case_id if decision.outcome == "attach" else intake.footprint.tip_id
            index.add(with_case(intake.footprint, case_id))
            row |= {
                "case": case_id,
                "relation": decision.relation,
                "match_probability": decision.probability,
                "reasons": decision.reasons,
                "suggestions": [
                    {"case": item.case_id, "probability": item.probability, "reasons": list(item.reasons)}
                    for item in decision.suggestions
                ],
            }
        exported[intake.tip["id"]] = row
    return exported


def with_case(footprint: Footprint, case_id: int | None) -> Footprint:
    """Return the same tip filed in a case."""
    return replace(footprint, case_id=case_id)


def gazetteer_of(corpus: Corpus) -> Gazetteer:
    """Build the places of one town as its operator entered them."""
    town = corpus.deployment
    places = [
        Place(
            name=row["name"],
            aliases=tuple(name.strip() for name in row["aliases"].split(";") if name.strip()),
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            kind=row["kind"],
        )
        for row in corpus.places
    ]
    return Gazetteer(
        places,
        centre=tuple(town["centre"]),
        radius_km=town["radius_km"],
        country_codes=town["country_codes"],
        languages=town["languages"],
    )


def unseen_models(folder: Path, left_out: str) -> dict[str, LinearModel]:
    """Fit the reading models on every town but one, so that they meet that one as they would a new town."""
    towns = [path.parent for path in sorted(folder.glob("*/tips.jsonl")) if path.parent.name != left_out]
    examples = [example for town in towns for example in fit_reading.corpus_examples(town)]
    tables = fit_reading.fit_both(examples + fit_reading.invented_examples())
    return {"category": from_json(tables[0]), "noise": from_json(tables[1])}


def read_unseen(corpus: Corpus, folder: Path) -> list[Intake]:
    """Read a corpus with reading models that were fitted without it."""
    models = unseen_models(folder, corpus.name)
    with patch.object(category, "load", models.__getitem__), patch.object(noise, "load", models.__getitem__):
        return read_real(corpus)


def town_of(corpus: Corpus) -> Town:
    """Return what the readers know of a corpus's town."""
    town = corpus.deployment
    return Town(
        tuple(town["country_codes"]), tuple(town["languages"]), town["timezone"], gazetteer_of(corpus)
    )


def read_real(corpus: Corpus) -> list[Intake]:
    """Read every tip of a corpus as intake does, without a database."""
    town = town_of(corpus)
    last_place: dict[str, Location] = {}
    intakes: list[Intake] = []
    for number, tip in enumerate(corpus.tips, start=1):
        text, sender = clean_text(tip["text"]), tip["from"]
        device = None
        if tip["lat"] is not None:
            device = DeviceFix(tip["lat"], tip["lon"], tip["accuracy_m"])
        understood = understand(
            InboundTip(source_key=tip["id"], channel=tip["channel"], text=text, sender=sender, device=device),
            town=town,
            received_at=tip["at"],
            known_sender=sender in last_place,
            previous=last_place.get(sender),
        )
        location, reading = understood.location, understood.reading
        if location is not None:
            last_place[sender] = location
        footprint = build_footprint(
            tip_id=number,
            received_at=tip["at"],
            sender=sender,
            text=text,
            location=location,
            reading=reading,
            observables=understood.observables,
        )
        exported = {
            "is_noise": reading.is_noise,
            "category": reading.category,
            "language": reading.language,
            "lat": location.lat if location else None,
            "lon": location.lon if location else None,
            "radius_m": location.radius_m if location else None,
            "located_by": location.source if location else None,
            "words": location.words if location else None,
            "observables": [{"kind": item.kind, "value": item.value} for item in understood.observables],
        }
        intakes.append(Intake(tip, None if reading.is_noise else footprint, exported))
    return intakes


def with_gold(intakes: Iterable[Intake]) -> list[Intake]:
    """Put the labels' place, category and observables where the readers' were: what matching alone can do."""
    return [
        replace(intake, footprint=_given(intake.footprint, intake.tip))
        for intake in intakes
        if intake.footprint is not None
    ]


def _given(footprint: Footprint, tip: Row) -> Footprint:
    if not tip["incident"]:
        return footprint
    rest = (1.0 - GOLD_SURE) / (len(CATEGORIES) - 1)
    return replace(
        footprint,
        lat=tip["gold_lat"],
        lon=tip["gold_lon"],
        radius_m=GOLD_RADIUS * (tip["gold_tolerance_m"] or 0.0),
        categories=dict.fromkeys(CATEGORIES, rest) | {tip["category"]: GOLD_SURE},
        observables=frozenset(
            (item["kind"], folded(item["kind"], item["value"])) for item in tip["observables"]
        ),
    )
