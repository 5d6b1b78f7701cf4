"""Steward: the customer-service chatbot that a shop runs itself."""
