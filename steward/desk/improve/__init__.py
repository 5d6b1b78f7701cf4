"""Improving the bot: what operators see of it, what they decide, and what follows."""
