"""Products named in a message: as printed, split, joined, spelt out in numbers, misspelt or in part.

Pure code: names in, mentions out. Everything is found by looking windows of words up in an index, so
the size of the catalogue hardly matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA
from spacy.lang.en.stop_words import STOP_WORDS

from steward.catalogue import Name
from steward.nlu.brands import brands

_PART = re.compile(r"[^\W\d_]+|\d+")
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("qu", "kw"),
    ("y", "i"),
    ("z", "s"),
    ("c", "k"),
    ("oo", "u"),
    ("ee", "i"),
)
_ENDING = re.compile(r"(?<=\w{3})(?:ing|est|er|r|s)$")
_DOUBLED = re.compile(r"(.)\1+")
_UNITS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
# "The portal eights": a number in the name, spoken of as several.
_UNITS |= {f"{word}s": number for word, number in _UNITS.items() if number > 2 and not word.endswith("x")}
_TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}

_DETERMINERS = frozenset(
    "the a an my our your his her their this that these those another new old small smaller smallest big "
    "bigger biggest large larger largest cheap cheaper cheapest other little basic plain standard normal "
    "regular simple "
    # Those of other languages: the name stays the same in them.
    "der den dem mein meine meinen el los mi il lo gli mio le mon ma het mijn min mit".split()
)
_ADJECTIVES = frozenset("new old another other spare".split())
_OURS = frozenset("the my our".split())
_ARTICLES = _OURS | frozenset("a an your his her their this that these those both two".split())
_HAVE = frozenset("get gets got getting have has had having".split())
# What is pulled or drawn is no machine, though it may be called like one: "pull a vacuum on the pipes".
_DRAWN = frozenset(
    "pull pulls pulled pulling draw draws drawn drawing create creates hold holds under".split()
)
# What a customer calls a thing whose name has slipped the mind: "the coffee thing".
_THINGS = ("one", "thing", "thingy", "thingie", "gadget", "contraption")
# So many common names, singular and plural, that open alike make their opening a name: "the portable".
_MANY = 8
_JOINING = frozenset("or and vs versus to than then with better the just".split())
# What may stand between a mention and what tells it apart: "the dusty with the mop", "one that's 45 wide".
_RELATING = frozenset(
    "with the a that which thats is in for one s just goes go gets sits fits stands comes".split()
)
_PLACES = frozenset(("under", "on"))
# Adjectives that say the same of a machine's size.
_SENSES = {
    **dict.fromkeys(
        "skinny thin thinner slender narrower narrowest slimline slimmer slimmest".split(), "slim"
    ),
    **dict.fromkeys("fitted installed permanent".split(), "fixed"),
    **dict.fromkeys("entire complete full".split(), "whole"),
    **dict.fromkeys("tiny little mini".split(), "small"),
    **dict.fromkeys("huge giant".split(), "large"),
}
_STATES = frozenset(
    "wont won doesnt doesn dont don isnt isn cant never always keeps kept stopped stops shows says sold "
    "makes went goes loses lost broke turned turns".split()
)
_BEFORE_A_VERB = frozenset(
    "to i you we they can will could should would lets dont please must may might".split()
)
_AUXILIARIES = frozenset("do does did will can could should would".split())
_BE = frozenset("is are was were".split())
_OR = frozenset("or vs versus and than".split())
_UNITS_OF_LENGTH = frozenset("cm mm inch inches".split())
# "Keep up the tempo", "at this tempo": how it goes, and no name.
_MANNER = frozenset("keep keeping kept at".split())
# Numbers and letters as dictation writes them, right behind a letter or before a number: "dusty s to".
_MISHEARD = {"to": "2", "too": "2", "tu": "2", "for": "4", "ate": "8", "won": "1", "ess": "s"}
_TALK = frozenset(
    "price cost costs cheap cheaper buy buying order ordered ordering sell stock available delivery "
    "deliver delivered install installing installed installation fit fitted fitting setup connect pair "
    "pairing app wifi manual video warranty guarantee register clean cleaning filter filters descale "
    "repair repaired broken faulty error leaking beeping return refund exchange compare compared versus "
    "vs better difference between upgrade accessories firmware recycle dispose battery remote noise noisy "
    "reset spec specs specification size features model review bought purchased own version working works "
    "unit device product machine parts spare screen display button buttons".split()
)
_FILLERS = frozenset(
    "hi hello hey please pls thanks ok okay yes yeah no nope um uh erm well just about it its is".split()
)


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


@dataclass(frozen=True)
class _Part:
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Found:
    first: int
    last: int
    name: Name
    score: float

    @property
    def rank(self) -> tuple[float, ...]:
        return (self.last - self.first, self.score, -len(self.name.skus))


@dataclass(frozen=True)
class _Message:
    """A message in parts, and what stands around a match in it."""

    text: str
    parts: Sequence[_Part]

    def is_all(self, match: _Found) -> bool:
        """Nothing but the match, small words aside."""
        others = [*self.parts[: match.first], *self.parts[match.last + 1 :]]
        return all(part.text in _FILLERS or part.text in _DETERMINERS for part in others)

    def stands_alone(self, match: _Found) -> bool:
        """A part of a name with a determiner before ("the 500") and nothing after that it could count."""
        return self._before(match) in _DETERMINERS and self._ends_after(match)

    def has_article(self, match: _Found) -> bool:
        """A determiner stands before it."""
        return self._before(match) in _DETERMINERS

    def is_weighed(self, match: _Found) -> bool:
        """ "Than mini", "or pro": a word that sets it against another stands before it."""
        return self._before(match) in _OR - {"and"}

    @property
    def talks(self) -> bool:
        """Whether it speaks of buying, owning or looking after something."""
        return any(part.text in _TALK for part in self.parts)

    def is_bare(self, match: _Found) -> bool:
        """No other word says what kind of it is meant, as in "electric heater"."""
        before = self._before(match)
        known = not before or before in STOP_WORDS | _DETERMINERS | _FILLERS
        return known and not self.is_verb(match)

    def ends_well(self, match: _Found) -> bool:
        """No noun follows that it could belong to, and it is not something to do."""
        after = self._after(match)
        return not self.is_verb(match) and (self._ends_after(match) or after in _TALK)

    def is_verb(self, match: _Found) -> bool:
        """ "to trim", "can you trim": what follows a pronoun or a modal is something to do."""
        return self._before(match) in _BEFORE_A_VERB

    def reads_as_name(self, match: _Found, ordinary: frozenset[str]) -> bool:
        """An ordinary word used as a name: by its article, its capital, or by talk of buying and owning."""
        before, after = self._before(match), self._after(match)
        if self.text[self.parts[match.last].end :][:2] in ("'s", "’s"):
            return True
        if self._is_asked_of(match):
            return True
        if self.is_manner(match) or self._is_spare(match):
            return False
        if self._is_had_done(match) or self._is_capital(match):
            return True
        if self.is_verb(match) or not (self._ends_after(match) or after in _TALK or after.isdigit()):
            return False
        if not match.first and (after in _STATES or after in _OR - {"and", "than"}):
            return True
        talk = self.talks
        if before and before not in STOP_WORDS | _TALK | _FILLERS | _DETERMINERS:
            return talk and before not in ordinary
        capital = self._has_capital(match.first) and match.first > 0 and not self.text.isupper()
        return before in _DETERMINERS or capital or talk

    def _has_capital(self, at: int) -> bool:
        return 0 <= at < len(self.parts) and self.text[self.parts[at].start].isupper()

    def _is_capital(self, match: _Found) -> bool:
        """ "The Tempo went": the only word thereabouts with a capital, behind an article."""
        others = (match.first - 1, match.last + 1)
        return (
            self._has_capital(match.first)
            and self._before(match) in _OURS | {"your"}
            and not any(self._has_capital(at) for at in others if at)
        )

    def _is_had_done(self, match: _Found) -> bool:
        """ "Get the tempo mended": a thing that something is done to."""
        if match.first < 2 or self._before(match) not in _ARTICLES:
            return False
        return self.parts[match.first - 2].text in _HAVE and self._after(match).endswith("ed")

    def _is_spare(self, match: _Found) -> bool:
        """ "New cell already in": without an article, an ordinary thing that is changed for another."""
        if self._before(match) not in _ADJECTIVES or match.first < 2:
            return False
        return self.parts[match.first - 2].text not in _DETERMINERS | _HAVE

    def is_drawn(self, match: _Found) -> bool:
        """ "Pull a vacuum": something that is made, and no machine."""
        at = match.first - 1 - (self._before(match) in ("a", "the"))
        return at >= 0 and self.parts[at].text in _DRAWN

    def is_one_of(self, match: _Found) -> bool:
        """ "Which splash is quieter": a choice among several of that name."""
        return self._before(match) == "which" and self._after(match) in _BE | _AUXILIARIES | _HAVE | {
            "should"
        }

    def _is_asked_of(self, match: _Found) -> bool:
        """ "Does the tempo work ...": after a question's verb and an article, what follows is said of it."""
        if match.first < 2 or self._before(match) not in _DETERMINERS:
            return False
        asking = self.parts[match.first - 2].text
        if asking in _BE:
            return self._ends_soon(match)
        return asking in _AUXILIARIES and self._after(match) != "of"

    def _ends_soon(self, match: _Found) -> bool:
        """One word follows, and then nothing that it could belong to: "is the portal loud at night"."""
        later = [part.text for part in self.parts[match.last + 1 : match.last + 3]]
        return len(later) == 1 or (len(later) == 2 and later[0] not in STOP_WORDS and later[1] in STOP_WORDS)

    def is_said_to_do(self, match: _Found) -> bool:
        """ "Does the max lift carpets": whether it is asked what it does."""
        asked = self._is_asked_of(match)
        return asked and self.parts[match.first - 2].text in _AUXILIARIES

    def is_manner(self, match: _Found) -> bool:
        """ "At this tempo", "keep up the tempo": the way something goes, and no name."""
        if self._before(match) not in _DETERMINERS:
            return False
        earlier = [part.text for part in self.parts[max(0, match.first - 3) : match.first - 1]]
        return bool(earlier) and (earlier[-1] in _MANNER or (earlier[-1] == "up" and earlier[0] in _MANNER))

    def follows(self, match: _Found, words: Mapping[str, str]) -> bool:
        """Whether one of the words stands right before it."""
        return self._before(match) in words

    def is_ours(self, match: _Found) -> bool:
        """ "The", "my" or "our" stands before it, and nothing that it could belong to behind."""
        return self._before(match) in _OURS and self.ends_well(match)

    def sentence_ends_between(self, one: int, other: int) -> bool:
        """Whether a full stop or the like stands between two parts."""
        low, high = sorted((one, other))
        return any(char in ".?!;" for char in self.text[self.parts[low].end : self.parts[high].start])

    def _before(self, match: _Found) -> str:
        return self.parts[match.first - 1].text if match.first else ""

    def _after(self, match: _Found) -> str:
        return self.parts[match.last + 1].text if match.last + 1 < len(self.parts) else ""

    def _ends_after(self, match: _Found) -> bool:
        after = self._after(match)
        if not after:
            return True
        gap = self.text[self.parts[match.last].end : self.parts[match.last + 1].start]
        return bool(gap.strip()) or after in _STATES or (after in STOP_WORDS and after != "of")


