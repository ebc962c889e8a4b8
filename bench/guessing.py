"""Time refusals at the pay desk: a wrong word, a voucher that does not exist and a locked one have to cost the same.

Times are the processor's, not the wall's: what else the machine does must not count. Kinds take turns, so that none
of them has the warmer caches.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from accounts.models import Staff  # noqa: E402
from accounts.roles import Role  # noqa: E402
from accounts.services import StaffMember  # noqa: E402
from app import create_app  # noqa: E402
from bench.servers import environment, fresh_database  # noqa: E402
from core.config import load_settings  # noqa: E402
from core.db import db, transaction  # noqa: E402
from core.vault import Vault  # noqa: E402
from rewards import queries, services  # noqa: E402
from rewards.outcome import CaseOutcome, ScoreCard, TipOutcome  # noqa: E402
from rewards.services import desk_paying  # noqa: E402
from rewards.services.desk_paying import DoesNotFit  # noqa: E402

OUT = ROOT / "bench" / "out" / "guessing.json"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KINDS = ("wrong word", "no such voucher", "locked voucher")
ROUNDS = 60
TRIES_EACH = 15
BAR_SPREAD = 0.05


def member(role: Role, number: int) -> StaffMember:
    """Add somebody who signs in nowhere, so that no password is hashed."""
    row = Staff(
        person_id=number, email=f"b{number}@example.org", name=f"{role.value} {number}", role=role.value,
        password_hash="none", active=True, created_at=NOW,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return StaffMember(row.id, row.person_id, row.email, row.name, role)


def voucher(number: int, signer: StaffMember, vault: Vault) -> str:
    """Take a reward to a claimed voucher; return its reference."""
    told = TipOutcome(
        number,
        f"1000-{number:04d}",
        NOW - timedelta(days=9),
        "sms",
        "decisive",
        card=ScoreCard(30, 30, 12, 0, 0),
    )
    case = CaseOutcome("seizure", (told,), (), NOW - timedelta(days=8), {}, "District")
    with transaction():
        ref = services.propose(
            case_id=number, case_number=f"C-2026-{number:06d}", outcome=case, actor_id=None, now=NOW
        ).ref
        assert ref is not None, "a tip of 72 points earns a reward"
        seen = queries.reward_by_ref(ref).snapshot_hash
        services.approve(ref=ref, snapshot=seen, actor=signer, key=f"approve-{number:06d}", now=NOW)
        return services.claim(tip_id=number, key=f"claim-{number:08d}", vault=vault, now=NOW).voucher


def guess(ref: str, person: StaffMember, vault: Vault) -> float:
    """Present a wrong word as the page does; return the processor's seconds until the refusal."""
    began = time.process_time()
    presented = desk_paying.present(voucher=ref, word="WRONGWORD1234", vault=vault)
    try:
        desk_paying.look_at(presented, actor=person, vault=vault, now=NOW)
    except DoesNotFit:
        with transaction():
            desk_paying.count_wrong(presented, actor=person, vault=vault, now=NOW)
    return time.process_time() - began


def measure(app: Flask) -> dict[str, list[float]]:
    """Guess in turns and keep the times of each kind; the first round only warms up."""
    vault: Vault = app.extensions["vault"]
    with transaction():
        services.ensure_fund(code="GEN", currency="USD", now=NOW)
        signer = member(Role.FINANCE, 1)
        services.deposit(
            fund="GEN", amount_minor=90_000_000, source="Treasury", reference="S-1", actor_id=signer.id,
            key="deposit-000001", now=NOW,
        )  # fmt: skip
        people = [member(Role.FINANCE, number) for number in range(2, 3 + len(KINDS) * ROUNDS // TRIES_EACH)]
    refs = [voucher(number, signer, vault) for number in range(1, ROUNDS + 2)]
    locked = refs.pop()
    for _ in range(5):
        with transaction():
            services.count_wrong_word(share_ref=locked, actor_id=signer.id, now=NOW)
    times: defaultdict[str, list[float]] = defaultdict(list)
    for turn, ref in enumerate(refs):
        for place, kind in enumerate(KINDS):
            target = {"wrong word": ref, "no such voucher": f"V-{turn:08d}", "locked voucher": locked}[kind]
            person = people[(turn * len(KINDS) + place) // TRIES_EACH]
            taken = guess(target, person, vault)
            if turn:
                times[kind].append(taken)
    return times


def main() -> None:
    """Print and store the medians; fail where they tell the kinds apart."""
    with fresh_database("sqlite") as database:
        app = create_app(load_settings(environment(database), instance_dir=Path(tempfile.mkdtemp())))
        assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
        with app.app_context():
            times = measure(app)
    medians = {kind: statistics.median(taken) * 1_000 for kind, taken in times.items()}
    spread = max(medians.values()) / min(medians.values()) - 1
    table = Table("refusal", "median ms", "rounds")
    for kind, taken in medians.items():
        table.add_row(kind, f"{taken:.2f}", str(len(times[kind])))
    console = Console()
    console.print(table)
    console.print(f"slowest over fastest: +{spread:.1%}, bar {BAR_SPREAD:.0%}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"median_ms": medians, "spread": spread}, indent=1))
    sys.exit(spread > BAR_SPREAD)


if __name__ == "__main__":
    main()
