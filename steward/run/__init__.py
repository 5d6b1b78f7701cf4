"""One command that brings the bot, the action server and the desk up, watches them, and takes them down."""
