"""What people say to the simulated Telegram's bots: updates, webhooks, buttons, menus."""
