"""Time the recogniser: typical tips on one core, and the worst that 10,000 characters can cost.

Times are the processor's, not the wall's: what else the machine does must not count.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from signals.recognise import recognise  # noqa: E402

OUT = ROOT / "bench" / "out" / "recognise.json"
CORPORA = ROOT / "tests" / "corpus"
LONGEST = 10_000
ROUNDS = 5
BAR_TEXTS_PER_SECOND = 2_000
BAR_WORST_MS = 100.0
COUNTRIES = (("MX", "US"), ("TH", "MM"), ("BD", "IN"), ("KE", "UG", "TZ"), ("GB", "DE", "PL"), ())
SEEDS = {
    "one digit": "1", "digits and blanks": "1 ", "plus signs": "+1 ", "dots": "1.1.1.1.", "commas": "1,111",
    "brackets": "(", "hyphens": "1-", "handles": "@a", "host labels": "a.", "broken dots": "a[.]",
    "one long host": "http://aaaaaaaaaa", "many links": "http://a.b/ ", "plates": "ABC 123 ",
    "plates with words": "plate ABC 123 ", "Thai plates": "บล 4521 ", "Thai letters": "ก", "Bengali": "চট্টমেট্রো ",
    "Chinese words": "车牌", "phones": "call 0712 345 678 ", "numbers": "7 123 456 789 0 ", "trunk codes": "0044 ",
    "hashed addresses": "0x" + "aB" * 20 + " ", "base58": "1BTJFzVDBVkAUCkqxuXvGzYJJUTLAogLRE ",
    "accounts": "FR76 3000 6000 ", "serials": "serial A1-", "chassis": "vin 1 A ", "degrees": "1° 1' ",
}  # fmt: skip


def corpus_texts() -> list[tuple[str, tuple[str, ...]]]:
    """Return every development tip with the countries of its deployment."""
    texts = []
    for folder in sorted(CORPORA.iterdir()):
        if (folder / "tips.jsonl").exists():
            countries = tuple(json.loads((folder / "deployment.json").read_text("utf-8"))["country_codes"])
            lines = (folder / "tips.jsonl").read_text("utf-8").splitlines()
            texts.extend((json.loads(line)["text"], countries) for line in lines)
    return texts


def typical() -> dict[str, float]:
    """Time typical tips: the first pass with cold caches, then the median of several."""
    texts = corpus_texts()
    rates, times = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text, countries in texts:
            started = time.process_time()
            recognise(text, countries=countries)
            times.append(time.process_time() - started)
        rates.append(len(texts) / (time.process_time() - began))
    times.sort()
    return {
        "texts": len(texts),
        "texts_per_second_cold": round(rates[0]),
        "texts_per_second": round(sorted(rates)[len(rates) // 2]),
        "p50_ms": round(times[len(times) // 2] * 1e3, 3),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1e3, 3),
    }


def worst() -> list[tuple[str, float]]:
    """Time 10,000 characters of each hostile kind for each set of countries; the slowest of each, worst first."""
    slowest = []
    for name, seed in SEEDS.items():
        text = (seed * (LONGEST // len(seed) + 1))[:LONGEST]
        slowest.append((name, max(_milliseconds(text, countries) for countries in COUNTRIES)))
    return sorted(slowest, key=lambda item: -item[1])


def _milliseconds(text: str, countries: tuple[str, ...]) -> float:
    started = time.process_time()
    recognise(text, countries=countries)
    return (time.process_time() - started) * 1e3


def main() -> int:
    """Print the tables, write the figures, and fail where a bar is missed."""
    figures, hostile = typical(), worst()
    console = Console()
    table = Table(title="Recogniser")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    for name, milliseconds in hostile[:6]:
        table.add_row(f"10,000 characters of {name}, ms", f"{milliseconds:.1f}")
    console.print(table)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    result = {**figures, "worst_ms": {name: round(value, 2) for name, value in hostile}}
    OUT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    met = figures["texts_per_second"] >= BAR_TEXTS_PER_SECOND and hostile[0][1] < BAR_WORST_MS
    console.print(
        "bars met" if met else f"[red]missed: {BAR_TEXTS_PER_SECOND} texts/s, {BAR_WORST_MS:.0f} ms[/]"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
