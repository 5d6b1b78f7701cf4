"""How to keep a product working: cleaning, filters, service, parts for upkeep."""

from __future__ import annotations

from actions.base import GuideAction


class Maintenance(GuideAction):
    """Answers the topic `maintenance`."""

    topic = "maintenance"
