"""Twitch: Helix, its tokens, and EventSub over webhooks."""
