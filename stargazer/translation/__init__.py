"""Translation of texts: who does it, what it may cost, and what must survive it."""

from stargazer.translation.translator import Translation, Translator

__all__ = ["Translation", "Translator"]
