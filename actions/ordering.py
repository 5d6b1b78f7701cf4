"""How to buy: ways to pay, invoices, business orders."""

from __future__ import annotations

from actions.base import ShopAction


class Ordering(ShopAction):
    """Answers the topic `ordering`."""

    topic = "ordering"
