"""What to do when a product does not work."""

from __future__ import annotations

from actions.base import GuideAction


class Troubleshooting(GuideAction):
    """Answers the topic `troubleshooting`."""

    topic = "troubleshooting"
