"""The handoff packet: what an agent needs to go on without asking again what the customer told already.

Made by rules from the conversation alone. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from steward.desk import shapes
from steward.desk.conversation import Conversation, Message
from steward.desk.workspace.identity import Customer
from steward.desk.workspace.sentiment import Feeling, sentiment

_QUOTED = 160
_QUOTES = 4
_TOLD = 12
_ASKED = 20
_ANSWERED = "answer"
_TRIED = ("answer", "ask_which_product", "clarify", "offer_human", "safety", "handoff")
_EMPTY_WORDS = frozenset(
    """
    a agent an bye can chat could cheers god good hallo hello hey hi human i in just me morning no now
    ok okay operator person please real really somebody someone speak sure talk thank thanks to want
    with would yeah yes you like evening afternoon there the get connect staff customer service
    representative
    """.split()
)
_WORD = re.compile(r"[a-z']+")
_REASONS = {
    "customer_asked": "Asks for a person.",
    "low_confidence": "The assistant was not sure what is meant.",
    "safety": "Something may be dangerous.",
    "complaint": "Complains.",
    "order_status": "Asks about an order.",
    "bot_error": "The assistant failed.",
    "takeover": "Taken over by an agent.",
}
_FACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail", re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "order",
        re.compile(
            r"\border\b\W*(?:(?:number|no|nr|is|id)\b\W*){0,3}#?\s*([A-Za-z]{0,3}-?\d[\d-]{3,14})", re.I
        ),
    ),
    ("order", re.compile(r"(?<!\w)#\s?(\d{4,14})\b")),
    (
        "error",
        re.compile(
            r"\b(?:error|code|fault)\b\W*(?:(?:code|is|says|shows|number|no)\b\W*){0,3}([A-Za-z]{0,2}-?\d{1,4})\b",
            re.I,
        ),
    ),
    (
        "serial number",
        re.compile(r"\bserial\b\W*(?:(?:number|no|nr|is)\b\W*){0,3}([A-Za-z0-9-]{5,24})", re.I),
    ),
    ("postcode", re.compile(r"\b([A-Z]\d[\dW] ?[A-Z\d]{4})\b")),
    ("telephone", re.compile(r"(?<![\w#-])(\+?\d[\d ()/-]{6,18}\d)(?!\w)")),
    (
        "since when",
        re.compile(
            r"\b(?:bought|ordered|purchased|delivered|arrived|installed|fitted)\b[^.?!\n]{0,30}?"
            r"\b(yesterday|today|last (?:week|month|year|\w+day)"
            r"|(?:\d+|a|two|three) (?:day|week|month|year)s? ago"
            r"|(?:in|on|since) (?:\d{1,2} )?[A-Z][a-z]+(?: \d{4})?)\b",
            re.I,
        ),
    ),
)


class Product(msgspec.Struct):
    """A product that is talked about."""

    sku: str
    name: str


class Question(msgspec.Struct):
    """What the customer asked, and what came of it: the act of the reply, or null while nothing did."""

    seq: shapes.Seq
    text: str
    topic: str | None
    act: str | None
    answered: bool


class Told(msgspec.Struct):
    """Something that the customer said already: what it is, and the words."""

    what: str
    value: str
    seq: shapes.Seq


class Attempt(msgspec.Struct):
    """Something that the assistant tried."""

    seq: shapes.Seq
    act: str
    topic: str | None
    skus: list[str]
    sources: list[str]


class Reading(msgspec.Struct):
    """One way in which the assistant understood the customer, and how likely it is."""

    topic: str
    share: float


class Nearest(msgspec.Struct):
    """The training example that is most like what the customer wrote."""

    text: str
    similarity: float


class Who(msgspec.Struct):
    """The customer: unless `verified`, by their own word alone."""

    id: str | None
    name: str | None
    email: str | None
    verified: bool


class Contact(msgspec.Struct):
    """Where the customer asked to be reached."""

    name: str | None
    email: str | None
    phone: str | None


class Mood(msgspec.Struct):
    """How the customer sounds, and the words that it rests on."""

    feeling: Feeling
    words: list[str]


class Packet(msgspec.Struct):
    """All of it."""

    reason: str | None
    wants: str
    topic: str | None
    products: list[Product]
    asked: list[Question]
    told: list[Told]
    readings: list[Reading]
    confidence: float | None
    nearest: Nearest | None
    tried: list[Attempt]
    customer: Who
    contact: Contact | None
    page: str | None
    language: str | None
    sentiment: Mood


def packet_of(
    conversation: Conversation,
    messages: Sequence[Message],
    customer: Customer,
    contact: Contact | None,
    page: str | None,
    language: str | None,
    names: Mapping[str, str],
) -> Packet:
    """What is known of a conversation from all its messages; `names` are the products' by sku."""
    evidence = conversation.evidence or {}
    asked = _asked(messages)
    own = [message.draft.text for message in messages if message.draft.sender == "customer"]
    tried = _tried(messages)
    skus = _skus(conversation, tried)
    feeling = sentiment(own)
    return Packet(
        reason=conversation.reason,
        wants=_wants(conversation, asked, [names.get(sku, sku) for sku in skus]),
        topic=conversation.topic,
        products=[Product(sku, names.get(sku, sku)) for sku in skus],
        asked=asked[-_ASKED:],
        told=_told(messages)[-_TOLD:],
        readings=_readings(evidence.get("readings")),
        confidence=conversation.confidence,
        nearest=_nearest(evidence.get("nearest")),
        tried=tried,
        customer=Who(customer.id, customer.name, customer.email, customer.verified),
        contact=contact,
        page=page,
        language=language,
        sentiment=Mood(feeling.feeling, list(feeling.words)),
    )


