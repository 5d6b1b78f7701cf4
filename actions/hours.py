"""When and where the shop is open, and how to reach it."""

from __future__ import annotations

from actions.base import ShopAction


class Hours(ShopAction):
    """Answers the topic `hours`."""

    topic = "hours"
