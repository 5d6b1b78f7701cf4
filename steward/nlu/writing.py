"""What was written, as numbers: words, pairs of words, and the letter sequences inside words."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

_WORD = re.compile(r"\w+")
_SHORTEST, _LONGEST = 2, 5


def grams(text: str) -> Iterator[str]:
    """Words and pairs of words, then letter sequences ("#" first) that never cross a word's border."""
    words = _WORD.findall(text.lower())
    yield from words
    yield from map(" ".join, itertools.pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in range(_SHORTEST, min(_LONGEST, len(padded)) + 1):
            for at in range(len(padded) - size + 1):
                yield "#" + padded[at : at + size]


class Writing:
    """Weighs grams by how telling they are (tf-idf, length one); learned from the training texts."""

    def __init__(self, vocabulary: Mapping[str, int], weights: np.ndarray) -> None:
        self._vocabulary = vocabulary
        self._weights = weights.astype(np.float32)

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Writing:
        """Keeps every word, and the letter sequences that more than one text has."""
        counts = Counter(gram for text in texts for gram in set(grams(text)))
        kept = sorted(gram for gram, count in counts.items() if count > 1 or gram[0] != "#")
        weights = np.array([np.log((1 + len(texts)) / (1 + counts[gram])) + 1 for gram in kept])
        return cls({gram: index for index, gram in enumerate(kept)}, weights)

    def __contains__(self, gram: str) -> bool:
        return gram in self._vocabulary

    def vectors(self, texts: Sequence[str]) -> csr_matrix:
        """One sparse row a text; words and letters count the same in all."""
        data: list[np.ndarray] = []
        columns: list[int] = []
        ends = [0]
        for text in texts:
            for part in self._halves(text):
                indices = list(part)
                row = (1 + np.log(np.fromiter(part.values(), np.float32, len(part)))) * self._weights[indices]
                norm = float(np.sqrt(2 * row @ row))
                data.append(row / norm if norm else row)
                columns.extend(indices)
            ends.append(len(columns))
        values = np.concatenate(data) if data else np.zeros(0, np.float32)
        return csr_matrix(
            (values, columns, ends), shape=(len(texts), len(self._vocabulary)), dtype=np.float32
        )

    def save(self, folder: Path) -> None:
        """Writes the vocabulary and its weights into a folder."""
        (folder / "vocabulary.json").write_text(json.dumps(list(self._vocabulary)), "utf-8")
        np.save(folder / "weights.npy", self._weights, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Writing:
        """Reads what save wrote."""
        kept = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        weights = np.load(folder / "weights.npy", allow_pickle=False)
        return cls({gram: index for index, gram in enumerate(kept)}, weights)

    def _halves(self, text: str) -> tuple[Counter[int], Counter[int]]:
        words: Counter[int] = Counter()
        letters: Counter[int] = Counter()
        for gram in grams(text):
            index = self._vocabulary.get(gram)
            if index is not None:
                (letters if gram[0] == "#" else words)[index] += 1
        return words, letters
