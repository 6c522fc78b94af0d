"""Shows what the programs log, line by line with their names, for `--verbose`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from multitask.devstack.processes import size


class Follower:
    """Prints the lines that come to `logs` after its creation."""

    def __init__(self, logs: Mapping[str, Path], *, say: Callable[[str], None]) -> None:
        self.logs = dict(logs)
        self.say = say
        self._width = max((len(name) for name in logs), default=0)
        self._read = {name: size(path) for name, path in logs.items()}
        self._rest = dict.fromkeys(logs, b"")

    def show(self) -> None:
        """Print what is new; half a line waits for its end."""
        for name, path in self.logs.items():
            end = size(path)
            if end < self._read[name]:
                self._read[name] = 0
            if end == self._read[name]:
                continue
            with path.open("rb") as stream:
                stream.seek(self._read[name])
                new = stream.read(end - self._read[name])
            self._read[name] = end
            *lines, self._rest[name] = (self._rest[name] + new).split(b"\n")
            for line in lines:
                self.say(f"{name:{self._width}} │ {line.decode('utf-8', 'replace')}")
