"""Running the Procfile's processes with everything that they need, and stopping them together."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from honcho.environ import parse_procfile
from honcho.manager import Manager

from stargazer.context import Context
from stargazer.embedded import Listener, check_ports, run_embedded
from stargazer.errors import ConfigurationError
from stargazer.settings import PREFIX, Settings

PROCFILE = Path("Procfile")


class Line(NamedTuple):
    """A line that a process wrote."""

    name: str
    text: str


Show = Callable[[Line], None]
Report = Callable[[str], None]


class Supervisor:
    """Starts the embedded servers, then the Procfile's processes; stops them in reverse.

    What every process writes is kept below ``<var_dir>/log``, too.

    :param report: takes a line for people about each thing that happens.
    """

    def __init__(self, settings: Settings, report: Report) -> None:
        self._settings = settings
        self._report = report
        self._more: dict[str, str] = {}

    def add(self, name: str, command: Sequence[str]) -> None:
        """Run another process beside those of the Procfile."""
        self._more[name] = shlex.join(command)

    def run(self, show: Show) -> int:
        """Run until Ctrl-C, or until one process ends.

        :param show: takes each line that a process writes.
        :returns: the exit status of the process that ended first; 0 after Ctrl-C.
        :raises ConfigurationError: when something that is needed is missing or taken.
        """
        settings = self._settings
        commands = {**_read_procfile(), **self._more}
        check_ports(*self._list_listeners())
        with run_embedded(settings, self._report), _open_logs(settings, commands) as logs:
            self._create_indexes()
            manager = Manager(_Printer(show, logs, self._report))
            environment = self._make_environment()
            for name, command in commands.items():
                manager.add_process(name, command, env=environment)
            self._report(f"starting {', '.join(commands)}; logs in {settings.var_dir / 'log'}")
            manager.loop()
            return 0 if manager.returncode == 130 else int(manager.returncode or 0)  # noqa: PLR2004 - Ctrl-C

    def _list_listeners(self) -> list[Listener]:
        settings = self._settings
        listeners = [
            Listener(settings.web_host, settings.web_port, f"{PREFIX}WEB_PORT"),
            Listener("127.0.0.1", settings.flower_port, f"{PREFIX}FLOWER_PORT"),
        ]
        if "simulator" in self._more:
            port = settings.simulator_port
            listeners.append(Listener("127.0.0.1", port, f"{PREFIX}SIMULATOR_PORT"))
        return listeners

    def _create_indexes(self) -> None:
        context = Context(self._settings)
        for _ in context.store.create_indexes():
            pass
        context.close()

    def _make_environment(self) -> dict[str, str]:
        metrics = self._settings.var_dir.resolve() / "metrics"
        # The counters of processes that are gone would be counted again.
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        programs = Path(sys.executable).parent
        return {
            **os.environ,
            **self._settings.environment(),
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "PYTHONUNBUFFERED": "1",
        }


class _Printer:
    """What honcho writes to: each line to its log and to whoever shows it."""

    width = 0

    def __init__(
        self, show: Show, logs: Mapping[str, IO[str]], report: Callable[[str], None]
    ) -> None:
        self._show = show
        self._logs = logs
        self._report = report

    def write(self, message: Any) -> None:
        data = message.data
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        for line in text.splitlines():
            if message.name == "system":
                self._report(line)
            else:
                print(line, file=self._logs[message.name], flush=True)
                self._show(Line(message.name, line))


@contextmanager
def _open_logs(settings: Settings, names: Iterable[str]) -> Iterator[Mapping[str, IO[str]]]:
    folder = settings.var_dir / "log"
    folder.mkdir(parents=True, exist_ok=True)
    logs = {name: (folder / f"{name}.log").open("w", encoding="utf-8") for name in names}
    try:
        yield logs
    finally:
        for log in logs.values():
            log.close()


def _read_procfile() -> dict[str, str]:
    try:
        text = PROCFILE.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"no {PROCFILE} here: run this in the project's folder") from None
    return dict(parse_procfile(text).processes)
