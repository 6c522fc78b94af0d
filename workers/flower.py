"""Flower with every door behind its login. `python -m workers.flower --port=5555 --address=127.0.0.1 [--read_only]`

Flower answers `/metrics` and `/healthcheck` to anybody, also where it asks for a login: here the first asks as well, and
the second answers this machine alone. Its options are Flower's own (`celery --app workers.app flower --help`); the
login is FLOWER_BASIC_AUTH.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

from celery.bin.celery import celery
from flower import urls
from flower.views import monitor
from tornado import web


class Metrics(monitor.Metrics):
    @web.authenticated
    async def get(self) -> None:
        await super().get()


class Healthcheck(monitor.Healthcheck):
    async def get(self) -> None:
        if not _is_here(self.request.remote_ip) and not self.current_user:
            raise web.HTTPError(401)
        await super().get()


CLOSED: dict[type[Any], type[Any]] = {monitor.Metrics: Metrics, monitor.Healthcheck: Healthcheck}


def close_doors(handlers: list[Any]) -> None:
    """Put our handlers in place of Flower's, in `handlers` itself, which Flower's application reads.

    Raises RuntimeError where one is not there: then it might answer under another name, open.
    """
    found = set()
    for position, handler in enumerate(handlers):
        if isinstance(handler, tuple) and handler[1] in CLOSED:
            found.add(handler[1])
            handlers[position] = (handler[0], CLOSED[handler[1]], *handler[2:])
    if found != set(CLOSED):
        raise RuntimeError("This Flower is arranged differently: workers/flower.py cannot close its doors.")


def _is_here(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def main(arguments: list[str]) -> None:
    """Run Flower until it is ended."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write((__doc__ or "").strip() + "\n")
        return
    close_doors(urls.handlers)
    # Flower reads its own options from what it is given, and the name of the program from sys.argv.
    celery(["--app", "workers.app", "flower", *arguments], auto_envvar_prefix="CELERY")


if __name__ == "__main__":
    main(sys.argv[1:])
