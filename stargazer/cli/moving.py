"""``stargazer export`` and ``stargazer import``: moving house."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from stargazer.cli.database import open_context
from stargazer.moving import FORMATS, Change, FileError, Import, Outcome, Summary, open_file
from stargazer.moving.exporting import WRITERS, export

_PLURALS = {
    "group": "groups",
    "entity": "entities",
    "task": "accounts",
    "user": "users",
    "waiting": "reminders",
    "line": "lines of the file",
}
#: What is said of each by itself, even when nobody asks for details.
_SAID = (Outcome.KEPT, Outcome.DIFFERS, Outcome.SKIPPED)
_MOST_SAID = 20


@click.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "name",
    type=click.Choice(list(WRITERS)),
    default="json",
    show_default=True,
    help="json: everything, for another Stargazer; opml: the feeds, for any reader of feeds.",
)
def export_command(file: Path | None, name: str) -> None:
    """Write all that this instance knows to FILE, or to the standard output.

    It has the groups, the VTubers, their accounts with what was seen there, the chats with what
    they subscribe to, and reminders that wait. Addresses that are secrets are in it as they are
    stored, encrypted with STARGAZER_SECRET_KEY; take that key along by yourself. The file is
    private all the same: it says who hears what, and only you can read it (mode 600).

    Accounts of the API, sessions and the history of messages are not in it.
    """
    with open_context(impatient=False) as context:
        lines = export(context.store, name)
        if file is None:
            for line in lines:
                click.echo(line)
            return
        try:
            count = _write(file, lines)
        except OSError as exc:
            raise click.ClickException(f"{file}: {os.strerror(exc.errno or 0)}") from exc
    click.echo(f"wrote {count} lines to {file}", err=True)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--format",
    "name",
    type=click.Choice(["auto", *FORMATS]),
    default="auto",
    show_default=True,
    help="What FILE is: "
    + "; ".join(f"{each.name}: {each.title}" for each in FORMATS.values())
    + "; auto: what it looks like.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Where FILE and what is here differ, take what FILE has: names, settings, pauses, and what"
    " chats hear, which then is what FILE says and nothing else. Left out, what is here stays.",
)
@click.option("-v", "--verbose", is_flag=True, help="Name each thing.")
def import_command(
    file: Path,
    name: str,
    *,
    dry_run: bool,
    overwrite: bool,
    verbose: bool,
) -> None:
    """Take over what FILE has: another instance's export, OPML, NBESF, or MongoDB documents.

    FILE may be - for the standard input, or a folder that mongodump has made. What is here already
    is never removed; what is missing is added, also to what a chat hears. Importing a file twice
    is as good as once. A file that is wrong changes nothing.
    """
    now = datetime.now(UTC)
    with _spool(file) as path, open_context(impatient=False) as context:
        try:
            opened = open_file(path, None if name == "auto" else name, now)
            wanted = Import(context, opened.read, overwrite=overwrite)
            click.echo(f"{file} is {opened.format.title}")
            summary = _report(wanted.run(now, dry_run=dry_run), verbose=verbose)
        except FileError as exc:
            raise click.ClickException(
                f"{file} cannot be imported, nothing is changed\n{exc}"
            ) from None
    for line in show_summary(summary):
        click.echo(line)
    if dry_run:
        click.echo(f"nothing is changed yet; {summary.changes} things would be")
    else:
        click.echo(f"{summary.changes} things are changed")


def show_summary(summary: Summary) -> Iterator[str]:
    """Write how much becomes of what, a line for each."""
    for what, plural in _PLURALS.items():
        found = {
            outcome: summary.counts[what, outcome]
            for outcome in Outcome
            if summary.counts[what, outcome]
        }
        if found:
            counts = ", ".join(f"{number} {outcome}" for outcome, number in found.items())
            yield f"{plural:<18} {counts}"


def _report(changes: Iterator[Change], *, verbose: bool) -> Summary:
    counts: Counter[tuple[str, Outcome]] = Counter()
    said = 0
    for change in changes:
        counts[change.what, change.outcome] += 1
        if verbose or (change.outcome in _SAID and said < _MOST_SAID):
            said += 1
            detail = f": {change.detail}" if change.detail else ""
            click.echo(f"  {change.outcome:<8} {change.what} {change.name}{detail}")
    hidden = sum(number for (_, outcome), number in counts.items() if outcome in _SAID) - said
    if hidden > 0:
        click.echo(f"  … and {hidden} more; see all by --verbose")
    return Summary(counts)


def _write(file: Path, lines: Iterator[str]) -> int:
    """Write a file that is there only when it is whole, and that only its owner can read."""
    folder = file.absolute().parent
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as stream:
        count = 0
        try:
            for count, line in enumerate(lines, 1):  # noqa: B007 - the last one is wanted
                stream.write(f"{line}\n")
            stream.close()
            Path(stream.name).replace(file)
        except BaseException:
            Path(stream.name).unlink(missing_ok=True)
            raise
    return count


@contextmanager
def _spool(file: Path) -> Iterator[Path]:
    """Give what can be read twice, which a pipe cannot."""
    if str(file) != "-":
        yield file
        return
    with tempfile.NamedTemporaryFile() as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        stream.flush()
        yield Path(stream.name)
