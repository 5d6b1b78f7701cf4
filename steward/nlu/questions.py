"""Several questions in one message: found by clause, read as messages of their own, and told in order.

Two components, one at each end of the pipeline. `Clauses` looks for places where a message may ask a second
thing; only there it puts the clauses behind the message, so that everything between reads them in one batch.
`Questions` takes them away again and keeps those that are sure and differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from steward.nlu.classifier import SAFETY, UNSURE, VECTOR
from steward.nlu.language import OTHER_LANGUAGE
from steward.nlu.matcher import MENTIONS
from steward.nlu.reader import read

QUESTIONS = "questions"
_CLAUSE = "clause"
_MOST = 5
_LONGEST_LIST = 120
# A clause tells less than a message, and a message wrongly taken apart is a right answer lost.
_SURE = 0.8

# What a clause says without asking for anything. Any other intent is a question, also one of the shop's own.
_ASKS_NOTHING = frozenset(
    "affirm bot_challenge capabilities deny feedback goodbye greet inform nlu_fallback other_language "
    "out_of_scope safety thanks".split()
)
_ABOUT_THE_SHOP = frozenset("delivery returns ordering hours order_status human complaint".split())
# What a told trouble or wish leads up to: with such a question behind it, it is only the reason for it.
_LED_UP_TO = frozenset("returns warranty human complaint order_status troubleshooting".split())

_POLITE = (
    r"(?:(?:hi|hello|hey|ok|okay|so|also|and|plus|then|please|pls|plz|btw|by the way|oh|um|well|sorry|thanks|"
    r"secondly|finally|lastly|another (?:question|thing)|one more (?:question|thing)|second question|"
    r"(?:i have |got )?(?:two|three|a couple of|a few|some) (?:things|questions)|"
    r"(?:and )?if (?:so|yes|not)|in that case|wondering|just wondering|is yes|too|as well|"
    r"do (?:you|u) know|any idea|quick question)\b[\s,:.-]*)*"
)
_SUBJECT = (
    r"(?:it|its|i|you|u|ya|we|they|this|that|there|these|those|he|she|the|my|your|our|a|an|any|anyone|"
    r"someone|somebody|delivery|shipping|installation|fitting|returns|all)\b"
)
_ASKS = (
    r"(?:how much\W*$"
    r"|(?:what|wat|whats|what's|how|hows|how's|who|whos|who's|why|where|wheres|where's)\s+\w+\s+\w+"
    r"|(?:when|whens|when's)(?:\s+(?:is|are|do|does|did|will|would|can|could|should|was|shall|to)\b|(?<=s)\b)"
    r"|which\s+(?:one|of|model|is|are|do|does|would|size|colou?rs?|days?)\b"
    r"|(?:(?:is|isnt|isn't|are|aren't|was|were|do|does|dose|did|don't|doesn't|can|can't|could|will|would|should|"
    r"shall|may|must)\s+" + _SUBJECT + r"|(?:have|has|had)\s+(?:you|u|it|they|i)\b"
    r"|(?:is|are|does|will|can)\s+(?:\w+\s+){1,3}?(?:included|covered|free|possible|available|needed|required|extra)\b"
    r"|(?:u|you)\s+(?:do|got|have|sell|deliver|ship|open)\b)"
    r"|(?:tell|let|give|send|show)\s+me\b|explain\b"
    r"|(?:i(?:'d| would| also)*\s+)?(?:need|want|wanna|like|love|wanted)\s+to\s+"
    r"(?:know|ask|check|find out|speak|talk)\b"
    r"|(?:i'm |im |i am )?(?:also )?(?:asking|curious|wonder(?:ing)?)\b|connect me\b|put me\b)"
)
_TOPIC_WORDS = (
    r"(?:prices?|costs?|warranty|guarantee|delivery|shipping|returns?|refunds?|availability|"
    r"opening (?:hours|times)|address|phone number|dimensions|measurements|size|specs|running costs?|"
    r"instal?lation|fitting|stock|payment|discounts?|offers?|instalments)"
)
_QUESTION = re.compile(rf"{_POLITE}{_ASKS}", re.IGNORECASE)
_FRAGMENT = re.compile(
    rf"{_POLITE}(?:(?:the|a|an|any|its|it's|your|about|for)\s+)*(?:\w+\s+){{0,2}}?{_TOPIC_WORDS}"
    r"(?:\s+(?:times?|policy|options?|terms|costs?|price|period|info|details))?"
    r"(?:\s+(?:of|for|on|to|in|at|with|by|please|pls|today|tomorrow|too|as well)\b.{0,50})?\W*$",
    re.IGNORECASE,
)
_NARRATES = re.compile(
    r"\W*(?:(?:hi|hello|hey|so|well|ok|just|also|and|recently|we've|i've|ive)\s+)*"
    r"(?:bought|got|received|moved|ordered|had|having|looking|thinking|if|when|because|since|after|while)\b",
    re.IGNORECASE,
)
# Told, not asked: a trouble or a wish. It counts where it is added to a question, not where it leads to one.
_TOLD = re.compile(
    rf"{_POLITE}(?:(?:i|we)(?:'d| would|'m| am|m)?\s+(?:also\s+)?(?:need|want|like|looking)\b|"
    r"(?:the|my|mine|our|it|its|it's|i|we)\b.{0,60}?(?:n't|n’t|\b(?:not|wont|cant|dont|doesnt|isnt|never|keeps?|leak\w*|"
    r"drip\w*|beep\w*|broken?|stopped|error|shows?|makes?|stuck|nois\w+|blink\w*|flash\w*|smell\w*|fails?|failed)))",
    re.IGNORECASE,
)
_ADDED = r"(?:,\s*)?\b(?:and\s+also|also|and\s+another\s+(?:thing|question)|plus|btw|by\s+the\s+way)\b"
_JOINED = r"(?:,\s*)?(?:\band\s+then|\band|\bas\s+well\s+as|\bn|&|\+)(?=\s)|,"
_SEAM = re.compile(rf"\s*(?P<added>{_ADDED})[\s,:]*|\s*(?P<joined>{_JOINED})\s*", re.IGNORECASE)
_ENDS = re.compile(r"[.?!;\n]")
_HARD_STOP = re.compile(r"[;\n]+|\?+(?=\w)|\s[-–—]+\s")
# Said without a stop or a joining word; what stands before must not be what such a question hangs on.
_RUN_ON = re.compile(
    r"(?<=\s)(?:do\s+(?:you|u|i|we)\b|(?:can|could|will|does)\s+(?:you|u|i|we|it)\b|how\s+(?:much|long|many|do)\b|is\s+(?:it|there)\b|"
    r"(?:when|where)\s+(?:is|are|do|does|will|can)\b|what(?:s|'s|\s+(?:is|are|do|does|did|will|would))\s)",
    re.IGNORECASE,
)
_HANGS_ON = re.compile(
    r"(?:\b(?:and|or|but|know|tell|me|wonder\w*|wondering|asking|ask|see|check|understand|sure|about|say|says|of|"
    r"to|for|exactly|explain|out|idea|question|if|that|whether|then|so|please|hi|hello|hey|also|plus|than|what|how|"
    r"when|where|why|who|which|just|ok|guys|is|remember|forgot|confused|on|with|by|depends|like|show|not|matter|"
    r"hear|heard|read|find|the|a|my|your|thing|all|no|yes|i|you|we|they|can|could|should|would|will|do|does)|^|[,;.:?!-])\W*$",
    re.IGNORECASE,
)
# What is whole enough for another question to follow without a joining word: "how much" alone is not.
_WHOLE = re.compile(
    r"\b(?:is|are|do|does|did|can|could|will|would|s)\s+\w+\s+\w+|\b(?:cost|costs)\b.*\w", re.IGNORECASE
)
_WEIGHS = re.compile(r"\b(?:includ\w*|compar\w*|differ\w*|between|both|versus|vs)\b", re.IGNORECASE)
# Topics named one after the other: "price warranty and delivery for the crema". What such a list is about may
# stand before or behind it; a verb or another topic there makes it something else.
_LISTED = (
    r"(?:(?:delivery|shipping|instal?lation|fitting|running|repair|service)\s+(?:costs?|prices?|times?|fees?|charges?)"
    r"|returns?\s+policy|warranty\s+(?:period|terms|length|time)|(?:energy|power|water)\s+(?:use|usage|consumption)"
    r"|opening\s+(?:hours|times)|phone\s+number|payment\s+(?:options|methods)"
    r"|prices?|costs?|warranty|guarantee|delivery|shipping|returns|availability|stock|dimensions|measurements|size|specs"
    r"|instal?lation|fitting|maintenance|address|manual|discounts?)\b"
)
_OF_A_LIST = re.compile(_LISTED, re.IGNORECASE)
_JOINS = re.compile(r"[,/&+]|\b(?:and|n|plus)\b", re.IGNORECASE)
_LIST = re.compile(
    rf"{_POLITE}(?:(?:(?:i|we)\s+)?(?:need|want|looking\s+for)\s+|(?:can|could)\s+(?:you|u|i)\s+(?:give|tell|send|get|have)\s+"
    r"(?:me\s+)?|(?:tell|give|send)\s+me\s+|what\s+about\s+|info(?:rmation)?\s+(?:on|about)\s+|what(?:'s|s|\s+is|\s+are)\s+)?"
    rf"(?:(?!{_LISTED}|of\b|to\b|for\b|if\b|does\b|do\b|is\b)[\w'’-]+[\s:,-]+){{0,5}}?"
    rf"(?P<list>{_LISTED}(?:(?:\s*[,/&+]\s*|\s+)(?:(?:and|n|plus)\s+)?(?:(?:the|your)\s+)?{_LISTED})+)"
    rf"(?:\s+(?:for|of|on|about|please|pls|plz|thanks)\b(?:\s+(?!{_LISTED})[\w'’-]+){{0,6}}"
    rf"|(?:\s+(?!{_LISTED}|is\b|are\b|does\b|do\b|was\b|in\b|with\b|included\b)[\w'’-]+){{1,4}})?\W*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\w+")
_SERVICES = frozenset("installation maintenance disposal delivery training upgrade returns".split())
_OF_THAT = re.compile(r"\b(?:that|this)(?: cost| be| come to)?\W*$|\bat what (?:cost|price)\b", re.IGNORECASE)
_WHERE_IS_IT = re.compile(r"\W*where(?:'?s|\s+is|\s+are)\s+(?:it|they)\W*", re.IGNORECASE)
_POINTS_BACK = re.compile(r"\b(?:it|its|this|that|they|them|these|those)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """A stretch of a message, which `asks` or `tells` by its form.

    `joined` to what stands before by any joining word, `added` to it by "also" or the like.
    """

    start: int
    end: int
    asks: bool = False
    tells: bool = False
    joined: bool = False
    added: bool = False


@dataclass(frozen=True)
class _Part:
    """A clause as read."""

    clause: Clause
    data: Mapping[str, Any]

    @property
    def intent(self) -> str:
        return str((self.data.get(INTENT) or {}).get("name") or UNSURE)

    def is_sure(self, least: float) -> bool:
        """Whether it was read, with this confidence at least, as something that the bot answers."""
        return self.intent not in _ASKS_NOTHING and float(self.data[INTENT]["confidence"]) >= least


def clauses_of(text: str) -> list[Clause]:
    """The clauses of a message that may ask more than one thing, in order; none for any other message."""
    listed = list(_listed(text))
    if listed:
        return listed
    if not _SEAM.search(text) and not _ENDS.search(text.rstrip(" .?!;\n")) and not _RUN_ON.search(text):
        return []
    clauses = [_judged(clause, text) for sentence in _sentences(text) for clause in _cut(text, *sentence)]
    asking = sum(clause.asks for clause in clauses)
    telling = sum(clause.tells and _is_linked(clause, later) for clause, later in _with_next(clauses))
    return clauses if asking and asking + telling > 1 and len(clauses) <= 2 * _MOST else []


def _listed(text: str) -> Iterator[Clause]:
    """The topics of a message that is a list of them, each as a clause; none of any other message."""
    found = _LIST.fullmatch(text.strip()) if len(text) <= _LONGEST_LIST else None
    if found is None:
        return
    moved = len(text) - len(text.lstrip())
    topics = list(_OF_A_LIST.finditer(text, found.start("list") + moved, found.end("list") + moved))
    # Two topics side by side may be one thing, as "installation manual" is.
    apart = len(topics) > 2 or (len(topics) > 1 and _JOINS.search(text, topics[0].end(), topics[1].start()))
    if not apart or _WEIGHS.search(text):
        return
    starts = [0, *(topic.start() for topic in topics[1:])]
    ends = [*(topic.end() for topic in topics[:-1]), len(text)]
    for start, end in zip(starts, ends, strict=True):
        yield Clause(start, end, asks=True, joined=start > 0, added=start > 0)


def _is_linked(clause: Clause, later: Clause | None) -> bool:
    """Whether a joining word stands before the clause or behind it."""
    return clause.joined or (later is not None and later.joined)


def _with_next(clauses: Sequence[Clause]) -> Iterator[tuple[Clause, Clause | None]]:
    return zip(clauses, [*clauses[1:], None], strict=True)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for sentence in read(text).sents:
        start, end = sentence.start_char, sentence.end_char
        for stop in _HARD_STOP.finditer(text, start, end):
            yield start, stop.end()
            start = stop.end()
        yield start, end


def _cut(text: str, start: int, end: int) -> Iterator[Clause]:
    """A sentence cut at each seam behind which something new is asked or told."""
    joined = added = False
    at = start
    while True:
        seam = _next_seam(text, at, end)
        if seam is None:
            break
        left, right, more = seam
        yield Clause(start, left, joined=joined, added=added)
        start = at = right
        joined, added = True, more
    yield Clause(start, end, joined=joined, added=added)


def _next_seam(text: str, at: int, end: int) -> tuple[int, int, bool] | None:
    """Where the clause from `at` ends, where the next begins, and whether it is plainly an addition."""
    seams = [(m.start(), m.end(), bool(m["added"])) for m in _SEAM.finditer(text, at, end)]
    seams += [(m.start(), m.start(), False) for m in _RUN_ON.finditer(text, at, end)]
    for left, right, added in sorted(seams):
        before, after = text[at:left], text[right:end]
        if left == right:
            if not _HANGS_ON.search(before) and _is_whole(before, after) and _asks(before):
                return left, right, added
        elif _WORDS.search(before) and _begins(before, text[left:right], after):
            return left, right, added
    return None


def _is_whole(before: str, after: str) -> bool:
    """Whether what stands before a run-on question can stand alone: it has a verb, or names a topic."""
    if _WHOLE.search(before):
        return True
    words = len(_WORDS.findall(before)), len(_WORDS.findall(after))
    return bool(_FRAGMENT.match(before)) and min(words) > 1 and not re.match(r"how\s+much\b", after, re.I)


def _begins(before: str, seam: str, after: str) -> bool:
    """Whether what follows a seam is asked or told anew, and not one more thing of the same kind."""
    if _QUESTION.match(after):
        return True
    if _WEIGHS.search(before):
        return False
    a_topic = bool(_FRAGMENT.match(_first_piece(after)))
    if seam.strip() == ",":
        return a_topic and bool(_FRAGMENT.match(before))
    return a_topic or bool(_TOLD.match(after))


def _first_piece(text: str) -> str:
    seam = _SEAM.search(text)
    return text[: seam.start()] if seam else text


def _judged(clause: Clause, text: str) -> Clause:
    said = text[clause.start : clause.end].strip()
    opening = not _WORDS.search(text[: clause.start])
    added = clause.added or (not opening and re.match(_ADDED, said, re.IGNORECASE) is not None)
    if _asks(said):
        return replace(clause, asks=True, joined=clause.joined or added, added=added)
    return replace(clause, tells=bool(_TOLD.match(said)), joined=clause.joined or added, added=added)


def _asks(said: str) -> bool:
    """Whether these words are a question, by how they begin or end, or a bare topic ("price of the rill")."""
    if _QUESTION.match(said):
        return True
    if _NARRATES.match(said):
        return False
    return (said.endswith("?") and not _TOLD.match(said)) or bool(_FRAGMENT.match(said))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Clauses(GraphComponent):
    """Puts the clauses of a message behind it, each as a message, where it may ask more than one thing."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Clauses:
        """Called by Rasa when a model is loaded."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Messages with several questions, followed by their clauses; the order is kept."""
        return [one for message in messages for one in (message, *_as_messages(message))]


