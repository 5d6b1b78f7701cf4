"""What a product costs to buy and to run."""

from __future__ import annotations

from actions.base import ProductAction, missing_fact
from actions.knowledge import catalogue
from actions.reply import Reply
from actions.turn import Turn
from steward.catalogue import Product


class Price(ProductAction):
    """Answers the topic `price`."""

    topic = "price"

    def tell(self, product: Product, turn: Turn) -> Reply:
        """The price with its offer, instalments and running cost."""
        price = catalogue().price(product.sku)
        if price is None:
            return missing_fact(self.topic, product)
        details = [part for part in (price.offer, price.instalments, price.running_cost) if part]
        values = {"product": product.name, "price": price.shown, "details": "\n".join(details)}
        return Reply("utter_price", "answer", self.topic, (product.sku,), (price.source,), values)
