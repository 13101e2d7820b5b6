"""The edge where Celery is: each task is a declaration around a typed function."""
