"""Find the identifiers in a text: plates, containers, phones, addresses, accounts and their like."""

from collections.abc import Iterator, Sequence

from signals.accounts import accounts, wallets
from signals.containers import containers
from signals.crypto import addresses, private_keys
from signals.cues import Cues
from signals.folding import fold
from signals.masks import masked_spans
from signals.observable import KINDS, Observable
from signals.phones import phones
from signals.plates import plates
from signals.secrets import redact_secrets
from signals.serials import serials
from signals.trade import gtins, product_codes
from signals.vehicles import imeis, vins
from signals.vessels import vessels
from signals.web import emails, urls

__all__ = ["Observable", "recognise", "redact_secrets"]

_STRENGTH = {kind: rank for rank, kind in enumerate(KINDS)}
#: Nothing inside a map link counts; the phone inside a chat link does.
_URL_RANK = {"": _STRENGTH["url"], "position": -1, "phone": len(KINDS)}
#: Kinds that rest on shape alone: a date, price or position is none of them.
_MASKED = frozenset({"phone", "plate", "serial", "account", "imei"})
#: A tip is at most a few thousand characters; whoever sends more gets the first part read.
_LONGEST = 20_000
_MOST = 100


def recognise(text: str, *, countries: Sequence[str] = ()) -> tuple[Observable, ...]:
    """Give the identifiers in a text, in order and without overlap.

    `countries` are the deployment's ISO alpha-2 codes, in its order: they say which plates to expect and
    which country code a phone without one gets. Offsets count in `text` as given; no input raises.
    """
    folded = fold(text[:_LONGEST])
    if not any(char.isdigit() for char in folded.text) and not _may_hold_names(folded.text):
        return ()
    kept: list[tuple[int, int]] = []
    found: list[Observable] = []
    ordered = sorted(_candidates(folded.text, tuple(countries)), key=lambda item: (item[0], item[1].start))
    for _, item, silent in ordered:
        if any(start < item.end and item.start < end for start, end in kept):
            continue
        kept.append((item.start, item.end))
        if not silent:
            found.append(item)
        if len(kept) >= _MOST:
            break
    found.sort(key=lambda item: item.start)
    return tuple(_in_original(item, folded.span(item.start, item.end)) for item in found)


def _in_original(item: Observable, span: tuple[int, int]) -> Observable:
    return Observable(item.kind, item.value, span[0], span[1], item.assurance)


def _may_hold_names(text: str) -> bool:
    """Say whether a text without digits may still hold an address, handle or user name."""
    return "@" in text or "." in text or "[" in text or any(char.isupper() for char in text[1:])


def _candidates(text: str, countries: tuple[str, ...]) -> Iterator[tuple[int, Observable, bool]]:
    """Yield rank, candidate and whether it only keeps its words from being read as something else."""
    for start, end in private_keys(text):
        yield -1, Observable("", "", start, end, "checksum"), True
    for address, carries in urls(text):
        yield _URL_RANK[carries], address, bool(carries)
    for item in _own_shape(text):
        yield _STRENGTH[item.kind], item, False
    cues = Cues(text)
    masks: list[tuple[int, int]] | None = None
    for item in _beside_words(text, cues, countries):
        if item.kind in _MASKED and item.assurance != "checksum":
            masks = masked_spans(text) if masks is None else masks
            if _is_masked(item, masks):
                continue
        yield _STRENGTH[item.kind], item, False
    for item in wallets(text, cues):
        yield len(KINDS), item, False


def _own_shape(text: str) -> Iterator[Observable]:
    yield from emails(text)
    yield from addresses(text)


def _beside_words(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[Observable]:
    yield from accounts(text, cues)
    if not any(char.isdigit() for char in text):
        return
    yield from containers(text, cues)
    yield from vins(text, cues)
    yield from imeis(text, cues)
    yield from vessels(text, cues)
    yield from gtins(text, cues)
    yield from product_codes(text, cues)
    yield from phones(text, cues, countries)
    yield from plates(text, cues, countries)
    yield from serials(text, cues)


def _is_masked(item: Observable, masks: list[tuple[int, int]]) -> bool:
    """Say whether a candidate is a date, price, measure or position; a plate may hold what reads as one."""
    for start, end in masks:
        inside = item.assurance == "registry" and item.start <= start and end <= item.end
        if start < item.end and item.start < end and not (inside and end - start < item.end - item.start):
            return True
    return False
