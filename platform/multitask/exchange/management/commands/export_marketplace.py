"""Export users, skills, tasks, applications and reviews to a file that can be imported."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from ml.watch import progress_bar
from multitask.exchange.selectors.export import KINDS, export_count, export_rows


class Command(BaseCommand):
    help = (
        "Export to JSON Lines what import_marketplace takes. E-mail addresses go with it, passwords do not; "
        "administrators and what they posted stay behind."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The file to write, whole or not at all; - for standard output.")
        parser.add_argument(
            "--types",
            default=",".join(KINDS),
            help=f"Which types, with commas between (default {','.join(KINDS)}).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [kind.strip() for kind in options["types"].split(",") if kind.strip()]
        if unknown := [kind for kind in wanted if kind not in KINDS]:
            raise CommandError(f"There is no type {unknown[0]}: choose from {', '.join(KINDS)}.")
        kinds = [kind for kind in KINDS if kind in wanted]
        if options["file"] == "-":
            with contextlib.suppress(BrokenPipeError):
                self._export(sys.stdout, kinds)
            return
        path = Path(options["file"])
        try:
            with _whole_file(path) as stream:
                counts = self._export(stream, kinds)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from error
        said = ", ".join(f"{kind} {counts[kind]}" for kind in kinds)
        self.stdout.write(f"Exported to {path}: {said}.")

    def _export(self, stream: TextIO, kinds: list[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        outermost = not connection.in_atomic_block
        with transaction.atomic(), progress_bar() as bar:
            if outermost:
                # One moment's view of everything, for as long as the reader of a pipe takes.
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            for kind in kinds:
                line = bar.add_task(kind.capitalize(), total=export_count(kind))
                for row in export_rows(kind):
                    stream.write(json.dumps(row, ensure_ascii=False, cls=DjangoJSONEncoder) + "\n")
                    counts[kind] += 1
                    bar.advance(line)
            stream.flush()
        return counts


@contextlib.contextmanager
def _whole_file(path: Path) -> Iterator[TextIO]:
    """A file that takes `path`'s place when it is whole, and goes when it is not."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