def _as_messages(message: Message) -> Iterator[Message]:
    text = str(message.get(TEXT) or "")
    if not text.startswith("/"):
        for clause in clauses_of(text):
            yield Message({TEXT: text[clause.start : clause.end].strip(" ,"), _CLAUSE: clause})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Questions(GraphComponent):
    """Sets `questions` on a message that asks several things; its intent is then that of the first.

    Danger or another language, in the message or in a clause of it, stands above any question.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Questions:
        """Called by Rasa when a model is loaded."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """The messages alone, without the clauses that `Clauses` put behind them."""
        whole: list[Message] = []
        clauses: dict[int, list[_Part]] = {}
        for message in messages:
            clause = message.get(_CLAUSE)
            if clause is None:
                whole.append(message)
            else:
                clauses.setdefault(len(whole) - 1, []).append(_Part(clause, message.data))
        for at, parts in clauses.items():
            _settle(whole[at], parts)
        return whole


def _settle(message: Message, parts: Sequence[_Part]) -> None:
    if (message.get(INTENT) or {}).get("name") in (SAFETY, OTHER_LANGUAGE):
        return
    danger = next((part for part in parts if part.intent == SAFETY), None)
    if danger is not None:
        message.set(INTENT, dict(danger.data[INTENT]), add_to_output=True)
        if danger.data.get("hazard"):
            message.set("hazard", danger.data["hazard"], add_to_output=True)
        return
    groups = _grouped(parts, message)
    if len(groups) > 1:
        questions = _with_products([_question(message, group) for group in groups], message)
        message.set(QUESTIONS, questions, add_to_output=True)
        message.set(INTENT, dict(questions[0][INTENT]), add_to_output=True)


def _grouped(parts: Sequence[_Part], message: Message) -> list[list[_Part]]:
    """The clauses that belong to each question; the first that asks gives a group its reading."""
    # A message that is itself not understood has nothing to lose.
    counted = _counted(parts, 0.0 if (message.get(INTENT) or {}).get("name") == UNSURE else _SURE)
    groups: list[list[_Part]] = []
    waiting: list[_Part] = []
    for part in parts:
        if part not in counted:
            waiting.append(part)
        elif groups and _same(groups[-1][0], part, message):
            groups[-1] += [*waiting, part]
            waiting = []
        else:
            if groups and waiting and not _is_told(waiting):
                groups[-1] += waiting
                waiting = []
            groups.append([part, *waiting])
            waiting = []
    if groups:
        groups[-1] += waiting
    return _joined_again(groups, message)[:_MOST]


def _counted(parts: Sequence[_Part], least: float) -> list[_Part]:
    """The clauses that ask something of their own."""
    asked = [part for part in parts if part.clause.asks and part.is_sure(least)]
    led_up_to = all(part.intent in _LED_UP_TO for part in asked)
    counted = []
    for part, (clause, later) in zip(parts, _with_next([part.clause for part in parts]), strict=True):
        added = clause.added or (later is not None and later.added)
        told = clause.tells and asked and (added or (_is_linked(clause, later) and not led_up_to))
        if part in asked or (told and part.is_sure(least)):
            counted.append(part)
    return counted


def _is_told(waiting: Sequence[_Part]) -> bool:
    """Whether words between two questions lead up to the next, rather than end the one before."""
    return not waiting[0].clause.joined


def _joined_again(groups: Sequence[list[_Part]], message: Message) -> list[list[_Part]]:
    """No topic twice, unless another product is asked about."""
    kept: list[list[_Part]] = []
    for group in groups:
        twin = next((other for other in kept if _same(other[0], group[0], message)), None)
        if twin is None:
            kept.append(group)
        else:
            twin += group
    return kept


def _same(one: _Part, other: _Part, message: Message) -> bool:
    """Whether two clauses ask one thing: the same topic of the same product, or what a service costs."""
    # Nothing but what stands before tells what is looked for.
    if _WHERE_IS_IT.fullmatch(str(other.data[TEXT])):
        return True
    if other.intent == "price" and one.intent in _SERVICES:
        asked = str(other.data[TEXT])
        if _OF_THAT.search(asked) or (not message.get(MENTIONS) and _POINTS_BACK.search(asked)):
            return True
    if one.intent != other.intent:
        return False
    first, second = _products(one, message), _products(other, message)
    return one.intent in _ABOUT_THE_SHOP or not first or not second or bool(first & second)


def _products(part: _Part, message: Message) -> set[str]:
    return {sku for mention in _mentions_in([part], message) for sku in mention["skus"]}


def _mentions_in(group: Sequence[_Part], message: Message) -> list[dict[str, Any]]:
    return [
        mention
        for mention in message.get(MENTIONS) or []
        if any(part.clause.start <= mention["start"] < part.clause.end for part in group)
    ]


def _question(message: Message, group: Sequence[_Part]) -> dict[str, Any]:
    """One question as the actions read it: like a message of its own."""
    reading = group[0].data
    text, mentions = "", []
    for part in sorted(group, key=lambda part: part.clause.start):
        words = message.get(TEXT)[part.clause.start : part.clause.end]
        text += " " * bool(text)
        moved = len(text) - part.clause.start - (len(words) - len(words.lstrip()))
        text += words.strip()
        mentions += [
            {**mention, "start": mention["start"] + moved, "end": mention["end"] + moved}
            for mention in _mentions_in([part], message)
        ]
    return {
        TEXT: text,
        INTENT: dict(reading[INTENT]),
        "intent_ranking": reading.get("intent_ranking") or [],
        MENTIONS: mentions,
        ENTITIES: [],
        "evidence": {name: told for name, told in (reading.get("evidence") or {}).items() if name != VECTOR},
    }


def _with_products(questions: list[dict[str, Any]], message: Message) -> list[dict[str, Any]]:
    """Names the product where a question leaves it to another one that does not hand it on.

    "Price and stock of the S1" names it too late for the first; in "do you deliver the S1 and what does it
    cost" the first is about the shop, and the actions would not remember it for the second.
    """
    completed = []
    for at, question in enumerate(questions):
        if question[INTENT]["name"] not in _ABOUT_THE_SHOP and not question[MENTIONS]:
            question = _completed(question, questions[:at], questions[at + 1 :])
        completed.append({**question, ENTITIES: _entities(question[MENTIONS])})
    return completed


def _completed(
    question: dict[str, Any], before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    named = next((one for one in reversed(before) if one[MENTIONS]), None)
    if named is not None and named[INTENT]["name"] not in _ABOUT_THE_SHOP:
        return question
    if named is None and not _POINTS_BACK.search(question[TEXT]):
        named = next((one for one in after if one[MENTIONS]), None)
    if named is None:
        return question
    text, mentions = question[TEXT].rstrip() + ":", []
    for mention in named[MENTIONS]:
        start = len(text) + 1
        text += " " + mention["text"]
        mentions.append({**mention, "start": start, "end": len(text)})
        text += ","
    return {**question, TEXT: text.removesuffix(","), MENTIONS: mentions}


def _entities(mentions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "entity": "product",
            "value": mention["skus"][0],
            "start": mention["start"],
            "end": mention["end"],
            "extractor": "ProductMatcher",
            "confidence": mention["score"],
        }
        for mention in mentions
        if len(mention["skus"]) == 1
    ]
