"""Who gets which conversation, when people are there, and what is promised when they are not."""
