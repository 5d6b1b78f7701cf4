"""The bot's actions: slots in, a catalogue look-up, a reply out. One module a topic."""
