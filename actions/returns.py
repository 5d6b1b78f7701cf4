"""Sending something back: refund and exchange."""

from __future__ import annotations

from actions.base import ShopAction


class Returns(ShopAction):
    """Answers the topic `returns`."""

    topic = "returns"
