"""Newer models, trade-in, accessories and firmware."""

from __future__ import annotations

from actions.base import GuideAction


class Upgrade(GuideAction):
    """Answers the topic `upgrade`."""

    topic = "upgrade"
