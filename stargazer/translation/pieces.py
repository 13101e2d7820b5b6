"""Have templates translated; what a provider breaks is done once more, piece by piece."""

from collections.abc import Iterator, Sequence

from stargazer.errors import RefusedError
from stargazer.store.translations import Translated
from stargazer.translation.dialects import Dialect
from stargazer.translation.jobs import Ask, Reply
from stargazer.translation.protection import Template, Token, has_letters


def translate_templates(
    templates: Sequence[Template], dialect: Dialect, ask: Ask
) -> list[Translated]:
    """Give the translations, in order.

    :raises PlatformError: when the provider did not translate, or breaks even a mere sentence.
    """
    replies = ask([dialect.write(template) for template in templates])
    found = [
        dialect.read(reply.text, template)
        for template, reply in zip(templates, replies, strict=True)
    ]
    broken = [template for template, text in zip(templates, found, strict=True) if text is None]
    mended = iter(_translate_pieces(broken, dialect, ask) if broken else [])
    return [
        Translated(template.fill(next(mended) if text is None else text), reply.source)
        for template, text, reply in zip(templates, found, replies, strict=True)
    ]


def _translate_pieces(templates: list[Template], dialect: Dialect, ask: Ask) -> list[str]:
    pieces = [
        _cut(part)
        for template in templates
        for part in template.parts
        if isinstance(part, str) and has_letters(part)
    ]
    replies = iter(
        zip(pieces, ask([dialect.write(piece) for piece in pieces]), strict=True) if pieces else []
    )
    return ["".join(_mend(part, dialect, replies) for part in each.parts) for each in templates]


def _mend(part: str | Token, dialect: Dialect, replies: Iterator[tuple[Template, Reply]]) -> str:
    if isinstance(part, Token):
        return part.text
    if not has_letters(part):
        return part
    piece, reply = next(replies)
    text = dialect.read(reply.text, piece)
    if text is None:
        raise RefusedError("the translator answers what it was not asked")
    return piece.fill(text)


def _cut(part: str) -> Template:
    core = part.strip()
    start = part.index(core)
    return Template(part[:start], (core,), part[start + len(core) :])
