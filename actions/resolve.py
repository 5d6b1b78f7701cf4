"""Which products a turn means: named, pointed at, or remembered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.turn import Mention, Turn
from steward.catalogue import Catalogue
from steward.catalogue.text import stem

_WORD = re.compile(r"[a-z0-9]+")
_ORDINALS = {
    "first": 0,
    "former": 0,
    "1st": 0,
    "second": 1,
    "latter": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "last": -1,
}
_LARGER = {"bigger", "larger", "big", "large", "biggest", "largest", "wider", "stronger"}
_SMALLER = {
    "smaller",
    "small",
    "smallest",
    "slim",
    "slimmer",
    "narrower",
    "compact",
    "little",
    "basic",
    "plain",
}
_CHEAPER = {"cheaper", "cheapest", "cheap"}
_DEARER = {"dearer", "pricier", "expensive", "better", "best"}
_OTHER = re.compile(r"\b(the )?other( one| model)?\b|\bnot that one\b")
# "The one with the mop", "mine hangs on the wall": what is said of one among several.
_THE_ONE = re.compile(r"\b(?:the|that|my) one\b|^\W*(?:mine|ours)\b")
# What an answer to "which one?" may be taken for.
_OPEN = ("inform", "nlu_fallback", "affirm")
_SAYS_NOTHING = frozenset(
    "a an the and or but of in on at to for with by from up as is are has have was it its that which i we "
    "my me you your one no not only also into over so do does can what how when any all by itself".split()
)
_WITHOUT = re.compile(r"\b(?:without|rather than|instead of) (?:the |my |an? )?$")
_BEFORE_ONE = re.compile(r"([a-z0-9]+) (?:one|model|version)\b")
_SHORT = 3
_BOTH = re.compile(r"\b(both|the two|these two|those two|two of them)\b")
# A family's name and then a model number that the family does not have: "the rill 900".
_MODEL_NUMBER = re.compile(
    r"^[\s-]*((?:[a-z]{1,2}[\s-]?)?\d{1,4})\b(?!\s*(?:cm|mm|kwh|litres?|l|euros?|%|years?|months?))", re.I
)


@dataclass(frozen=True)
class Resolution:
    """`skus` are the products meant; with none, `candidates` are those it could be (all, when empty).

    `unknown` is the name of a product as written that the shop does not have.
    """

    skus: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    unknown: str | None = None


def resolve(turn: Turn, catalogue: Catalogue) -> Resolution:
    """The products meant by a turn; what is named wins over what is pointed at, that over memory."""
    gone = next((mention for mention in turn.mentions if not mention.skus), None)
    if gone is not None:
        return Resolution(unknown=gone.text)
    if turn.category:
        return _narrow(catalogue.categories().get(turn.category, ()), turn, catalogue)
    named = _named(turn, catalogue)
    vague = [m for m in turn.mentions if len(m.skus) > 1]
    unknown = next((name for m in vague if (name := _unknown_model(m, turn.text, catalogue))), None)
    if unknown:
        return Resolution(candidates=vague[0].skus, unknown=unknown)
    if named:
        return Resolution(skus=named)
    if vague:
        shared = _intersection(mention.skus for mention in vague)
        return _narrow(shared or vague[0].skus, turn, catalogue, all_meant=_plural(vague[0].text))
    pointed = _pointed_at(turn, _in_view(turn, catalogue), catalogue)
    if pointed:
        return Resolution(skus=pointed)
    offered = tuple(turn.pending.get("skus") or ()) if turn.waits_for("which_product") else ()
    if offered and turn.product not in offered:
        return Resolution(candidates=offered)
    known = turn.product is not None and turn.product in catalogue.products
    return Resolution(skus=(str(turn.product),)) if known else Resolution()


def _named(turn: Turn, catalogue: Catalogue) -> tuple[str, ...]:
    """The products named, in order, and those of a family that a word before it picks: "the basic dusty".

    What something is to be without is not asked about, if something else is.
    """
    found: dict[str, bool] = {}
    for mention in turn.mentions:
        before = turn.text[: mention.end - len(mention.text)].lower()
        words = _WORD.findall(before)[-1:]
        meant = mention.skus if len(mention.skus) == 1 else _by_order(set(words), mention.skus, catalogue)
        if len(meant) == 1:
            found.setdefault(meant[0], bool(_WITHOUT.search(before)))
    wanted = tuple(sku for sku, without in found.items() if not without)
    return wanted or tuple(found)


def newly_named(turn: Turn, catalogue: Catalogue) -> bool:
    """Whether the message itself says which product, rather than leaving it to memory."""
    in_view = _in_view(turn, catalogue)
    return bool(turn.mentions or turn.category or _pointed_at(turn, in_view, catalogue))


def _narrow(
    skus: tuple[str, ...], turn: Turn, catalogue: Catalogue, *, all_meant: bool = False
) -> Resolution:
    """One of several candidates: told apart by the message, else the one talked about already.

    With `all_meant` ("your water filters") the one talked about does not stand for the others.
    """
    if len(skus) == 1:
        return Resolution(skus=skus)
    pointed = _pointed_at(turn, skus, catalogue)
    if pointed:
        return Resolution(skus=pointed)
    if turn.product in skus and not turn.category and not all_meant:
        return Resolution(skus=(str(turn.product),))
    return Resolution(candidates=skus)


def _plural(name: str) -> bool:
    return name.lower().endswith("s") and not name.lower().endswith("ss")


def _in_view(turn: Turn, catalogue: Catalogue) -> tuple[str, ...]:
    """What "the other one" can point at: what was offered, else what was compared, else the siblings."""
    offered = tuple(turn.pending.get("skus") or ())
    if offered:
        return offered
    if len(turn.discussed) > 1:
        return turn.discussed
    product = catalogue.products.get(turn.product or "")
    if product is None:
        return ()
    siblings = dict.fromkeys(
        (*catalogue.families()[product.family], *catalogue.categories()[product.category])
    )
    return tuple(siblings)


def _pointed_at(turn: Turn, skus: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    """The products among `skus` that the message picks out without naming them, or none."""
    text = turn.text.lower()
    said = set(_WORD.findall(text))
    if len(skus) < 2 or not said:
        return ()
    if _BOTH.search(text):
        return skus
    own = {sku: _telling_words(sku, skus, catalogue) & said for sku in skus}
    told = tuple(sku for sku in skus if own[sku])
    if len(told) == 1:
        return told
    if _OTHER.search(text) and turn.product in skus:
        others = tuple(sku for sku in skus if sku != turn.product)
        return others if len(others) == 1 else ()
    return _by_order(_pointing(text, said), skus, catalogue) or _described(turn, skus, catalogue)


def _pointing(text: str, said: set[str]) -> set[str]:
    """The words that may point: all of a short message, else those before "one" ("the cheaper one")."""
    return said if len(said) <= _SHORT else set(_BEFORE_ONE.findall(text))


def _by_order(said: set[str], skus: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    place = next((place for word, place in _ORDINALS.items() if word in said), None)
    if place is not None and (place < len(skus)):
        return (skus[place],)
    by_price = sorted(skus, key=lambda sku: _amount(sku, catalogue))
    by_size = sorted(skus, key=lambda sku: _size(sku, catalogue))
    for wanted, order, end in (
        (_LARGER, by_size, -1),
        (_SMALLER, by_size, 0),
        (_CHEAPER, by_price, 0),
        (_DEARER, by_price, -1),
    ):
        if wanted & said:
            return (order[end],)
    return ()


def _telling_words(sku: str, skus: tuple[str, ...], catalogue: Catalogue) -> set[str]:
    """The words of a product's name that no other candidate's name has."""
    own = set(_WORD.findall(catalogue.products[sku].name.lower()))
    others = {
        word
        for other in skus
        if other != sku
        for word in _WORD.findall(catalogue.products[other].name.lower())
    }
    return own - others


def _described(turn: Turn, skus: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    """The one product whose description alone has the words of a message: "the one with the mop"."""
    text = turn.text.lower()
    if turn.mentions or not (_THE_ONE.search(text) or (turn.intent in _OPEN and _asked_which(turn))):
        return ()
    said = _stems([text])
    told = {sku: len(_described_by(sku, catalogue) & said - _shared_by(skus, sku, catalogue)) for sku in skus}
    first, second = sorted(skus, key=lambda sku: told[sku], reverse=True)[:2]
    return (first,) if told[first] > told[second] else ()


def _asked_which(turn: Turn) -> bool:
    return turn.waits_for("which_product") and bool(turn.pending.get("skus"))


def _described_by(sku: str, catalogue: Catalogue) -> set[str]:
    """What makes a product out, word by word: its names, summary, highlights, and what is in the box."""
    product = catalogue.products[sku]
    return _stems(
        (product.name, *product.synonyms, product.summary, *product.highlights, *product.in_the_box)
    )


def _shared_by(skus: Sequence[str], sku: str, catalogue: Catalogue) -> set[str]:
    """The words that others among the products are described with, too, or that their use takes."""
    others = [other for other in skus if other != sku]
    used = (fact.text for other in others for fact in catalogue.facts(other, "usage"))
    return _stems(used).union(*(_described_by(other, catalogue) for other in others))


def _stems(texts: Iterable[str]) -> set[str]:
    return {stem(word) for word in _WORD.findall(" ".join(texts).lower()) if word not in _SAYS_NOTHING}


def _amount(sku: str, catalogue: Catalogue) -> float:
    price = catalogue.price(sku)
    return float(price.amount) if price else 0.0


def _size(sku: str, catalogue: Catalogue) -> tuple[float, float]:
    """The number in the name ("Splash 45"), and the price where names carry none."""
    numbers = re.findall(r"\d+", catalogue.products[sku].name)
    return (float(numbers[-1]) if numbers else 0.0, _amount(sku, catalogue))


def _intersection(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    first, *rest = groups
    return tuple(sku for sku in first if all(sku in group for group in rest))


def _unknown_model(mention: Mention, text: str, catalogue: Catalogue) -> str | None:
    if mention.kind != "family":
        return None
    number = _MODEL_NUMBER.match(text[mention.end :])
    if number is None:
        return None
    model = re.sub(r"[\s-]", "", number.group(1).lower())
    known = (re.sub(r"[\s-]", "", catalogue.products[sku].name.lower()) for sku in mention.skus)
    return None if any(model in name for name in known) else f"{mention.text} {number.group(1)}"
