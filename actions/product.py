"""What a product is and does; what the shop sells, and which of it suits."""

from __future__ import annotations

import re

from actions.base import ProductAction
from actions.knowledge import catalogue
from actions.reply import Outcome, Reply
from actions.resolve import Resolution, newly_named
from actions.turn import Turn
from actions.which import category_buttons, product_buttons
from steward.catalogue import Product, Spec

_RANGE = re.compile(
    r"\b(do|does|can|are|what|which|got|have|any)\b.*"
    r"\b(sell|selling|carry|stock|offer|range|products?|appliances|assortment|catalogue|catalog)\b",
    re.I,
)
_BOX = re.compile(r"\b(in the (box|package|packaging)|come with|comes with|included?|includes)\b", re.I)
_FITS = re.compile(
    r"\b(compatib\w*|work with|works with|fit with|support\w*|alexa|google|homekit|matter)\b", re.I
)


class AboutProduct(ProductAction):
    """Answers the topic `product`."""

    topic = "product"

    def outcome_for(self, turn: Turn, found: Resolution) -> Outcome:
        """One product's portrait, a category side by side, or what the shop sells."""
        if found.unknown:
            return super().outcome_for(turn, found)
        if found.candidates:
            return _side_by_side(found.candidates, turn.question)
        asks_range = bool(_RANGE.search(turn.text)) and not newly_named(turn, catalogue())
        if asks_range:
            return _range()
        return super().outcome_for(turn, found)

    def tell(self, product: Product, turn: Turn) -> Reply:
        """The specifications or the part of the portrait that is asked for, or a summary with highlights."""
        features = catalogue().asked_for(catalogue().facts(product.sku, self.topic), turn.question)
        specs = catalogue().pick_specs(product.sku, turn.question)
        values = {
            "answer": "\n".join(feature.text for feature in features),
            "product": product.name,
            "summary": product.summary,
            "highlights": "\n".join(f"• {highlight}" for highlight in product.highlights),
            "box": ", ".join(product.in_the_box),
            "specs": "\n".join(f"• {spec.name}: {spec.shown}" for spec in specs),
            "fits": product.fits,
            "good_for": product.good_for,
        }
        response = _response(bool(features), bool(specs), turn.question)
        return Reply(response, "answer", self.topic, (product.sku,), (product.source,), values)


def _response(has_features: bool, has_specs: bool, question: str) -> str:
    """What the question asks about: the box, a feature, a specification, what it fits, or all in all."""
    if _BOX.search(question):
        return "utter_product_box"
    if has_features:
        return "utter_product_feature"
    if has_specs:
        return "utter_product_specs"
    return "utter_product_fits" if _FITS.search(question) else "utter_product"


def _side_by_side(skus: tuple[str, ...], question: str) -> Outcome:
    """A category's products, each with the specification asked for, else with whom it suits."""
    products = [catalogue().products[sku] for sku in skus]
    specs = {product.sku: catalogue().pick_specs(product.sku, question) for product in products}
    if any(specs.values()):
        response, lines = "utter_product_specs_each", [_with_specs(p, specs[p.sku]) for p in products]
    else:
        response, lines = "utter_product_choice", [_with_use(product) for product in products]
    reply = Reply(
        response,
        "answer",
        "product",
        skus,
        tuple(product.source for product in products),
        {"list": "\n".join(lines)},
        product_buttons("product", skus),
    )
    pending = {"kind": "choice", "skus": list(skus)}
    return Outcome((reply,), discussed=skus, topic="product", pending=pending)


def _with_specs(product: Product, specs: tuple[Spec, ...]) -> str:
    return f"• {product.name}: " + ", ".join(f"{spec.name} {spec.shown}" for spec in specs)


def _with_use(product: Product) -> str:
    return f"• {product.name}{_price(product.sku)}: {product.good_for}"


def _range() -> Outcome:
    """What the shop sells, for a question about something that is not a product of it."""
    names = ", ".join(catalogue().categories())
    reply = Reply(
        "utter_range",
        "answer",
        "product",
        (),
        ("catalogue:products",),
        {"categories": names},
        category_buttons("product"),
    )
    return Outcome((reply,))


def _price(sku: str) -> str:
    price = catalogue().price(sku)
    return f", {price.shown}" if price else ""
