"""X: users, timelines and lists, with prices and limits."""
