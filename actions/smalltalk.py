"""Small talk: greetings, thanks, what the bot is and can do."""

from __future__ import annotations

from actions.base import SmallTalkAction


class Greet(SmallTalkAction):
    """Answers a greeting."""

    topic = "greet"


class Goodbye(SmallTalkAction):
    """Answers a goodbye."""

    topic = "goodbye"


class Thanks(SmallTalkAction):
    """Answers thanks."""

    topic = "thanks"


class Feedback(SmallTalkAction):
    """Answers praise, a suggestion or a rating."""

    topic = "feedback"


class Capabilities(SmallTalkAction):
    """Says what the bot can do."""

    topic = "capabilities"


class BotChallenge(SmallTalkAction):
    """Says honestly that a machine is answering."""

    topic = "bot_challenge"
