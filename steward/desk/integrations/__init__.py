"""What the desk tells others: webhooks, mail, Chatwoot."""
