"""Find known words and phrases in folded text, in scripts with spaces and without."""

from __future__ import annotations

import re
from typing import Generic, NamedTuple, TypeVar

from tips.places.script import Folded, fold

Payload = TypeVar("Payload")


class Hit(NamedTuple, Generic[Payload]):
    """Mark one phrase; positions are those of `Folded.compact`."""

    start: int
    end: int
    payload: Payload


class PhraseIndex(Generic[Payload]):
    """Hold phrases with what they mean; looking up costs the length of the text, not of the list."""

    def __init__(self) -> None:
        self._spaced: dict[str, list[tuple[tuple[str, ...], Payload]]] = {}
        self._unspaced: dict[str, list[tuple[str, Payload]]] = {}
        self._firsts: re.Pattern[str] | None = None

    def add(self, phrase: str, payload: Payload) -> None:
        """Add one phrase; it is folded first."""
        folded = fold(phrase)
        if not folded.compact:
            return
        if folded.unspaced:
            first = folded.compact[0]
            if first not in self._unspaced:
                self._unspaced[first] = []
                self._firsts = re.compile(f"[{re.escape(''.join(self._unspaced))}]")
            self._unspaced[first].append((folded.compact, payload))
            self._unspaced[first].sort(key=lambda entry: -len(entry[0]))
        else:
            parts = tuple(token.text for token in folded.tokens)
            self._spaced.setdefault(parts[0], []).append((parts, payload))
            self._spaced[parts[0]].sort(key=lambda entry: -len(entry[0]))

    def find(self, folded: Folded) -> list[Hit[Payload]]:
        """Return all phrases in order of start, at each start the longest (several if equally long)."""
        hits: list[Hit[Payload]] = []
        spaced = self._spaced
        for number, token in enumerate(folded.tokens):
            if token.run:
                self._in_run(folded.compact, token.start, token.end, hits)
            elif token.text in spaced:
                self._in_words(folded, number, hits)
        return hits

    def _in_words(self, folded: Folded, number: int, hits: list[Hit[Payload]]) -> None:
        tokens = folded.tokens
        start = tokens[number].start
        length = 0
        for parts, payload in self._spaced[tokens[number].text]:
            if len(parts) < length:
                break
            last = number + len(parts)
            if last > len(tokens):
                continue
            if len(parts) > 1 and parts != tuple(token.text for token in tokens[number:last]):
                continue
            end = tokens[last - 1].end
            if folded.broken(start, end):
                continue
            length = len(parts)
            hits.append(Hit(start, end, payload))

    def _in_run(self, compact: str, start: int, end: int, hits: list[Hit[Payload]]) -> None:
        if self._firsts is None:
            return
        for first in self._firsts.finditer(compact, start, end):
            position = first.start()
            length = 0
            for phrase, payload in self._unspaced[first[0]]:
                if len(phrase) < length:
                    break
                if compact.startswith(phrase, position):
                    length = len(phrase)
                    hits.append(Hit(position, position + length, payload))
