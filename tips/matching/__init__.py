"""Say whether a tip speaks of an incident that is already known, and why."""

from tips.matching.decision import Decision, Suggestion, decide
from tips.matching.footprint import Footprint, build_footprint
from tips.matching.keys import Hit, KeyRead, lookup_keys, lookup_plan, shortlist, storage_keys
from tips.matching.weights import Weights, default_weights, load_weights

__all__ = [
    "Decision", "Footprint", "Hit", "KeyRead", "Suggestion", "Weights", "build_footprint", "decide", "default_weights",
    "load_weights", "lookup_keys", "lookup_plan", "shortlist", "storage_keys",
]  # fmt: skip
