"""How to get rid of a product, its battery, refrigerant or packaging."""

from __future__ import annotations

from actions.base import GuideAction


class Disposal(GuideAction):
    """Answers the topic `disposal`."""

    topic = "disposal"
