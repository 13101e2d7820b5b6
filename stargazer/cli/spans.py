"""Spans of time as people say them."""


def write_span(seconds: float) -> str:
    """Write a span in its largest fitting unit, such as ``3 h``."""
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
