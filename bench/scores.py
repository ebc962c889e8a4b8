"""Score a replay's filing against gold incidents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]
READ = 3  # suggestions that an officer looks at
SPOT_CHECK = 20  # one in so many tips marked as noise is looked at
BARS = {  # figure: (sparse, dense, more is better)
    "attach_precision": (0.97, 0.90, True),
    "attach_recall": (0.70, 0.50, True),
    "recall_at_3": (0.93, 0.85, True),
    "b_cubed_f1": (0.86, 0.80, True),
    "wrong_merges": (2, 5, False),
    "decisions_per_100": (55, 62, False),
    "pairwise_f1": (0.50, 0.50, True),
}


def score(tips: Sequence[Row], rows: Mapping[str, Row]) -> dict[str, float]:
    """Return the figures of an export, whose rows are keyed by the tips' ids; every tip has a row."""
    return {**_groups(tips, rows), **_arrivals(tips, rows)}


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0


def _groups(tips: Sequence[Row], rows: Mapping[str, Row]) -> dict[str, float]:
    gold = {tip["id"]: tip["incident"] for tip in tips if tip["incident"]}
    case_of = {key: rows[key]["case"] or ("own", key) for key in gold}
    incidents, cases = Counter(gold.values()), Counter(case_of.values())
    shared = Counter((case_of[key], gold[key]) for key in gold)
    held, wanted, right = (
        sum(n * (n - 1) / 2 for n in sizes.values()) for sizes in (cases, incidents, shared)
    )
    precision = sum(shared[case_of[key], gold[key]] / cases[case_of[key]] for key in gold) / len(gold)
    recall = sum(shared[case_of[key], gold[key]] / incidents[gold[key]] for key in gold) / len(gold)
    return {
        "pairwise_f1": _f1(right / held if held else 0.0, right / wanted if wanted else 0.0),
        "b_cubed_f1": _f1(precision, recall),
        "wrong_merges": float(sum(count > 1 for count in Counter(case for case, _ in shared).values())),
    }


def _arrivals(tips: Sequence[Row], rows: Mapping[str, Row]) -> dict[str, float]:
    members: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    seen: set[str] = set()
    later = attachments = right = early = reviews = waiting = 0
    for tip in tips:
        incident, row = tip["incident"], rows[tip["id"]]
        is_later = bool(incident) and incident in seen
        later += is_later
        seen.add(incident)
        case, suggestions = row["case"], row["suggestions"]
        attached = case is not None and case in members
        right_cases = {
            name
            for name, held in members.items()
            if incident and 2 * held[incident] > held.total() - held[""]
        }
        offered = {item["case"] for item in suggestions[:READ]} | {case}
        early += is_later and bool(offered & right_cases)
        attachments += attached and bool(incident)
        right += attached and case in right_cases
        review = bool(suggestions) and not attached
        reviews += review
        waiting += case is None and not review and row["is_noise"] is not True
        if case is not None:
            members[case][incident or ""] += 1
    spot_checks = sum(row["is_noise"] is True for row in rows.values()) / SPOT_CHECK
    return {
        "attach_precision": right / attachments if attachments else 1.0,
        "attach_recall": right / later,
        "recall_at_3": early / later,
        "decisions_per_100": 100 * (len(members) + reviews + waiting + spot_checks) / len(tips),
        "cases": float(len(members)),
        "reviews": float(reviews),
    }


def meets(figure: str, value: float, *, dense: bool) -> bool:
    """Say whether a figure reaches its bar."""
    sparse_bar, dense_bar, more = BARS[figure]
    bar = dense_bar if dense else sparse_bar
    return value >= bar if more else value <= bar
