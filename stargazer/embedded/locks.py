"""Files that say who runs: each holds a process number and a lock that ends with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stargazer.errors import ConfigurationError


@contextmanager
def hold_directory(var_dir: Path) -> Iterator[None]:
    """Be the only starter in a directory, which is created when it is not there.

    :raises ConfigurationError: when there is another; it names its process.
    """
    with open_lock(var_dir / "lock") as file:
        try:
            # A POSIX lock is not inherited: processes that are forked off do not hold it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as exc:
            raise ConfigurationError(
                f"already running, process {file.read()}, with its files in {var_dir.absolute()}"
            ) from exc
        write_pid(file, os.getpid())
        yield


def open_lock(path: Path) -> IO[str]:
    """Open a lock file, to be read from its start and written anew; the lock is not yet taken."""
    # Nobody else has any business in there: password hashes and sessions among others.
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("a+")
    file.seek(0)
    return file


def take_inheritable(file: IO[str]) -> bool:
    """Take the lock that a child process shares when it is passed the file; False: it is held."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_pid(file: IO[str], pid: int | None) -> None:
    """Write who holds it; None: nobody yet."""
    file.truncate(0)
    file.write("" if pid is None else str(pid))
    file.flush()
