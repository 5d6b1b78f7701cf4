"""Where to learn a product: videos, manuals, workshops, onboarding calls."""

from __future__ import annotations

from actions.base import GuideAction


class Training(GuideAction):
    """Answers the topic `training`."""

    topic = "training"
