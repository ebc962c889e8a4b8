"""Show how the whole step does on towns that neither the readers nor the matcher were fitted on, and where it errs.

Run `python -m bench.unseen`: every town is left out of the fit in turn. `--shipped` uses the shipped weights and
models as they are, `--errors` lists the mistakes by kind, `--only TOWN …` scores some towns only.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import corpora, pipeline, scores
from bench.corpora import Corpus, Row
from bench.fit_matcher import DENSE, all_unseen_weights, policy_of, read_towns
from bench.reading_scores import (
    READING_BARS,
    is_confidently_wrong,
    is_placed,
    observables_of,
    off_by,
    score_reading,
)
from tips.matching.weights import default_weights

BARS = scores.BARS | READING_BARS
SHOWN = 110  # letters of a text


def rows_of_towns(folder: Path, *, shipped: bool) -> Iterator[tuple[Corpus, dict[str, Row]]]:
    """Replay every town and yield it with its exported rows."""
    if shipped:
        weights = default_weights()
        for corpus in corpora.load_all(folder):
            yield corpus, pipeline.replay(pipeline.read_real(corpus), policy_of(weights))
        return
    towns = read_towns(folder)
    for (corpus, intakes), weights in zip(towns, all_unseen_weights(towns), strict=True):
        yield corpus, pipeline.replay(intakes, policy_of(weights))


def score(tips: Sequence[Row], rows: Mapping[str, Row]) -> dict[str, float]:
    """Return every figure that has a bar."""
    return {**scores.score(tips, rows), **score_reading(tips, rows)}


def show(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Lay out figures of towns as a table with the bars and what is missed."""
    lines = [
        f"{'figure':20}"
        + "".join(f"{name[:9]:>10}" for name in figures)
        + f"{'sparse bar':>12}{'dense bar':>11}"
    ]
    for name, (sparse, dense, _) in BARS.items():
        cells = "".join(
            f"{values[name]:.3f}{' ' if meets(name, values[name], dense=town in DENSE) else '*'}".rjust(10)
            for town, values in figures.items()
        )
        lines.append(f"{name:20}{cells}{sparse:>12}{dense:>11}")
    return "\n".join([*lines, f"* misses its bar; dense: {', '.join(DENSE)}"])


def meets(figure: str, value: float, *, dense: bool) -> bool:
    """Say whether a figure reaches its bar."""
    sparse_bar, dense_bar, more = BARS[figure]
    bar = dense_bar if dense else sparse_bar
    return value >= bar - 1e-9 if more else value <= bar + 1e-9


def errors(tips: Sequence[Row], rows: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    """Yield each mistake as its kind and a line to read."""
    yield from _reading_errors(tips, rows)
    members: defaultdict[object, list[Row]] = defaultdict(list)
    incident_cases: defaultdict[str, Counter[object]] = defaultdict(Counter)
    for tip in tips:
        row, incident = rows[tip["id"]], tip["incident"]
        case = row["case"]
        if case is None:
            continue
        mates = members[case]
        if mates and incident and case not in _majority(incident, members):
            yield (
                "filed wrongly",
                f"{row['match_probability']:.2f} {_line(tip)}\n        with {_line(mates[-1])}"
                f"\n        {'; '.join(row['reasons'])}",
            )
        if not mates and incident and incident_cases[incident]:
            first = next(mate for one in incident_cases[incident] for mate in members[one])
            offered = any(
                item["case"] in incident_cases[incident] for item in row["suggestions"][: scores.READ]
            )
            kind = "only suggested" if offered else "missed"
            yield kind, f"{row['match_probability']:.2f} {_line(tip)}\n        of   {_line(first)}"
        mates.append(tip)
        if incident:
            incident_cases[incident][case] += 1


def _majority(incident: str, members: Mapping[object, Sequence[Row]]) -> set[object]:
    return {
        case
        for case, held in members.items()
        if 2 * sum(one["incident"] == incident for one in held) > sum(bool(one["incident"]) for one in held)
    }


def _reading_errors(tips: Sequence[Row], rows: Mapping[str, Row]) -> Iterator[tuple[str, str]]:
    for tip in tips:
        row, line = rows[tip["id"]], _line(tip)
        if bool(row["is_noise"]) == bool(tip["incident"]):
            yield ("lost" if tip["incident"] else "noise let through"), line
        if tip["gold_lat"] is not None and not is_placed(tip, row):
            sure = "CONFIDENT " if is_confidently_wrong(tip, row) else ""
            yield (
                "misplaced",
                f"{sure}{off_by(tip, row):.0f} m, tolerance {tip['gold_tolerance_m']} {row['located_by']} {row['words']} {line}",
            )
        if tip["gold_lat"] is None and tip["lat"] is None and row["lat"] is not None:
            yield "placed for nothing", f"{row['located_by']} {row.get('words')} {line}"
        if tip["incident"] and row["category"] != tip["category"]:
            yield "category", f"{tip['category']} read as {row['category']}: {line}"
        if (row["language"] or "").split("-")[0] != tip["language"]:
            yield "language", f"{tip['language']} read as {row['language']}: {line}"
        wanted, found = observables_of(tip), observables_of(row)
        if wanted != found:
            yield "observables", f"missed {sorted(wanted - found)} invented {sorted(found - wanted)}: {line}"


def _line(tip: Row) -> str:
    return f"{tip['id']} {tip['incident'] or 'noise'} {tip['received_at'][5:16]} {tip['text'][:SHOWN]!r}"


def main() -> None:
    """Print the table, and the mistakes where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=corpora.FOLDER)
    parser.add_argument(
        "--shipped", action="store_true", help="the shipped weights, whatever they were fitted on"
    )
    parser.add_argument("--errors", action="store_true", help="list the mistakes by kind")
    parser.add_argument("--only", nargs="+", default=(), metavar="TOWN")
    asked = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    mistakes: dict[str, list[tuple[str, str]]] = {}
    for corpus, rows in rows_of_towns(asked.corpora, shipped=asked.shipped):
        if not asked.only or corpus.name in asked.only:
            figures[corpus.name] = score(corpus.tips, rows)
            mistakes[corpus.name] = sorted(errors(corpus.tips, rows))
    print(show(figures))
    for town, found in mistakes.items() if asked.errors else ():
        counts = Counter(kind for kind, _ in found)
        print(f"\n{town}: " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))
        for kind, line in found:
            print(f"  {kind:18} {line}")


if __name__ == "__main__":
    main()
