"""The database's history: one file a change, applied when the desk starts."""
