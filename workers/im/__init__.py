"""Where messages go to: one module per chat app."""

CHAT_APPS = ("telegram", "discord", "webhook", "apprise", "qq", "web")
