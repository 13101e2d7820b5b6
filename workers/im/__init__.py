"""Where messages go to: one module per chat app."""
