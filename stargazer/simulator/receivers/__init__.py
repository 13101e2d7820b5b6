"""The simulated receivers of signed webhooks."""
