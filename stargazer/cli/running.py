"""Commands that start processes: ``up``, ``demo`` and ``simulate``."""

import os
import sys
from pathlib import Path

import click

from stargazer.demo import demo_settings
from stargazer.settings import load_settings
from stargazer.supervisor import Line, Supervisor


@click.command()
def up() -> None:
    """Start everything: Redis and the database where none is set, and the Procfile's processes.

    Ctrl-C stops it. When one process ends by itself all are stopped, for whoever supervises this
    command to start them again together.
    """
    supervisor = Supervisor(load_settings(), report=click.echo)
    sys.exit(supervisor.run(show=_print_prefixed))


@click.command()
@click.option("--once", is_flag=True, help="Play the story, check it, stop, and exit with 0 or 1.")
def demo(once: bool) -> None:  # noqa: FBT001 - a command line's flag
    """Play a story on simulated platforms: from YouTube's push to the message in the chat."""
    settings = demo_settings(load_settings())
    arguments = ["--once"] if once else []
    supervisor = Supervisor(settings, report=click.echo)
    supervisor.add("simulator", [sys.executable, "-m", "stargazer.cli", "simulate"])
    supervisor.add("story", [sys.executable, "-m", "stargazer.demo", *arguments])
    sys.exit(supervisor.run(show=_print_story))


@click.command()
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Remember it here.")
def simulate(state: Path | None) -> None:
    """Answer as YouTube and Telegram do, on STARGAZER_SIMULATOR_PORT."""
    settings = load_settings()
    path = state or settings.var_dir / "simulator.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    click.echo(f"simulating at http://127.0.0.1:{settings.simulator_port}, state in {path}")
    arguments = (
        "gunicorn --worker-class gthread --workers 1 --threads 32 --no-control-socket"
        f" --log-level warning --bind 127.0.0.1:{settings.simulator_port}"
    ).split()
    program = Path(sys.executable).with_name("gunicorn")
    # One process, for what is simulated lives in its memory.
    os.execv(program, [*arguments, f"stargazer.simulator:create_app({str(path.resolve())!r})"])  # noqa: S606


def _print_prefixed(line: Line) -> None:
    click.echo(f"{line.name:<9} | {line.text}")


def _print_story(line: Line) -> None:
    if line.name == "story":
        click.echo(line.text)
