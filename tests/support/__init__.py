"""What the tests share: a running Steward, and people who use it."""
