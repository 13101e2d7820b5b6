"""Telegram: its Bot API, what is said there to our bot, and how that reaches us."""

from stargazer.telegram.bot import Bot, UnparsableError

__all__ = ["Bot", "UnparsableError"]
