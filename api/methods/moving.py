"""Moving house: all that there is as a document, and a document taken over."""

from collections import Counter
from contextlib import AbstractContextManager, closing
from typing import Annotated, Literal

from pydantic import Field

from api.auth import needs
from api.body import MAX_BODY
from api.rpc import Call, Params, Result, method
from stargazer.context import Context
from stargazer.errors import InvalidError
from stargazer.moving import Change, FileError, Import, Outcome, open_text
from stargazer.moving.exporting import export

#: A document may have so many bytes, as it is sent.
LONGEST = 8 * MAX_BODY
_LONGEST_EXPORT = 16 * MAX_BODY
_MOST_CHANGES = 1000


class ExportData(Params):
    """In which form.

    :ivar format: ``json``: everything, for another Stargazer; ``opml``: the feeds, for any program
        that reads feeds.
    """

    format: Literal["json", "opml"] = "json"


class ExportResult(Result):
    """All that there is.

    :ivar document: a line for each thing; addresses that are secrets are encrypted.
    """

    document: str


class ImportData(Params):
    """A document, and what to do with it.

    :ivar document: the text of a file.
    :ivar format: what it is: ``json`` an export of Stargazer, ``opml``, ``nbesf`` of
        nonebot-bison, ``mongo`` the predecessor's documents as extended JSON; ``auto``: what it
        looks like.
    :ivar dry_run: only say what would change.
    :ivar overwrite: where the document and what is here differ, take what the document has; chats
        then hear what it says, and nothing else.
    """

    document: Annotated[str, Field(examples=['{"stargazer":"export","version":1}'])]
    format: Literal["auto", "json", "opml", "nbesf", "mongo"] = "auto"
    dry_run: bool = False
    overwrite: bool = False


class ChangeCount(Result):
    """How much becomes of one kind of things.

    :ivar what: ``group``, ``entity``, ``task``, ``user``, ``waiting``; ``line`` for what is none.
    :ivar outcome: what becomes of them, as of each in ``changes``.
    :ivar count: of how many.
    """

    what: str
    outcome: Outcome
    count: int


class ImportResult(Result):
    """What has changed, or would.

    :ivar format: what the document is.
    :ivar counts: how much becomes of what.
    :ivar changes: what becomes of each thing that is not here already, as many as have room; what
        is lost, or another one here, has room first.
    :ivar left_off: how many had no room.
    """

    format: str
    counts: tuple[ChangeCount, ...]
    changes: tuple[Change, ...]
    left_off: int


@method("exportData", needs("admin:rw"), errors={"export_too_large": 400}, slow=True)
def export_data(call: Call, params: ExportData) -> ExportResult:
    """Give all that this instance knows, for another one."""
    lines, size = [], 0
    with _be_patient(call) as context:
        for line in export(context.store, params.format):
            lines.append(f"{line}\n")
            size += len(line)
            if size > _LONGEST_EXPORT:
                raise InvalidError(
                    "export_too_large",
                    f"It is over {_LONGEST_EXPORT // MAX_BODY} megabytes; write it to a file by"
                    " `stargazer export FILE`",
                )
    return ExportResult(document="".join(lines))


@method(
    "importData",
    needs("admin:rw"),
    errors={"invalid_document": 400},
    slow=True,
    longest=LONGEST,
)
def import_data(call: Call, params: ImportData) -> ImportResult:
    """Take over what a document has; nothing that is here is removed."""
    form = None if params.format == "auto" else params.format
    counts: Counter[tuple[str, Outcome]] = Counter()
    lost: list[Change] = []
    done: list[Change] = []
    try:
        opened = open_text(params.document, form, call.now)
        with _be_patient(call) as context:
            wanted = Import(context, opened.read, overwrite=params.overwrite)
            for change in wanted.run(call.now, dry_run=params.dry_run):
                counts[change.what, change.outcome] += 1
                if change.outcome != Outcome.SAME:
                    is_done = change.outcome in (Outcome.ADDED, Outcome.CHANGED)
                    (done if is_done else lost).append(change)
    except FileError as exc:
        raise InvalidError("invalid_document", *str(exc).splitlines()) from None
    changes = lost + done
    return ImportResult(
        format=opened.format.title,
        counts=tuple(
            ChangeCount(what=what, outcome=outcome, count=count)
            for (what, outcome), count in sorted(counts.items())
        ),
        changes=tuple(changes[:_MOST_CHANGES]),
        left_off=max(len(changes) - _MOST_CHANGES, 0),
    )


def _be_patient(call: Call) -> AbstractContextManager[Context]:
    """Open connections on which one request may take longer than an answer usually may."""
    return closing(Context(call.state.context.settings))
