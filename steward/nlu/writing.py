"""What was written, as numbers: words, pairs of words, and the letter sequences inside words."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

_WORD = re.compile(r"\w+")
_SHORTEST, _LONGEST = 2, 5


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.lower())


def phrases(words: Sequence[str]) -> Iterator[str]:
    """Words and pairs of words."""
    yield from words
    yield from map(" ".join, itertools.pairwise(words))


def letters(word: str) -> Iterator[str]:
    """A word's letter sequences, "#" first, its borders being blanks."""
    padded = f" {word} "
    for size in range(_SHORTEST, min(_LONGEST, len(padded)) + 1):
        for at in range(len(padded) - size + 1):
            yield "#" + padded[at : at + size]


def grams(text: str) -> Iterator[str]:
    """All that is counted of a text."""
    words = words_of(text)
    yield from phrases(words)
    for word in words:
        yield from letters(word)


class Writing:
    """Weighs grams by how telling they are (tf-idf, length one); learned from the training texts."""

    def __init__(self, kept: Sequence[str], weights: np.ndarray) -> None:
        self._vocabulary = {gram: index for index, gram in enumerate(kept)}
        self._weights = weights.astype(np.float32)
        # In their order all letter sequences stand before all words: no word begins with a sign below "0".
        self._border = sum(gram[0] == "#" for gram in kept)
        # Customers use few words much: most are not taken apart again.
        self._spelling = lru_cache(maxsize=10_000)(self._known_letters)

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Writing:
        """Keeps every word, and the letter sequences that more than one text has."""
        counts = Counter(gram for text in texts for gram in set(grams(text)))
        kept = sorted(gram for gram, count in counts.items() if count > 1 or gram[0] != "#")
        weights = np.array([np.log((1 + len(texts)) / (1 + counts[gram])) + 1 for gram in kept])
        return cls(kept, weights)

    def __contains__(self, gram: str) -> bool:
        return gram in self._vocabulary

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of a text's known grams, and what each weighs; words and letters count the same."""
        words = words_of(text)
        found = self._known(phrases(words))
        for word in words:
            found += self._spelling(word)
        indices, counts = np.unique(np.array(found, np.intp), return_counts=True)
        values = (1 + np.log(counts.astype(np.float32))) * self._weights[indices]
        border = int(np.searchsorted(indices, self._border))
        for half in (values[:border], values[border:]):
            half /= max(float(np.sqrt(2 * half @ half)), 1e-9)
        return indices, values

    def vectors(self, texts: Sequence[str]) -> csr_matrix:
        """One sparse row a text."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(indices) for indices, _ in rows)])
        columns = np.concatenate([indices for indices, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return csr_matrix((values, columns, ends), (len(texts), len(self._vocabulary)), np.float32)

    def save(self, folder: Path) -> None:
        """Writes the vocabulary and its weights into a folder."""
        (folder / "vocabulary.json").write_text(json.dumps(list(self._vocabulary)), "utf-8")
        np.save(folder / "weights.npy", self._weights, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Writing:
        """Reads what save wrote."""
        kept = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        weights = np.load(folder / "weights.npy", allow_pickle=False)
        return cls(kept, weights)

    def _known(self, found: Iterable[str]) -> list[int]:
        look_up = self._vocabulary.get
        return [index for gram in found if (index := look_up(gram)) is not None]

    def _known_letters(self, word: str) -> list[int]:
        return self._known(letters(word))
