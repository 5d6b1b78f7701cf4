"""What stands around a name in a message, and whether it is used as one there. Pure code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.lang.en.stop_words import STOP_WORDS

from steward.catalogue import Name
from steward.nlu.spelling import Part

DETERMINERS = frozenset(
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
_STATES = frozenset(
    "wont won doesnt doesn dont don isnt isn cant never always keeps kept stopped stops shows says sold "
    "makes went goes loses lost broke turned turns".split()
)
_BEFORE_A_VERB = frozenset(
    "to i you we they can will could should would lets dont please must may might".split()
)
_AUXILIARIES = frozenset("do does did will can could should would".split())
_BE = frozenset("is are was were".split())
OR = frozenset("or vs versus and than".split())
# "Keep up the tempo", "at this tempo": how it goes, and no name.
_MANNER = frozenset("keep keeping kept at".split())
TALK = frozenset(
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
class Found:
    """A run of parts that may be a name; `score` is how like it is."""

    first: int
    last: int
    name: Name
    score: float

    @property
    def rank(self) -> tuple[float, ...]:
        """The greater, the sooner it is chosen among those that overlap."""
        return (self.last - self.first, self.score, -len(self.name.skus))


@dataclass(frozen=True)
class Surroundings:
    """A message in parts, and what stands around a match in it."""

    text: str
    parts: Sequence[Part]

    def is_all(self, match: Found) -> bool:
        """Nothing but the match, small words aside."""
        others = [*self.parts[: match.first], *self.parts[match.last + 1 :]]
        return all(part.text in _FILLERS or part.text in DETERMINERS for part in others)

    def stands_alone(self, match: Found) -> bool:
        """A part of a name with a determiner before ("the 500") and nothing after that it could count."""
        return self._before(match) in DETERMINERS and self._ends_after(match)

    def has_article(self, match: Found) -> bool:
        """A determiner stands before it."""
        return self._before(match) in DETERMINERS

    def is_weighed(self, match: Found) -> bool:
        """ "Than mini", "or pro": a word that sets it against another stands before it."""
        return self._before(match) in OR - {"and"}

    @property
    def talks(self) -> bool:
        """Whether it speaks of buying, owning or looking after something."""
        return any(part.text in TALK for part in self.parts)

    def is_bare(self, match: Found) -> bool:
        """No other word says what kind of it is meant, as in "electric heater"."""
        before = self._before(match)
        known = not before or before in STOP_WORDS | DETERMINERS | _FILLERS
        return known and not self.is_verb(match)

    def ends_well(self, match: Found) -> bool:
        """No noun follows that it could belong to, and it is not something to do."""
        after = self._after(match)
        return not self.is_verb(match) and (self._ends_after(match) or after in TALK)

    def is_verb(self, match: Found) -> bool:
        """ "to trim", "can you trim": what follows a pronoun or a modal is something to do."""
        return self._before(match) in _BEFORE_A_VERB

    def reads_as_name(self, match: Found, ordinary: frozenset[str]) -> bool:
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
        if self.is_verb(match) or not (self._ends_after(match) or after in TALK or after.isdigit()):
            return False
        if not match.first and (after in _STATES or after in OR - {"and", "than"}):
            return True
        talk = self.talks
        if before and before not in STOP_WORDS | TALK | _FILLERS | DETERMINERS:
            return talk and before not in ordinary
        capital = self._has_capital(match.first) and match.first > 0 and not self.text.isupper()
        return before in DETERMINERS or capital or talk

    def _has_capital(self, at: int) -> bool:
        return 0 <= at < len(self.parts) and self.text[self.parts[at].start].isupper()

    def _is_capital(self, match: Found) -> bool:
        """ "The Tempo went": the only word thereabouts with a capital, behind an article."""
        others = (match.first - 1, match.last + 1)
        return (
            self._has_capital(match.first)
            and self._before(match) in _OURS | {"your"}
            and not any(self._has_capital(at) for at in others if at)
        )

    def _is_had_done(self, match: Found) -> bool:
        """ "Get the tempo mended": a thing that something is done to."""
        if match.first < 2 or self._before(match) not in _ARTICLES:
            return False
        return self.parts[match.first - 2].text in _HAVE and self._after(match).endswith("ed")

    def _is_spare(self, match: Found) -> bool:
        """ "New cell already in": without an article, an ordinary thing that is changed for another."""
        if self._before(match) not in _ADJECTIVES or match.first < 2:
            return False
        return self.parts[match.first - 2].text not in DETERMINERS | _HAVE

    def is_drawn(self, match: Found) -> bool:
        """ "Pull a vacuum": something that is made, and no machine."""
        at = match.first - 1 - (self._before(match) in ("a", "the"))
        return at >= 0 and self.parts[at].text in _DRAWN

    def is_one_of(self, match: Found) -> bool:
        """ "Which splash is quieter": a choice among several of that name."""
        return self._before(match) == "which" and self._after(match) in _BE | _AUXILIARIES | _HAVE | {
            "should"
        }

    def _is_asked_of(self, match: Found) -> bool:
        """ "Does the tempo work ...": after a question's verb and an article, what follows is said of it."""
        if match.first < 2 or self._before(match) not in DETERMINERS:
            return False
        asking = self.parts[match.first - 2].text
        if asking in _BE:
            return self._ends_soon(match)
        return asking in _AUXILIARIES and self._after(match) != "of"

    def _ends_soon(self, match: Found) -> bool:
        """One word follows, and then nothing that it could belong to: "is the portal loud at night"."""
        later = [part.text for part in self.parts[match.last + 1 : match.last + 3]]
        return len(later) == 1 or (len(later) == 2 and later[0] not in STOP_WORDS and later[1] in STOP_WORDS)

    def is_said_to_do(self, match: Found) -> bool:
        """ "Does the max lift carpets": whether it is asked what it does."""
        asked = self._is_asked_of(match)
        return asked and self.parts[match.first - 2].text in _AUXILIARIES

    def is_manner(self, match: Found) -> bool:
        """ "At this tempo", "keep up the tempo": the way something goes, and no name."""
        if self._before(match) not in DETERMINERS:
            return False
        earlier = [part.text for part in self.parts[max(0, match.first - 3) : match.first - 1]]
        return bool(earlier) and (earlier[-1] in _MANNER or (earlier[-1] == "up" and earlier[0] in _MANNER))

    def follows(self, match: Found, words: Mapping[str, str]) -> bool:
        """Whether one of the words stands right before it."""
        return self._before(match) in words

    def is_ours(self, match: Found) -> bool:
        """ "The", "my" or "our" stands before it, and nothing that it could belong to behind."""
        return self._before(match) in _OURS and self.ends_well(match)

    def sentence_ends_between(self, one: int, other: int) -> bool:
        """Whether a full stop or the like stands between two parts."""
        low, high = sorted((one, other))
        return any(char in ".?!;" for char in self.text[self.parts[low].end : self.parts[high].start])

    def _before(self, match: Found) -> str:
        return self.parts[match.first - 1].text if match.first else ""

    def _after(self, match: Found) -> str:
        return self.parts[match.last + 1].text if match.last + 1 < len(self.parts) else ""

    def _ends_after(self, match: Found) -> bool:
        after = self._after(match)
        if not after:
            return True
        gap = self.text[self.parts[match.last].end : self.parts[match.last + 1].start]
        return bool(gap.strip()) or after in _STATES or (after in STOP_WORDS and after != "of")
