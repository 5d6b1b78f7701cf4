"""How to operate a product."""

from __future__ import annotations

from actions.base import GuideAction


class Usage(GuideAction):
    """Answers the topic `usage`."""

    topic = "usage"
