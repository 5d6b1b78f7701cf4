"""How long the warranty runs, what it covers, and how to claim."""

from __future__ import annotations

from actions.base import GuideAction


class Warranty(GuideAction):
    """Answers the topic `warranty`."""

    topic = "warranty"
