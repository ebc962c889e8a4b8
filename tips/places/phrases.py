"""Find known words and phrases in folded text, in scripts with spaces and without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from tips.places.script import Folded, fold

Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class Hit(Generic[Payload]):
    """Mark one phrase; positions are those of `Folded.compact`, `first` and `last` those of its tokens."""

    start: int
    end: int
    payload: Payload


class PhraseIndex(Generic[Payload]):
    """Hold phrases with what they mean; looking up costs the length of the text, not of the list."""

    def __init__(self) -> None:
        self._spaced: dict[str, list[tuple[tuple[str, ...], Payload]]] = {}
        self._unspaced: dict[str, list[tuple[str, Payload]]] = {}

    def add(self, phrase: str, payload: Payload) -> None:
        """Add one phrase; it is folded first."""
        folded = fold(phrase)
        if not folded.compact:
            return
        if folded.unspaced:
            self._unspaced.setdefault(folded.compact[0], []).append((folded.compact, payload))
            self._unspaced[folded.compact[0]].sort(key=lambda entry: -len(entry[0]))
        else:
            parts = tuple(token.text for token in folded.tokens)
            self._spaced.setdefault(parts[0], []).append((parts, payload))
            self._spaced[parts[0]].sort(key=lambda entry: -len(entry[0]))

    def find(self, folded: Folded) -> list[Hit[Payload]]:
        """Return all phrases in order of start, at each start the longest (several if equally long)."""
        hits: list[Hit[Payload]] = []
        tokens = folded.tokens
        for number, token in enumerate(tokens):
            if token.run:
                self._in_run(folded.compact, token.start, token.end, hits)
                continue
            length = 0
            for parts, payload in self._spaced.get(token.text, ()):
                if len(parts) < length:
                    break
                last = number + len(parts)
                if last <= len(tokens) and all(
                    tokens[number + step].text == part for step, part in enumerate(parts)
                ):
                    if folded.broken(token.start, tokens[last - 1].end):
                        continue
                    length = len(parts)
                    hits.append(Hit(token.start, tokens[last - 1].end, payload))
        return hits

    def _in_run(self, compact: str, start: int, end: int, hits: list[Hit[Payload]]) -> None:
        for position in range(start, end):
            entries = self._unspaced.get(compact[position])
            if not entries:
                continue
            length = 0
            for phrase, payload in entries:
                if len(phrase) < length:
                    break
                if compact.startswith(phrase, position):
                    length = len(phrase)
                    hits.append(Hit(position, position + length, payload))
