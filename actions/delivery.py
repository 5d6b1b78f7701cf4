"""What delivery costs, how long it takes, and where to."""

from __future__ import annotations

from actions.base import ShopAction


class Delivery(ShopAction):
    """Answers the topic `delivery`."""

    topic = "delivery"
