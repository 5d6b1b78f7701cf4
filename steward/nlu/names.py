"""The names of a catalogue: as printed, split, joined, misspelt or in part, looked up by windows of words.

Pure code. Everything is found in an index, so the size of the catalogue hardly matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from spacy.lang.en.stop_words import STOP_WORDS

from steward.catalogue import Name
from steward.nlu.spelling import (
    Part,
    begin_alike,
    consonants,
    joined,
    key_of,
    neighbourhood,
    parts_of,
    similarity,
    stem_of,
)
from steward.nlu.surroundings import DETERMINERS, TALK, Found

# What a customer calls a thing whose name has slipped the mind: "the coffee thing".
THINGS = ("one", "thing", "thingy", "thingie", "gadget", "contraption")
# So many common names, singular and plural, that open alike make their opening a name: "the portable".
_MANY = 8
# Adjectives that say the same of a machine's size.
SENSES = {
    **dict.fromkeys(
        "skinny thin thinner slender narrower narrowest slimline slimmer slimmest".split(), "slim"
    ),
    **dict.fromkeys("fitted installed permanent".split(), "fixed"),
    **dict.fromkeys("entire complete full".split(), "whole"),
    **dict.fromkeys("tiny little mini".split(), "small"),
    **dict.fromkeys("huge giant".split(), "large"),
}
# Numbers and letters as dictation writes them, right behind a letter or before a number: "dusty s to".
_MISHEARD = {"to": "2", "too": "2", "tu": "2", "for": "4", "ate": "8", "won": "1", "ess": "s"}


class Names:
    """The names of one catalogue. `ordinary` are the words that people also use for other things.

    `partial` are beginnings and endings of products' names, `elliptic` those that leave the kind of thing
    open, `heads` the last words of categories. `name_words` and `telling_words` are a product's words, by
    their stems: those of its own name, and those of all its names.
    """

    def __init__(
        self, names: Iterable[Name], proper: Iterable[str] = (), ordinary: Iterable[str] = ()
    ) -> None:
        self.names = tuple(names)
        self.proper = frozenset(key_of(text) for text in proper)
        self.ordinary = frozenset(ordinary)
        self._names_of_families = frozenset(name.text for name in self.names if name.kind == "family")
        self._index: dict[str, Name] = {}
        self._words: set[str] = set()
        self._longest = 1
        for name in self.names:
            parts = parts_of(name.text)
            self._index[joined(parts)] = name
            self._words.update(part.text for part in parts if len(part.text) >= 4 and part.text.isalpha())
            self._longest = max(self._longest, len(parts))
        self.partial = self._partial_names()
        self._index.update(self.partial)
        self.elliptic = self._names_with_one()
        self._index.update(self.elliptic)
        self._qualified = self._products_by_quality()
        self.heads = self._names_by_head()
        self.qualifying = frozenset(head for head in self.heads if head in self._qualified)
        self._index.update(self.heads)
        self._turned = self._names_by_words()
        self._near = self._words_by_sound()
        self.name_words = self._words_of_products()
        self.telling_words = self._words_that_tell()
        families = [name.skus for name in self.names if name.kind == "family" and len(name.skus) > 1]
        self.families_of = _by_sku(families)
        self.groups_of = _by_sku(sorted({name.skus for name in self.names if name.kind != "product"}))
        self.families_told_by = self._families_by_word(families)

    def is_ordinary(self, word: str) -> bool:
        """Whether people use the word for other things, too."""
        return word in self.ordinary or word in STOP_WORDS

    def is_proper(self, name: Name) -> bool:
        """Whether it is what a product is called, and no common noun."""
        return key_of(name.text) in self.proper

    def is_head(self, name: Name) -> bool:
        """Whether it is the bare last word of a category."""
        return name is self.heads.get(name.text)

    def candidates(self, parts: Sequence[Part]) -> Iterator[Found]:
        """Every name that a run of the parts may be, as it is written or misspelt."""
        spellings = [self._spellings(part.text) for part in parts]
        for at, part in enumerate(parts):
            if part.text in _MISHEARD and at and (len(parts[at - 1].text) == 1 or part.text == "ess"):
                spellings[at] = [(part.text, 1.0), (_MISHEARD[part.text], 0.9)]
        for first in range(len(parts)):
            readings = [("", 1.0)]
            for last in range(first, min(first + self._longest + 1, len(parts))):
                readings = [
                    (key + word, min(score, sure))
                    for key, score in readings
                    for word, sure in spellings[last]
                ]
                for key, score in readings[:16]:
                    name = self._index.get(key)
                    if name is not None and (
                        score >= 0.99 or self._likely(name, parts[first : last + 1], score)
                    ):
                        yield Found(first, last, name, score)
        yield from self._turned_round(parts)

    def _partial_names(self) -> dict[str, Name]:
        """Beginnings and endings of products' names ("dusty s2", "s2 max"), with all they may mean."""
        skus: dict[str, dict[str, None]] = defaultdict(dict)
        texts: dict[str, str] = {}
        for name in self.names:
            words = name.text.split()
            if name.kind != "product" or key_of(name.text) not in self.proper:
                continue
            pieces = [words[:size] for size in range(2, len(words))] + [
                words[at:] for at in range(1, len(words))
            ]
            for piece in map(" ".join, pieces):
                key = key_of(piece)
                texts[key] = piece
                skus[key].update(dict.fromkeys(name.skus))
        return {
            key: Name(texts[key], tuple(found), "product")
            for key, found in skus.items()
            if key not in self._index and len(key) > 1
        }

    def _names_with_one(self) -> dict[str, Name]:
        """ "The portable one": a common name with its last word, the kind of thing, left open.

        Where many names open alike, as those of one kind do, the opening alone will do: "the portable".
        """
        found: dict[str, set[str]] = defaultdict(set)
        opening: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            *qualities, _ = name.text.split()
            if qualities and not self._is_maker_s(name) and qualities[-1] not in DETERMINERS:
                for thing in THINGS:
                    found[" ".join([*qualities, thing])].update(name.skus)
                for size in range(1, len(qualities) + 1):
                    opening[" ".join(qualities[:size])].add(name.text)
        for text, alike in opening.items():
            if self._tells_apart(text, alike):
                skus = {sku for name in alike for sku in self._index[key_of(name)].skus}
                found[f"{text} one"].update(skus)
                if len(alike) >= _MANY:
                    found[text].update(skus)
        names = (Name(text, tuple(skus), "product") for text, skus in found.items() if len(skus) == 1)
        return {key: name for name in names if (key := key_of(name.text)) not in self._index}

    def _tells_apart(self, opening: str, names: Iterable[str]) -> bool:
        """Whether what follows the opening names more products: of all air conditioners, the split."""
        for text in names:
            rest = self._index.get(key_of(text.removeprefix(opening)))
            whole = self._index[key_of(text)]
            if rest is not None and set(whole.skus) < set(rest.skus):
                return True
        return False

    def _products_by_quality(self) -> dict[str, set[str]]:
        """The words before the last of a name, with the products of every name that has them there."""
        found: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            for word in name.text.split()[:-1]:
                found[word].update(name.skus)
        return found

    def _names_by_head(self) -> dict[str, Name]:
        """ "The heater" for the water heater: a category's last word, where no other category ends so.

        A word that qualifies in another category's name, as "water" in "water heater", says too little alone.
        """
        found: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            if name.kind == "category" and not self._is_maker_s(name) and " " in name.text:
                found[name.text.split()[-1]].update(name.skus)
        categories = {name.skus for name in self.names if name.kind == "category"}
        return {
            head: Name(head, skus, "category")
            for head, together in found.items()
            if head.isalpha() and len(head) > 4 and self._qualified.get(head, set()) <= together
            if head not in TALK and head.removesuffix("s") not in TALK
            for skus in categories
            if set(skus) == together and head not in self._index
        }

    def _names_by_words(self) -> dict[frozenset[str], Name]:
        """Common names of several words, to be known in another order ("filter for the house")."""
        return {
            frozenset(words): name
            for name in self.names
            if len(words := [part.text for part in parts_of(name.text)]) > 1 and not self._is_maker_s(name)
        }

    def _is_maker_s(self, name: Name) -> bool:
        return key_of(name.text) in self.proper or name.text.split()[0] in self._names_of_families

    def _words_by_sound(self) -> dict[str, set[str]]:
        """Words of the catalogue by their sound, whole and with any one letter left out."""
        near: dict[str, set[str]] = defaultdict(set)
        for word in self._words:
            for form in neighbourhood(word):
                near[form].add(word)
        return near

    def _words_of_products(self) -> dict[str, set[str]]:
        words: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            if name.kind == "product" and key_of(name.text) in self.proper:
                stems = {stem_of(part.text) for part in parts_of(name.text) if len(part.text) > 1}
                stems.update(stem_of(word) for word in name.text.split() if len(word) > 1)
                for sku in name.skus:
                    words[sku] |= stems
        return words

    def _words_that_tell(self) -> dict[str, set[str]]:
        """The words of all a product's names; what its siblings share tells nothing and does no harm."""
        words: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            stems = {stem_of(part.text) for part in parts_of(name.text) if len(part.text) > 1}
            for sku in name.skus:
                words[sku] |= stems
        return words

    def _families_by_word(self, families: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
        """For each word of a product's name, by its stem, the families in which a product has it."""
        found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for skus in families:
            for stem in sorted(set().union(*(self.name_words.get(sku, set()) for sku in skus))):
                found[stem].append(skus)
        return found

    def _turned_round(self, parts: Sequence[Part]) -> Iterator[Found]:
        for at, part in enumerate(parts):
            if part.text != "for":
                continue
            for first in range(max(0, at - 3), at):
                for last in range(at + 1, min(at + 5, len(parts))):
                    words = [other.text for other in (*parts[first:at], *parts[at + 1 : last + 1])]
                    said = frozenset(SENSES.get(word, word) for word in words)
                    name = self._turned.get(said - {"the", "a", "my", "our", "your"})
                    if name is not None and words[-1] not in DETERMINERS and words[0] not in DETERMINERS:
                        yield Found(first, last, name, 0.95)

    def _likely(self, name: Name, parts: Sequence[Part], score: float) -> bool:
        """An ordinary word passes for a misspelt name only together with the name's number."""
        exact = {part.text for part in parts_of(name.text)}
        misread = [part for part in parts if part.text not in exact]
        if all(part.text in _MISHEARD for part in misread):
            return len(parts) > 2
        if any(len(part.text) == 3 for part in misread):
            return parts[-1].text.isdigit() or len(parts) > 2
        if not any(self.is_ordinary(part.text) and part.text not in self._words for part in misread):
            return True
        heard = consonants("".join(part.text for part in parts)) == consonants(key_of(name.text))
        return heard and len(parts) > 1 and any(part.text.isdigit() for part in parts)

    def _spellings(self, word: str) -> list[tuple[str, float]]:
        """The word itself, and what of the catalogue it may be a misspelling of, with similarities."""
        spellings = [(word, 1.0)]
        if len(word) < 3 or not word.isalpha() or word in self._words or word in STOP_WORDS:
            return spellings
        if len(word) == 3 and word in self.ordinary:
            return spellings
        if word in self._index or self._is_plural(word):
            return spellings
        spellings += self._corrections(word)
        if len(spellings) == 1 and len(word) >= 7 and not self.is_ordinary(word):
            spellings += self._split(word)
        return spellings

    def _is_plural(self, word: str) -> bool:
        """Several of an ordinary thing, as "mins" are: spelt right, however near a name."""
        singular = word.removesuffix("s")
        return singular != word and singular in self.ordinary and singular not in self._words

    def _corrections(self, word: str) -> list[tuple[str, float]]:
        near = {known for form in neighbourhood(word) for known in self._near.get(form, ())}
        scored = [(known, similarity(word, known)) for known in near if begin_alike(word, known)]
        least = 0.75 if len(word) <= 5 else 0.7
        return sorted((pair for pair in scored if pair[1] >= least), key=lambda pair: -pair[1])[:2]

    def _split(self, word: str) -> list[tuple[str, float]]:
        """Two words of the catalogue written as one, with a slip in it ("zefyrmini")."""
        found = []
        for cut in range(3, len(word) - 2):
            left, right = self._best(word[:cut]), self._best(word[cut:])
            if left and right and key_of(left[0] + " " + right[0]) in self._index:
                found.append((left[0] + right[0], min(left[1], right[1])))
        return sorted(found, key=lambda pair: -pair[1])[:1]

    def _best(self, word: str) -> tuple[str, float] | None:
        if word in self._words:
            return word, 0.98
        return next(iter(self._corrections(word)), None) if len(word) >= 4 else None


def _by_sku(groups: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The groups that each product belongs to, in their order."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for skus in groups:
        for sku in skus:
            found[sku].append(skus)
    return found
