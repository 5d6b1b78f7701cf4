"""How a customer's message is understood: Rasa graph components, named one by one in config.yml."""
