"""Running the Procfile's processes with everything that they need, and stopping them together."""

import ctypes
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import honcho.process
from honcho.environ import parse_procfile
from honcho.manager import Manager

from stargazer.context import Context
from stargazer.embedded import Listener, check_ports, run_embedded
from stargazer.errors import ConfigurationError
from stargazer.settings import PREFIX, Settings

PROCFILE = Path("Procfile")
_PR_SET_PDEATHSIG = 1


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
            manager._process_ctor = _Process  # noqa: SLF001 - honcho offers no other way in
            environment = self._make_environment()
            for name, command in commands.items():
                # Without a shell in between, so that signals reach the program itself.
                manager.add_process(name, f"exec {command}", env=environment)
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


class _Process(honcho.process.Process):  # type: ignore[misc]
    """A process that does not outlive whoever supervises it, however that one ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._child_ctor = partial(honcho.process.Popen, preexec_fn=_die_with_parent)

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run it; between it and the supervisor stands this process of honcho's."""
        _die_with_parent()
        super().run(*args, **kwargs)


def _die_with_parent() -> None:
    # Anything milder fails: honcho's process is deaf to it, and a worker cannot even say goodbye
    # when nobody reads what it writes. Only Linux knows how; elsewhere what a killed supervisor
    # leaves has to be ended by hand.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Printer:
    """What honcho writes to: each line to its log and to whoever shows it."""

    width = 0

    def __init__(
        self, show: Show, logs: Mapping[str, IO[str]], report: Callable[[str], None]
    ) -> None:
        self._show = show
        self._logs = logs
        self._report = report
        self._told = False

    def write(self, message: Any) -> None:
        data = message.data
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        for line in text.splitlines():
            if message.name == "system":
                self._tell_of_first_end(line)
            else:
                print(line, file=self._logs[message.name], flush=True)
                self._show(Line(message.name, line))

    def _tell_of_first_end(self, line: str) -> None:
        # That processes start, and end once the first has, is what everybody expects.
        if line.endswith("received"):
            self._told = True
        name, _, status = line.partition(" stopped ")
        if status and not self._told:
            self._told = True
            if status != "(rc=0)":
                self._report(f"{line}, so all is stopped; see {self._logs[name].name}")


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
