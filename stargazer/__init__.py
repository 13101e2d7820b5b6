"""Stargazer, a tracker of virtual YouTubers: the core, without Celery tasks and without Flask."""

__version__ = "0.1.0"