class Mentions:
    """Finds the names of one catalogue. `ordinary` are the words that people also use for other things."""

    def __init__(
        self, names: Iterable[Name], proper: Iterable[str] = (), ordinary: Iterable[str] = ()
    ) -> None:
        self.names = tuple(names)
        self.proper = frozenset(_key_of(text) for text in proper)
        self.ordinary = frozenset(ordinary)
        self._names_of_families = frozenset(name.text for name in self.names if name.kind == "family")
        self._index: dict[str, Name] = {}
        self._words: set[str] = set()
        self._longest = 1
        for name in self.names:
            parts = parts_of(name.text)
            self._index[_key(parts)] = name
            self._words.update(part.text for part in parts if len(part.text) >= 4 and part.text.isalpha())
            self._longest = max(self._longest, len(parts))
        self._partial = self._partial_names()
        self._index.update(self._partial)
        self._elliptic = self._names_with_one()
        self._index.update(self._elliptic)
        self._qualified = self._products_by_quality()
        self._heads = self._names_by_head()
        self._qualifying = frozenset(head for head in self._heads if head in self._qualified)
        self._index.update(self._heads)
        self._turned = self._names_by_words()
        self._near = self._words_by_sound()
        self._name_words = self._words_of_products()
        self._telling_words = self._words_that_tell()
        families = [name.skus for name in self.names if name.kind == "family" and len(name.skus) > 1]
        self._families_of = _by_sku(families)
        self._groups_of = _by_sku(sorted({name.skus for name in self.names if name.kind != "product"}))
        self._families_told_by = self._families_by_word(families)

    def find(self, text: str) -> list[Mention]:
        """All mentions, in order of appearance; longer ones win over what they contain."""
        message = _Message(text, parts_of(text))
        doubted: list[_Found] = []
        sure: list[_Found] = []
        for match in self._candidates(message.parts):
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

    # -- the index ---------------------------------------------------------------------------------

    def _partial_names(self) -> dict[str, Name]:
        """Beginnings and endings of products' names ("dusty s2", "s2 max"), with all they may mean."""
        skus: dict[str, dict[str, None]] = defaultdict(dict)
        texts: dict[str, str] = {}
        for name in self.names:
            words = name.text.split()
            if name.kind != "product" or _key_of(name.text) not in self.proper:
                continue
            pieces = [words[:size] for size in range(2, len(words))] + [
                words[at:] for at in range(1, len(words))
            ]
            for piece in map(" ".join, pieces):
                key = _key_of(piece)
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
            if qualities and not self._is_maker_s(name) and qualities[-1] not in _DETERMINERS:
                for thing in _THINGS:
                    found[" ".join([*qualities, thing])].update(name.skus)
                for size in range(1, len(qualities) + 1):
                    opening[" ".join(qualities[:size])].add(name.text)
        for text, alike in opening.items():
            if self._tells_apart(text, alike):
                skus = {sku for name in alike for sku in self._index[_key_of(name)].skus}
                found[f"{text} one"].update(skus)
                if len(alike) >= _MANY:
                    found[text].update(skus)
        names = (Name(text, tuple(skus), "product") for text, skus in found.items() if len(skus) == 1)
        return {key: name for name in names if (key := _key_of(name.text)) not in self._index}

    def _tells_apart(self, opening: str, names: Iterable[str]) -> bool:
        """Whether what follows the opening names more products: of all air conditioners, the split."""
        for text in names:
            rest = self._index.get(_key_of(text.removeprefix(opening)))
            whole = self._index[_key_of(text)]
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
            if head not in _TALK and head.removesuffix("s") not in _TALK
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
        return _key_of(name.text) in self.proper or name.text.split()[0] in self._names_of_families

    def _words_by_sound(self) -> dict[str, set[str]]:
        """Words of the catalogue by their sound, whole and with any one letter left out."""
        near: dict[str, set[str]] = defaultdict(set)
        for word in self._words:
            for form in _neighbourhood(word):
                near[form].add(word)
        return near

    # -- finding -----------------------------------------------------------------------------------

    def _candidates(self, parts: Sequence[_Part]) -> Iterator[_Found]:
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
                        yield _Found(first, last, name, score)
        yield from self._turned_round(parts)

    def _without_weak(self, found: Sequence[_Found], message: _Message) -> list[_Found]:
        """Leaves out what only may be a name beside what certainly is one.

        That is the bare head of a category, and a misspelt word right beside another product's name.
        """
        certain = [match for match in found if match.score >= 0.99 and not self._is_head(match)]

        def is_weak(match: _Found) -> bool:
            if self._is_head(match):
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

    def _is_head(self, match: _Found) -> bool:
        return match.name is self._heads.get(match.name.text)

    def _turned_round(self, parts: Sequence[_Part]) -> Iterator[_Found]:
        for at, part in enumerate(parts):
            if part.text != "for":
                continue
            for first in range(max(0, at - 3), at):
                for last in range(at + 1, min(at + 5, len(parts))):
                    words = [other.text for other in (*parts[first:at], *parts[at + 1 : last + 1])]
                    said = frozenset(_SENSES.get(word, word) for word in words)
                    name = self._turned.get(said - {"the", "a", "my", "our", "your"})
                    if name is not None and words[-1] not in _DETERMINERS and words[0] not in _DETERMINERS:
                        yield _Found(first, last, name, 0.95)

    def _likely(self, name: Name, parts: Sequence[_Part], score: float) -> bool:
        """An ordinary word passes for a misspelt name only together with the name's number."""
        exact = {part.text for part in parts_of(name.text)}
        misread = [part for part in parts if part.text not in exact]
        if all(part.text in _MISHEARD for part in misread):
            return len(parts) > 2
        if any(len(part.text) == 3 for part in misread):
            return parts[-1].text.isdigit() or len(parts) > 2
        if not any(self._is_ordinary(part.text) and part.text not in self._words for part in misread):
            return True
        heard = _consonants("".join(part.text for part in parts)) == _consonants(_key_of(name.text))
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
        if len(spellings) == 1 and len(word) >= 7 and not self._is_ordinary(word):
            spellings += self._split(word)
        return spellings

    def _is_plural(self, word: str) -> bool:
        """Several of an ordinary thing, as "mins" are: spelt right, however near a name."""
        singular = word.removesuffix("s")
        return singular != word and singular in self.ordinary and singular not in self._words

    def _corrections(self, word: str) -> list[tuple[str, float]]:
        near = {known for form in _neighbourhood(word) for known in self._near.get(form, ())}
        scored = [(known, _similarity(word, known)) for known in near if _begin_alike(word, known)]
        least = 0.75 if len(word) <= 5 else 0.7
        return sorted((pair for pair in scored if pair[1] >= least), key=lambda pair: -pair[1])[:2]

    def _split(self, word: str) -> list[tuple[str, float]]:
        """Two words of the catalogue written as one, with a slip in it ("zefyrmini")."""
        found = []
        for cut in range(3, len(word) - 2):
            left, right = self._best(word[:cut]), self._best(word[cut:])
            if left and right and _key_of(left[0] + " " + right[0]) in self._index:
                found.append((left[0] + right[0], min(left[1], right[1])))
        return sorted(found, key=lambda pair: -pair[1])[:1]

    def _best(self, word: str) -> tuple[str, float] | None:
        if word in self._words:
            return word, 0.98
        return next(iter(self._corrections(word)), None) if len(word) >= 4 else None

    # -- judging -----------------------------------------------------------------------------------

    def _is_ordinary(self, word: str) -> bool:
        return word in self.ordinary or word in STOP_WORDS

    def _is_proper(self, match: _Found) -> bool:
        return _key_of(match.name.text) in self.proper

    def _may_be_name(self, match: _Found) -> bool:
        return match.score >= 0.99 and self._is_proper(match)

    def _is_meant(self, match: _Found, message: _Message) -> bool:
        """Whether the message means a product. In doubt are single words with another use."""
        if match.name is self._elliptic.get(_key_of(match.name.text)):
            last = match.name.text.split()[-1]
            ends = last in _THINGS or message.ends_well(match) or message.is_said_to_do(match)
            return message.has_article(match) and ends
        word = message.parts[match.first].text
        if (word in self._partial or len(word) == 1) and message.follows(match, brands()):
            return False
        if match.first < match.last:
            return True
        if message.is_drawn(match):
            return False
        if len(match.name.skus) > 1 and message.is_one_of(match):
            return True
        if self._is_head(match):
            if word in self._qualifying:
                return match.score >= 0.99 and message.is_ours(match)
            return match.score >= 0.99 and message.is_bare(match)
        if word in self._partial and message.follows(match, brands()):
            return False
        if match.score < 0.99 and self._is_proper(match) and match.name.text.startswith(word):
            # Cut short, not misspelt: it may be short for something else, as "temp" is.
            return message.is_all(match) or (message.talks and message.reads_as_name(match, self.ordinary))
        if word in self._partial and " " not in self._partial[word].text:
            alone = message.is_all(match) or message.is_said_to_do(match)
            return message.stands_alone(match) or (word.isalpha() and alone)
        if match.score < 0.99 or not self._is_proper(match) or not self._is_ordinary(word):
            return True
        if message.is_all(match) or message.reads_as_name(match, self.ordinary):
            return True
        return message.ends_well(match) and self._quality(match, message) is not None

    def _continued(self, chosen: Sequence[_Found], message: _Message) -> list[_Found]:
        """The 500 of "rill 300 or 500": after a product, the word that tells its sibling from it."""
        more = []
        taken = {at for match in chosen for at in range(match.first, match.last + 1)}
        for match in chosen:
            at = match.last + 1
            while at < len(message.parts) and at < match.last + 4 and message.parts[at].text in _JOINING:
                at += 1
            if at == match.last + 1 or at >= len(message.parts) or at in taken:
                continue
            families = self._families_of.get(match.name.skus[0], ())
            family = [skus for skus in families if set(match.name.skus) < set(skus)]
            siblings = [sku for skus in family for sku in skus if sku not in match.name.skus]
            word = message.parts[at].text
            told = _stem(word)
            fitting = [sku for sku in siblings if told in self._name_words.get(sku, ())]
            if len(fitting) == 1:
                more.append(_Found(at, at, Name(word, (fitting[0],), "product"), 0.9))
        return more

    def _led_up_to(self, chosen: Sequence[_Found], message: _Message) -> list[_Found]:
        """The 45 of "45 or 60 cm dishwasher": before a product, the word that tells its sibling from it."""
        more = []
        taken = {at for match in chosen for at in range(match.first, match.last + 1)}
        for match in chosen:
            at = match.first - 1
            while at > 0 and message.parts[at].text in ("the", "a", "an"):
                at -= 1
            if at < 1 or message.parts[at].text not in _OR or len(match.name.skus) > 1:
                continue
            at -= 1
            at -= bool(at and message.parts[at].text in _UNITS_OF_LENGTH)
            group = self._groups_of.get(match.name.skus[0], ())
            siblings = {sku for skus in group for sku in skus} - set(match.name.skus)
            said = message.parts[at].text
            told = {_stem(said), _stem(_SENSES.get(said, said))}
            fitting = [sku for sku in siblings if told & self._telling_words.get(sku, set())]
            if len(fitting) == 1 and at not in taken and not told & self._telling_words[match.name.skus[0]]:
                more.append(_Found(at, at, Name(said, (fitting[0],), "product"), 0.9))
        return more

    def _paired(self, message: _Message) -> list[_Found]:
        """ "Mini or pro", "300 or 500": where nothing is named, two words that tell siblings apart."""
        parts = message.parts
        for at in range(1, len(parts) - 1):
            if parts[at].text not in _OR:
                continue
            last = at + 1 + (parts[at + 1].text == "the" and at + 2 < len(parts))
            after = parts[last + 1].text if last + 1 < len(parts) else ""
            if after and after not in STOP_WORDS and after not in _TALK:
                continue
            for family in self._families_told_by.get(_stem(parts[at - 1].text), ()):
                first, second = (self._told_by(parts[place].text, family) for place in (at - 1, last))
                if first and second and first != second:
                    return [
                        _Found(place, place, Name(parts[place].text, (sku,), "product"), 0.9)
                        for place, sku in ((at - 1, first), (last, second))
                    ]
        return []

    def _told_by(self, word: str, skus: Sequence[str]) -> str | None:
        """The one product whose own name has the word."""
        told = _stem(word)
        fitting = [sku for sku in skus if told in self._name_words.get(sku, ())]
        return fitting[0] if len(fitting) == 1 else None

    def _is_siblings(self, match: _Found, sure: Sequence[_Found], message: _Message) -> bool:
        """ "The pro" beside "the mini": a part of a name, pointed at, where its sibling is named too."""
        pointed_at = message.has_article(match) or message.is_weighed(match)
        if message.parts[match.first].text not in self._partial or not pointed_at:
            return False
        families = [
            skus
            for skus in self._families_of.get(match.name.skus[0], ())
            if set(match.name.skus) <= set(skus)
        ]
        others = {sku for other in sure for sku in other.name.skus} - set(match.name.skus)
        return any(others & set(skus) for skus in families)

    def _narrowed(self, match: _Found, message: _Message) -> Mention:
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

    def _quality(self, match: _Found, message: _Message) -> tuple[int, str] | None:
        """The word beside a mention that tells its products apart, and the one product that it tells of."""
        first, last = match.first, match.last
        near = [(at, self._name_words) for at in (last + 1, first - 1, last + 2, first - 2)]
        near += [(at, self._telling_words) for at in (first - 1, *self._related(match, message))]
        for at, words in near:
            if not 0 <= at < len(message.parts) or message.sentence_ends_between(first, at):
                continue
            said = message.parts[at].text
            told = {_stem(said), _stem(_SENSES.get(said, said))}
            fitting = [sku for sku in match.name.skus if told & words.get(sku, set())]
            if len(fitting) == 1 and len(match.name.skus) > 1:
                return at, fitting[0]
        return None

    def _related(self, match: _Found, message: _Message) -> list[int]:
        """Where a quality may follow: "the dusty with the mop", "a dishwasher that's 45 wide"."""
        at = match.last + 1
        while at < len(message.parts) and at < match.last + 6:
            word, before = message.parts[at].text, message.parts[at - 1].text
            if word not in _RELATING | _PLACES and not (before in _PLACES and word in _DETERMINERS):
                break
            at += 1
        return [at] if at > match.last + 1 else []

    def _words_that_tell(self) -> dict[str, set[str]]:
        """The words of all a product's names; what its siblings share tells nothing and does no harm."""
        words: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            stems = {_stem(part.text) for part in parts_of(name.text) if len(part.text) > 1}
            for sku in name.skus:
                words[sku] |= stems
        return words

    def _families_by_word(self, families: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
        """For each word of a product's name, by its stem, the families in which a product has it."""
        found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for skus in families:
            for stem in sorted(set().union(*(self._name_words.get(sku, set()) for sku in skus))):
                found[stem].append(skus)
        return found

    def _words_of_products(self) -> dict[str, set[str]]:
        words: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            if name.kind == "product" and _key_of(name.text) in self.proper:
                stems = {_stem(part.text) for part in parts_of(name.text) if len(part.text) > 1}
                stems.update(_stem(word) for word in name.text.split() if len(word) > 1)
                for sku in name.skus:
                    words[sku] |= stems
        return words


def _by_sku(groups: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The groups that each product belongs to, in their order."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for skus in groups:
        for sku in skus:
            found[sku].append(skus)
    return found


def parts_of(text: str) -> list[_Part]:
    """Runs of letters and runs of digits, folded, with their places; numbers in words become digits."""
    plain = text.lower() if text.isascii() else _folded(text)
    found = [_Part(match[0], match.start(), match.end()) for match in _PART.finditer(plain)]
    return _numbers_in_digits([part for part in found if not _is_possessive(part, plain)])


def _folded(text: str) -> str:
    """Lower case without accents, as long as the text itself."""
    plain = "".join(unicodedata.normalize("NFKD", char)[0] for char in text).lower()
    if len(plain) == len(text):
        return plain
    return text.lower() if len(text.lower()) == len(text) else text


def _is_possessive(part: _Part, text: str) -> bool:
    return part.text == "s" and part.start > 0 and text[part.start - 1] in "'’"


def _numbers_in_digits(parts: list[_Part]) -> list[_Part]:
    if not any(part.text in _UNITS or part.text in _TENS for part in parts):
        return parts
    result: list[_Part] = []
    at = 0
    while at < len(parts):
        used, value = _number(parts, at)
        if used:
            result.append(_Part(str(value), parts[at].start, parts[at + used - 1].end))
        else:
            result.append(parts[at])
        at += used or 1
    return result


def _number(parts: Sequence[_Part], at: int) -> tuple[int, int]:
    """How many words from `at` on spell a number below a thousand, and which; (0, 0) when none."""
    words = [part.text for part in parts[at : at + 5]] + [""] * 5
    used, value = _below_hundred(words)
    if not used:
        return 0, 0
    if words[used] == "hundred":
        skip = used + 1 + (words[used + 1] == "and")
        more, rest = _below_hundred(words[skip:])
        return (skip + more, value * 100 + rest) if more else (used + 1, value * 100)
    return used, value


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    if words and words[0] in _TENS:
        if 0 < _UNITS.get(words[1], 0) < 10:
            return 2, _TENS[words[0]] + _UNITS[words[1]]
        return 1, _TENS[words[0]]
    return (1, _UNITS[words[0]]) if words and words[0] in _UNITS else (0, 0)


def _key(parts: Iterable[_Part]) -> str:
    return "".join(part.text for part in parts)


@lru_cache(maxsize=1 << 17)
def _key_of(text: str) -> str:
    """A text's parts in one, as the index knows names."""
    return _key(parts_of(text))


def _stem(word: str) -> str:
    """A word without its ending: larger, largest and large are one, and so are mop, mops and mopping."""
    stem = _ENDING.sub("", word) if len(word) > 4 or word.endswith("s") else word
    stem = stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem


def _sound(word: str) -> str:
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return _DOUBLED.sub(r"\1", word)


def _consonants(word: str) -> str:
    """What is left of a word where vowels are misheard."""
    return re.sub("[aeiou]", "", _sound(word))


def _begin_alike(one: str, other: str) -> bool:
    """Slips hardly ever change how a word begins; vowels there count as one, and the next letter may swap."""
    first, second = (re.sub("[aeiou]", "a", _sound(word)[:2]) for word in (one, other))
    return first[0] == second[0] or sorted(first) == sorted(second)


def _neighbourhood(word: str) -> set[str]:
    sound = _sound(word)
    return {sound, *(sound[:at] + sound[at + 1 :] for at in range(len(sound)))}


def _similarity(written: str, known: str) -> float:
    """How alike two words are, by letters or by sound, short of 1 when they differ at all."""
    letters = OSA.normalized_similarity(written, known)
    sound = OSA.normalized_similarity(_sound(written), _sound(known))
    return min(0.98, max(letters, 0.95 * sound))


def _without_overlaps(found: Sequence[_Found]) -> list[_Found]:
    chosen: list[_Found] = []
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
