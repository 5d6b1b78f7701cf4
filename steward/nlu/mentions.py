"""Products named in a message: as printed, split, joined, spelt out in numbers, misspelt or in part.

Pure code: names in, mentions out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.lang.en.stop_words import STOP_WORDS

from steward.catalogue import Name
from steward.nlu.brands import brands
from steward.nlu.names import SENSES, THINGS, Names
from steward.nlu.spelling import key_of, parts_of, stem_of
from steward.nlu.surroundings import DETERMINERS, OR, TALK, Found, Surroundings

_JOINING = frozenset("or and vs versus to than then with better the just".split())
# What may stand between a mention and what tells it apart: "the dusty with the mop", "one that's 45 wide".
_RELATING = frozenset(
    "with the a that which thats is in for one s just goes go gets sits fits stands comes".split()
)
_PLACES = frozenset(("under", "on"))
_UNITS_OF_LENGTH = frozenset("cm mm inch inches".split())


@dataclass(frozen=True)
class Mention:
    """A place in a message that names products; `skus` are all it may mean, `score` how sure the match is."""

    start: int
    end: int
    text: str
    kind: str
    skus: tuple[str, ...]
    score: float

    def as_dict(self) -> dict[str, object]:
        """The mention as it stands in a parse result."""
        return {**self.__dict__, "skus": list(self.skus)}


class Mentions:
    """Finds the names of one catalogue. `ordinary` are the words that people also use for other things."""

    def __init__(
        self, names: Iterable[Name], proper: Iterable[str] = (), ordinary: Iterable[str] = ()
    ) -> None:
        self._names = Names(names, proper, ordinary)

    def find(self, text: str) -> list[Mention]:
        """All mentions, in order of appearance; longer ones win over what they contain."""
        message = Surroundings(text, parts_of(text))
        doubted: list[Found] = []
        sure: list[Found] = []
        for match in self._names.candidates(message.parts):
            (sure if self._is_meant(match, message) else doubted).append(match)
        sure += [match for match in doubted if self._is_siblings(match, sure, message)]
        if sure:
            # Beside a product, an ordinary word that is also a name most likely is the name.
            sure += [match for match in doubted if self._may_be_name(match) and not message.is_verb(match)]
        sure = self._without_weak(sure, message)
        chosen = _without_overlaps(sure)
        chosen += self._continued(chosen, message)
        chosen += self._led_up_to(chosen, message)
        if not chosen:
            chosen = self._paired(message)
        chosen.sort(key=lambda match: match.first)
        return _merged([self._narrowed(match, message) for match in chosen], text)

    def _without_weak(self, found: Sequence[Found], message: Surroundings) -> list[Found]:
        """Leaves out what only may be a name beside what certainly is one.

        That is the bare head of a category, and a misspelt word right beside another product's name.
        """
        certain = [match for match in found if match.score >= 0.99 and not self._names.is_head(match.name)]

        def is_weak(match: Found) -> bool:
            if self._names.is_head(match.name):
                return bool(certain)
            return (
                match.score < 0.99
                and match.first == match.last
                and any(
                    not set(match.name.skus) & set(other.name.skus)
                    and (match.first == other.last + 1 or match.last == other.first - 1)
                    and not message.sentence_ends_between(match.first, other.first)
                    for other in certain
                )
            )

        return [match for match in found if not is_weak(match)]

    def _may_be_name(self, match: Found) -> bool:
        return match.score >= 0.99 and self._names.is_proper(match.name)

    def _is_meant(self, match: Found, message: Surroundings) -> bool:
        """Whether the message means a product. In doubt are single words with another use."""
        if match.name is self._names.elliptic.get(key_of(match.name.text)):
            last = match.name.text.split()[-1]
            ends = last in THINGS or message.ends_well(match) or message.is_said_to_do(match)
            return message.has_article(match) and ends
        word = message.parts[match.first].text
        if (word in self._names.partial or len(word) == 1) and message.follows(match, brands()):
            return False
        if match.first < match.last:
            return True
        if message.is_drawn(match):
            return False
        if len(match.name.skus) > 1 and message.is_one_of(match):
            return True
        if self._names.is_head(match.name):
            if word in self._names.qualifying:
                return match.score >= 0.99 and message.is_ours(match)
            return match.score >= 0.99 and message.is_bare(match)
        if word in self._names.partial and message.follows(match, brands()):
            return False
        if match.score < 0.99 and self._names.is_proper(match.name) and match.name.text.startswith(word):
            # Cut short, not misspelt: it may be short for something else, as "temp" is.
            return message.is_all(match) or (
                message.talks and message.reads_as_name(match, self._names.ordinary)
            )
        if word in self._names.partial and " " not in self._names.partial[word].text:
            alone = message.is_all(match) or message.is_said_to_do(match)
            return message.stands_alone(match) or (word.isalpha() and alone)
        if match.score < 0.99 or not self._names.is_proper(match.name) or not self._names.is_ordinary(word):
            return True
        if message.is_all(match) or message.reads_as_name(match, self._names.ordinary):
            return True
        return message.ends_well(match) and self._quality(match, message) is not None

    def _continued(self, chosen: Sequence[Found], message: Surroundings) -> list[Found]:
        """The 500 of "rill 300 or 500": after a product, the word that tells its sibling from it."""
        more = []
        taken = {at for match in chosen for at in range(match.first, match.last + 1)}
        for match in chosen:
            at = match.last + 1
            while at < len(message.parts) and at < match.last + 4 and message.parts[at].text in _JOINING:
                at += 1
            if at == match.last + 1 or at >= len(message.parts) or at in taken:
                continue
            families = self._names.families_of.get(match.name.skus[0], ())
            family = [skus for skus in families if set(match.name.skus) < set(skus)]
            siblings = [sku for skus in family for sku in skus if sku not in match.name.skus]
            word = message.parts[at].text
            told = stem_of(word)
            fitting = [sku for sku in siblings if told in self._names.name_words.get(sku, ())]
            if len(fitting) == 1:
                more.append(Found(at, at, Name(word, (fitting[0],), "product"), 0.9))
        return more

    def _led_up_to(self, chosen: Sequence[Found], message: Surroundings) -> list[Found]:
        """The 45 of "45 or 60 cm dishwasher": before a product, the word that tells its sibling from it."""
        more = []
        taken = {at for match in chosen for at in range(match.first, match.last + 1)}
        for match in chosen:
            at = match.first - 1
            while at > 0 and message.parts[at].text in ("the", "a", "an"):
                at -= 1
            if at < 1 or message.parts[at].text not in OR or len(match.name.skus) > 1:
                continue
            at -= 1
            at -= bool(at and message.parts[at].text in _UNITS_OF_LENGTH)
            group = self._names.groups_of.get(match.name.skus[0], ())
            siblings = {sku for skus in group for sku in skus} - set(match.name.skus)
            said = message.parts[at].text
            told = {stem_of(said), stem_of(SENSES.get(said, said))}
            fitting = [sku for sku in siblings if told & self._names.telling_words.get(sku, set())]
            if (
                len(fitting) == 1
                and at not in taken
                and not told & self._names.telling_words[match.name.skus[0]]
            ):
                more.append(Found(at, at, Name(said, (fitting[0],), "product"), 0.9))
        return more

    def _paired(self, message: Surroundings) -> list[Found]:
        """ "Mini or pro", "300 or 500": where nothing is named, two words that tell siblings apart."""
        parts = message.parts
        for at in range(1, len(parts) - 1):
            if parts[at].text not in OR:
                continue
            last = at + 1 + (parts[at + 1].text == "the" and at + 2 < len(parts))
            after = parts[last + 1].text if last + 1 < len(parts) else ""
            if after and after not in STOP_WORDS and after not in TALK:
                continue
            for family in self._names.families_told_by.get(stem_of(parts[at - 1].text), ()):
                first, second = (self._told_by(parts[place].text, family) for place in (at - 1, last))
                if first and second and first != second:
                    return [
                        Found(place, place, Name(parts[place].text, (sku,), "product"), 0.9)
                        for place, sku in ((at - 1, first), (last, second))
                    ]
        return []

    def _told_by(self, word: str, skus: Sequence[str]) -> str | None:
        """The one product whose own name has the word."""
        told = stem_of(word)
        fitting = [sku for sku in skus if told in self._names.name_words.get(sku, ())]
        return fitting[0] if len(fitting) == 1 else None

    def _is_siblings(self, match: Found, sure: Sequence[Found], message: Surroundings) -> bool:
        """ "The pro" beside "the mini": a part of a name, pointed at, where its sibling is named too."""
        pointed_at = message.has_article(match) or message.is_weighed(match)
        if message.parts[match.first].text not in self._names.partial or not pointed_at:
            return False
        families = [
            skus
            for skus in self._names.families_of.get(match.name.skus[0], ())
            if set(match.name.skus) <= set(skus)
        ]
        others = {sku for other in sure for sku in other.name.skus} - set(match.name.skus)
        return any(others & set(skus) for skus in families)

    def _narrowed(self, match: Found, message: Surroundings) -> Mention:
        """The mention, narrowed to one product when a word beside it ("60", "mini") tells them apart."""
        name, first, last = match.name, match.first, match.last
        parts = message.parts
        if len(name.skus) > 1:
            quality = self._quality(match, message)
            if quality is not None:
                at, sku = quality
                name = Name(name.text, (sku,), "product")
                first, last = min(first, at), max(last, at)
        start, end = parts[first].start, parts[last].end
        return Mention(start, end, message.text[start:end], name.kind, name.skus, round(match.score, 3))

    def _quality(self, match: Found, message: Surroundings) -> tuple[int, str] | None:
        """The word beside a mention that tells its products apart, and the one product that it tells of."""
        first, last = match.first, match.last
        near = [(at, self._names.name_words) for at in (last + 1, first - 1, last + 2, first - 2)]
        near += [(at, self._names.telling_words) for at in (first - 1, *self._related(match, message))]
        for at, words in near:
            if not 0 <= at < len(message.parts) or message.sentence_ends_between(first, at):
                continue
            said = message.parts[at].text
            told = {stem_of(said), stem_of(SENSES.get(said, said))}
            fitting = [sku for sku in match.name.skus if told & words.get(sku, set())]
            if len(fitting) == 1 and len(match.name.skus) > 1:
                return at, fitting[0]
        return None

    def _related(self, match: Found, message: Surroundings) -> list[int]:
        """Where a quality may follow: "the dusty with the mop", "a dishwasher that's 45 wide"."""
        at = match.last + 1
        while at < len(message.parts) and at < match.last + 6:
            word, before = message.parts[at].text, message.parts[at - 1].text
            if word not in _RELATING | _PLACES and not (before in _PLACES and word in DETERMINERS):
                break
            at += 1
        return [at] if at > match.last + 1 else []


def _without_overlaps(found: Sequence[Found]) -> list[Found]:
    chosen: list[Found] = []
    for match in sorted(found, key=lambda match: match.rank, reverse=True):
        if all(match.last < other.first or match.first > other.last for other in chosen):
            chosen.append(match)
    return sorted(chosen, key=lambda match: match.first)


def _merged(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """Neighbours that name the same thing twice ("rill 300 water filter") become one, the more exact."""
    merged: list[Mention] = []
    for mention in mentions:
        before = merged[-1] if merged else None
        if before and not re.search(r"\w", text[before.end : mention.start]) and _agree(before, mention):
            exact = min(before, mention, key=lambda one: len(one.skus))
            start, end = before.start, max(before.end, mention.end)
            merged[-1] = Mention(start, end, text[start:end], exact.kind, exact.skus, exact.score)
        elif not before or mention.start >= before.end:
            merged.append(mention)
    return merged


def _agree(one: Mention, other: Mention) -> bool:
    small, large = sorted((set(one.skus), set(other.skus)), key=len)
    return small <= large