def _asked(messages: Sequence[Message]) -> list[Question]:
    """Every message of the customer that asks for something, with the reply that it got."""
    replies = _replies(messages)
    found = []
    for message in messages:
        if message.draft.sender != "customer" or _says_nothing(message.draft.text):
            continue
        metas = replies.get(message.seq, ())
        meta = next((one for one in metas if one.get("act") == _ANSWERED), metas[0] if metas else {})
        act = _text(meta.get("act"))
        found.append(
            Question(message.seq, message.draft.text, _text(meta.get("topic")), act, act == _ANSWERED)
        )
    return found


def _replies(messages: Iterable[Message]) -> dict[int, tuple[Mapping[str, Any], ...]]:
    """The metadata of the bot's replies by the seq of what they answer."""
    found: dict[int, tuple[Mapping[str, Any], ...]] = {}
    for message in messages:
        draft = message.draft
        if draft.sender == "bot" and draft.reply_to is not None and draft.meta:
            found[draft.reply_to] = (*found.get(draft.reply_to, ()), draft.meta)
    return found


def _tried(messages: Iterable[Message]) -> list[Attempt]:
    return [
        Attempt(
            message.seq,
            str(meta["act"]),
            _text(meta.get("topic")),
            [str(sku) for sku in meta.get("skus") or ()],
            [str(source) for source in meta.get("sources") or ()],
        )
        for message in messages
        if (meta := message.draft.meta) and message.draft.sender == "bot" and meta.get("act") in _TRIED
    ]


def _skus(conversation: Conversation, tried: Sequence[Attempt]) -> list[str]:
    """The products of the handoff, then those of the last reply that had any."""
    latest = next((attempt.skus for attempt in reversed(tried) if attempt.skus), [])
    return list(dict.fromkeys([*conversation.skus, *latest]))


def _told(messages: Sequence[Message]) -> list[Told]:
    """Numbers, dates and choices, each once and as it was said last."""
    found: dict[tuple[str, str], Told] = {}
    offered: Mapping[str, Any] = {}
    for message in messages:
        draft = message.draft
        if draft.sender == "bot":
            offered = draft.meta or {} if draft.buttons else {}
        if draft.sender != "customer":
            continue
        if offered.get("act") == "ask_which_product":
            found[("product", draft.text)] = Told("product", draft.text, message.seq)
        offered = {}
        for what, value in _facts(draft.text):
            found[(what, value)] = Told(what, value, message.seq)
    return list(found.values())


def _facts(text: str) -> list[tuple[str, str]]:
    """What a message tells; a number that is part of one thing is not taken for another as well."""
    found = []
    for what, pattern in _FACTS:
        for match in pattern.finditer(text):
            found.append((what, " ".join(match[match.lastindex or 0].split())))
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return found


def _wants(conversation: Conversation, asked: Sequence[Question], products: Sequence[str]) -> str:
    """One paragraph: why a person, about what, what is open in the customer's own words, what is settled."""
    sentences = [_REASONS.get(conversation.reason or "", "")]
    about = _about(conversation.topic, products)
    if about:
        sentences.append(f"It is about {about}.")
    open_ones = [question for question in asked if not question.answered]
    quotes = [f"“{_short(question.text)}”" for question in open_ones[-_QUOTES:]]
    if quotes:
        sentences.append(f"Open: {' then '.join(quotes)}.")
    settled = list(dict.fromkeys(_plain(q.topic) for q in asked if q.answered and q.topic))
    if settled:
        sentences.append(f"The assistant has answered already: {', '.join(settled)}.")
    if not asked:
        sentences.append("Nothing has been asked yet.")
    return " ".join(filter(None, sentences))


def _about(topic: str | None, products: Sequence[str]) -> str:
    named = " and ".join(products)
    if not topic or topic in ("human", "complaint"):
        return named
    return f"{_plain(topic)} ({named})" if named else _plain(topic)


def _says_nothing(text: str) -> bool:
    """A greeting, thanks, a yes or no, or nothing but the wish for a person."""
    words = _WORD.findall(text.lower())
    return not re.search(r"\d", text) and all(word in _EMPTY_WORDS for word in words)


def _readings(value: Any) -> list[Reading]:
    """The ranking, whatever the handoff's evidence holds."""
    pairs = value if isinstance(value, list | tuple) else ()
    return [
        Reading(str(pair[0]), float(pair[1]))
        for pair in pairs
        if isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[1], int | float)
    ]


def _nearest(value: Any) -> Nearest | None:
    text, similarity = (
        (value.get("text"), value.get("similarity")) if isinstance(value, dict) else (None, None)
    )
    if not isinstance(text, str) or not isinstance(similarity, int | float):
        return None
    return Nearest(text, float(similarity))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1].rstrip() + "…"


def _plain(topic: str | None) -> str:
    return (topic or "").replace("_", " ")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
