"""What to measure, prepare or check before buying."""

from __future__ import annotations

from actions.base import GuideAction


class Planning(GuideAction):
    """Answers the topic `planning`."""

    topic = "planning"
