"""What a message means after what was said before it, where it leaves that open by itself.

A message that is clear keeps its reading. What it leaves open is settled by the topic last talked about, or
by the shop's own facts on the topic that it most likely has.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions.knowledge import catalogue
from actions.resolve import resolve
from actions.turn import Turn
from steward.catalogue import GUIDE_TOPICS, SHOP_TOPICS

UNSURE = "nlu_fallback"
_DENIED = (UNSURE, "deny")
# Topics that are about a product.
_ABOUT_A_PRODUCT = frozenset((*GUIDE_TOPICS, "product", "price", "availability"))
# So few words can hang on what was said before.
_FEW = 7
_SERVICES = frozenset("installation maintenance disposal delivery training returns".split())
_LITTLE = (
    r"(?:and|but|or|ok|okay|no|nope|not|sorry|hm+|um+|well|then|so|oh|ah|actually|i mean|i meant|neither|"
    r"(?:what|how) about|(?:the )?same(?: question| thing| again)?|on|for|with|in|of|about|to|the|a|an|my|"
    r"your|our|one|ones|please|pls|instead|rather|too|as well|also|s)"
)
_ONLY_LITTLE = re.compile(rf"\W*(?:{_LITTLE}\b\W*)*", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?;]+\s|\n")
_GOES_ON = re.compile(
    r"\W*(?:(?:and (?:the|my|a|an|on|for|in|with)|not)\b"
    r"|(?:(?:and|so) )?(?:is|are|does|do|will) (?:that|this)\b)",
    re.IGNORECASE,
)
# "No, not the left one, the right one": a detail put right.
_CORRECTS = re.compile(r"\W*no\b[\s,]*(?:it'?s |they'?re )?not\b[^,;.]+[,;.]\s*\w+", re.IGNORECASE)
_CHARGED = re.compile(
    r"\b(?:charged?|fee)\b(?:\W+(?:for|me|us|extra|then|to|do|doing|have|it|that|this|please|pls))*\W*$"
    r"|\b(?:costs?|pay|price|much|free)\b.*\b(?:for|of|doing|having) (?:that|this)\b"
    r"|\b(?:would|will|does|is) (?:that|this) (?:cost|be|come to|run)\b|\bat what (?:cost|price)\b",
    re.IGNORECASE,
)
_CARRIED = re.compile(
    r"\b(?:who pays|pay|charge|postage|costs?|free|much)\b.*\b(?:that|this)\b(?!.*\bdeliver)", re.IGNORECASE
)
# From this confidence on, words before the product are a question of their own.
_SURE = 0.8
# A reading that is sure enough where the facts speak for it; how near another may come for which they do not,
# and how near one for which they do.
_LIKELY = 0.35
_SILENT_RIVAL = 0.8
_TOLD_RIVAL = 0.2
# Short of that, how likely the last topic has to be beside the likeliest, where the facts speak for it.
_STAYS = 0.125


def in_context(turn: Turn) -> Turn:
    """The turn, read again with what was said before; the same where it is clear by itself."""
    if turn.questions or not turn.text:
        return turn
    if _names_another_product(turn):
        return replace(turn, intent="inform")
    last = last_topic(turn)
    if last and _asks_what_that_costs(turn, last):
        return replace(turn, intent=last)
    if last and (_puts_right(turn) or _asks_the_shop(turn, last)):
        return replace(turn, intent=last)
    if turn.intent == UNSURE:
        topic = _settled(turn, last)
        return replace(turn, intent=topic) if topic else turn
    return turn


def last_topic(turn: Turn) -> str | None:
    """What the bot answered last, about a product or about the shop."""
    return str(turn.pending["topic"]) if turn.waits_for("told") else turn.topic


def _names_another_product(turn: Turn) -> bool:
    """Whether nothing but a product is named after a topic: "too wide. and the 45?"."""
    if not turn.mentions or not (turn.topic or turn.waits_for("which_product")):
        return False
    ends = [match.end() for match in _SENTENCE_ENDS.finditer(turn.text.rstrip())]
    begin = ends[-1] if ends else 0
    if any(mention.end - len(mention.text) < begin for mention in turn.mentions):
        return False
    # What went before may be a question of its own.
    if turn.text[:begin].strip() and (turn.confidence >= _SURE or "?" in turn.text[:begin]):
        return False
    rest, at = "", begin
    for mention in turn.mentions:
        rest += turn.text[at : mention.end - len(mention.text)] + " "
        at = mention.end
    return bool(_ONLY_LITTLE.fullmatch(rest + turn.text[at:])) and turn.intent != "comparison"


def _asks_what_that_costs(turn: Turn, last: str) -> bool:
    """Whether the price asked for is that of the service just spoken of."""
    if turn.mentions or last not in _SERVICES:
        return False
    if turn.intent == "price":
        return bool(_CHARGED.search(turn.text))
    return turn.intent == "delivery" and last == "returns" and bool(_CARRIED.search(turn.text))


def _puts_right(turn: Turn) -> bool:
    """Whether the customer corrects a detail of what was just told, and asks nothing new."""
    open_to_it = turn.intent in _DENIED or (turn.confidence < _SURE and turn.intent in _ABOUT_A_PRODUCT)
    return open_to_it and not turn.mentions and bool(_CORRECTS.match(turn.text))


def _asks_the_shop(turn: Turn, last: str) -> bool:
    """Whether a question for which no product is known fits the shop's topic just spoken of: "how long"."""
    if turn.mentions or not turn.waits_for("told") or len(turn.text.split()) > _FEW:
        return False
    if turn.intent not in _ABOUT_A_PRODUCT or resolve(turn, catalogue()).skus:
        return False
    return _is_told_of(last, turn)


def _settled(turn: Turn, last: str | None) -> str | None:
    """The topic that the facts speak for: the last one if the message goes on with it, else the likeliest."""
    shares = dict(turn.readings)
    if not shares:
        return None
    best = max(shares.values())
    if last and _is_told_of(last, turn):
        near = shares.get(last, 0.0) >= _STAYS * best and shares.get(last, 0.0) > 0
        if _GOES_ON.match(turn.text) or near:
            return last
    (topic, share), *rivals = _of_the_shop(turn)
    told = share >= _LIKELY and _is_told_of(topic, turn)
    beaten = all(
        other <= share * (_TOLD_RIVAL if _is_told_of(rival, turn) else _SILENT_RIVAL)
        for rival, other in rivals
    )
    return topic if told and beaten else None


def _of_the_shop(turn: Turn) -> list[tuple[str, float]]:
    """The readings; without the foreign one, shared anew, where the shop's own product is named."""
    named = any(len(mention.skus) == 1 for mention in turn.mentions)
    kept = [(topic, share) for topic, share in turn.readings if not named or topic != "out_of_scope"]
    total = sum(share for _, share in kept) or 1.0
    return [(topic, share / total) for topic, share in kept] or [("", 0.0)]


def _is_told_of(topic: str, turn: Turn) -> bool:
    """Whether the shop's facts on a topic, for the product that is meant, speak of what the message says."""
    if topic in SHOP_TOPICS:
        return bool(catalogue().asked_for(catalogue().shop(topic), turn.text))
    found = resolve(turn, catalogue())
    if not found.skus:
        return False
    sku = found.skus[-1]
    if topic == "product" and catalogue().pick_specs(sku, turn.text):
        return True
    return bool(catalogue().asked_for(catalogue().facts(sku, topic), turn.text))
