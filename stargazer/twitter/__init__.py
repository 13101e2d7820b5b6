"""X, by its API v2 and the own token of the operator: what it costs, and what it answers."""
