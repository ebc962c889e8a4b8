"""Keep the index rows of a case pointing at its newest tips when tips move between cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from flask import current_app

import cases.services as case_services
from core.db import execute, table_of
from core.vault import Vault
from tips import queries
from tips.matching.footprint import Footprint
from tips.matching.keys import storage_keys
from tips.models import CaseKey
from tips.services import KEY_PURPOSE

MOST_READ = 2_000  # tips of one case; of what is older, those count that the rows named so far
KEYS_AT_ONCE = 5_000

_DROP = sa.text(f"DELETE FROM {CaseKey.__tablename__} WHERE key = :key AND case_id = :case_id")
_INSERT = sa.insert(table_of(CaseKey))
_NAMED = sa.select(CaseKey.tip_id, CaseKey.first_id).where(
    CaseKey.key.in_(sa.bindparam("keys", expanding=True)), CaseKey.case_id == sa.bindparam("case_id")
)


def point_keys(tip_ids: Collection[int], case_ids: Collection[int]) -> None:
    """Point the rows that cases have under the keys of moved tips at the newest tips that lie there now."""
    secret = _vault().derive(KEY_PURPOSE)
    moved = {key for keys, _ in _keys_of(tip_ids, secret).values() for key in keys}
    renew_keys(moved, case_ids, secret=secret)


def renew_keys(keys: Collection[int], case_ids: Collection[int], *, secret: bytes) -> None:
    """Point the rows that cases have under some keys at the newest and first tips that have these keys now."""
    if not keys:
        return
    renewed, cases = set(keys), sorted(case_ids)
    homes = case_services.case_ids_of_tips(_named_under(sorted(renewed), cases))
    execute(_DROP, [{"key": key, "case_id": case_id} for key in sorted(renewed) for case_id in cases])
    for case_id, newest in case_services.newest_tips_of_cases(cases, limit=MOST_READ).items():
        members = {*newest, *(tip_id for tip_id, home in homes.items() if home == case_id)}
        held: dict[int, list[tuple[int, int]]] = {}
        for tip_id, (its_keys, t) in _keys_of(members, secret).items():
            for key in renewed.intersection(its_keys):
                held.setdefault(key, []).append((t, tip_id))
        if held:
            execute(_INSERT, [_row(key, case_id, tips) for key, tips in sorted(held.items())])


def _named_under(keys: Sequence[int], case_ids: Collection[int]) -> set[int]:
    """Return the tips that the rows of cases name under some keys."""
    return {
        tip_id
        for start in range(0, len(keys), KEYS_AT_ONCE)
        for case_id in case_ids
        for row in execute(_NAMED, {"keys": keys[start : start + KEYS_AT_ONCE], "case_id": case_id})
        for tip_id in row
    }


def _row(key: int, case_id: int, tips: Collection[tuple[int, int]]) -> dict[str, int]:
    (t, newest), (_, first) = max(tips), min(tips)
    return {"key": key, "case_id": case_id, "t": t, "tip_id": newest, "first_id": first}


def _keys_of(tip_ids: Collection[int], secret: bytes) -> Mapping[int, tuple[tuple[int, ...], int]]:
    """Return the keys of each tip that is no noise, with its time."""
    found: dict[int, tuple[tuple[int, ...], int]] = {}
    for tip_id, text in queries.footprints_of(list(tip_ids)):
        footprint = Footprint.from_json(text)
        found[tip_id] = storage_keys(footprint, secret=secret), footprint.received_at
    return found


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
