"""The simulated webhooks of Discord."""
