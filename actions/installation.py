"""How to install or set up a product, who may, and what it costs."""

from __future__ import annotations

from actions.base import GuideAction


class Installation(GuideAction):
    """Answers the topic `installation`."""

    topic = "installation"
