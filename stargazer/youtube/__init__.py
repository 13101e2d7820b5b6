"""YouTube's Data API: its keys and what they may spend, and what it says of videos and channels."""

from stargazer.youtube.api import YouTubeApi, list_budgets
from stargazer.youtube.quota import Purpose

__all__ = ["Purpose", "YouTubeApi", "list_budgets"]
