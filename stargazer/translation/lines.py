"""Have texts translated line by line.

Baidu answers in lines, and DeepL, told to read XML, may take a line break for a space. Broken up
by us, a text has its lines afterwards, and a line that several texts share is paid once.
"""

from collections.abc import Mapping, Sequence

from stargazer.translation.dialects import Dialect
from stargazer.translation.jobs import Ask, Reply


def ask_by_lines(texts: Sequence[str], dialect: Dialect, ask: Ask) -> list[Reply]:
    """Give the translations of texts, in order; lines without words are sent to nobody.

    :param ask: translates lines without white space around them.
    """
    lines = [line.strip() for text in texts for line in text.split("\n") if dialect.has_words(line)]
    wanted = list(dict.fromkeys(lines))
    found = dict(zip(wanted, ask(wanted), strict=True)) if wanted else {}
    return [_join(text, found) for text in texts]


def _join(text: str, found: Mapping[str, Reply]) -> Reply:
    lines = text.split("\n")
    replies = [found.get(line.strip()) for line in lines]
    words = [
        line if reply is None else line.replace(line.strip(), reply.text.strip())
        for line, reply in zip(lines, replies, strict=True)
    ]
    source = next((reply.source for reply in replies if reply is not None), "")
    return Reply("\n".join(words), source)
