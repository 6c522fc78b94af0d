"""Import users, skills, tasks, applications and reviews from a file."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, transaction
from rich.console import Console
from rich.table import Table

from ml.watch import progress_bar
from multitask.accounts.models import MAY_POST, User
from multitask.accounts.services.users import user_register
from multitask.common.errors import DomainError
from multitask.exchange.errors import LineError, describe
from multitask.exchange.listings import ASSUMED_RATES, Listings, Wishes
from multitask.exchange.reading import Line, UnreadableFile, file_open, json_lines
from multitask.exchange.selectors.catalogue import catalogue
from multitask.exchange.services.context import Context
from multitask.exchange.services.importing import (
    CREATED,
    KINDS,
    UNCHANGED,
    UPDATED,
    Failure,
    endings_settle,
    line_import,
)
from multitask.tasks.models import MAX_BUDGET, MIN_BUDGET

FAILED = "failed"
IMPORTER = "importer"
UNREADABLE = 2
INTERRUPTED = 130
ENDED = "Every line before is in, whole; run the import again to go on."


class Command(BaseCommand):
    help = (
        "Import a JSON Lines file of users, skills, tasks, applications and reviews (docs/import.md), or with --csv a "
        "plain file of titles and descriptions. Importing a file twice changes nothing. A bad line changes nothing "
        "either; the rest goes in. Exit status 1 if any line failed, 2 if the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        rates = ", ".join(f"{name}={rate}" for name, rate in ASSUMED_RATES.items() if name != "EGP")
        parser.add_argument("file", type=Path, help="The file to import.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything, write nothing but the errors."
        )
        parser.add_argument(
            "--errors", type=Path, help="Where bad lines are listed (default FILE.errors.jsonl)."
        )
        parser.add_argument(
            "--csv", action="store_true", help="A CSV file with a header; every row is a task."
        )
        parser.add_argument(
            "--client", help=f"With --csv: who posts the tasks (default {IMPORTER}, which is made)."
        )
        parser.add_argument(
            "--category", help="With --csv: the category of every row (default: found by its words)."
        )
        parser.add_argument(
            "--delimiter", default=",", help="With --csv: what separates columns (default a comma)."
        )
        parser.add_argument(
            "--rate",
            "--currency-rate",
            action="append",
            default=[],
            metavar="USD=50",
            help=f"With --csv: EGP for one unit of a currency. Assumed, not today's: {rates}.",
        )
        parser.add_argument(
            "--default-budget",
            default="1000",
            help="With --csv: EGP for rows without a budget (default 1000).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            handle, size = file_open(options["file"])
        except UnreadableFile as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        if not options["csv"] and (options["client"] or options["category"] or options["rate"]):
            handle.close()
            raise CommandError("--client, --category and --rate go with --csv alone.")
        counts: Counter[tuple[str, str]] = Counter()
        with handle, _ErrorFile(_errors_path(options)) as errors:
            try:
                if options["dry_run"]:
                    # One transaction, taken back: later lines see what earlier ones made, and nobody else does.
                    with transaction.atomic():
                        self._import(handle, size, counts, errors, options)
                        transaction.set_rollback(True)
                else:
                    self._import(handle, size, counts, errors, options)
            except UnreadableFile as error:
                raise CommandError(str(error), returncode=UNREADABLE) from error
            except (OperationalError, InterfaceError) as error:
                raise CommandError(f"The database is away: {_first_line(error)}. {ENDED}") from error
            except KeyboardInterrupt:
                raise CommandError(f"Interrupted. {ENDED}", returncode=INTERRUPTED) from None
        self._summary(counts, errors, dry_run=options["dry_run"])

    def _import(
        self,
        handle: BinaryIO,
        size: int,
        counts: Counter[tuple[str, str]],
        errors: _ErrorFile,
        options: dict[str, Any],
    ) -> None:
        context = Context()
        lines = self._csv(handle, context, options) if options["csv"] else json_lines(handle)
        with progress_bar(as_bytes=True) as bar:
            task = bar.add_task(options["file"].name, total=size)
            for line in lines:
                _one(line, context, counts, errors)
                bar.update(task, completed=line.position)
            bar.update(task, completed=size, description="Moving tasks to where they end")
            for failure in endings_settle():
                if failure is not None:
                    counts["task", FAILED] += 1
                    errors.add(failure)

    def _csv(self, handle: BinaryIO, context: Context, options: dict[str, Any]) -> Iterator[Line]:
        wishes = Wishes(catalogue=catalogue(), rates=_rates(options["rate"]))
        wishes.default_budget = _amount("--default-budget", options["default_budget"])
        if not MIN_BUDGET <= wishes.default_budget <= MAX_BUDGET:
            raise CommandError(f"--default-budget is between {MIN_BUDGET:,} and {MAX_BUDGET:,} EGP.")
        delimiter = options["delimiter"].replace("\\t", "\t")
        if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
            raise CommandError("--delimiter is one ASCII character, such as ';'.")
        if options["category"]:
            try:
                wishes.category = context.category(options["category"]).slug
            except LineError as error:
                slugs = ", ".join([*wishes.catalogue.categories, "other"])
                raise CommandError(f"{error} There are: {slugs}.") from error
        listings = Listings(name=options["file"].name, wishes=wishes)
        # The header is read before the importer's account is made: a file without titles leaves nothing behind.
        lines = listings.lines(handle, delimiter=delimiter)
        first = next(lines, None)
        context.client = _client(options["client"])
        if first is not None:
            yield first
        yield from lines

    def _summary(self, counts: Counter[tuple[str, str]], errors: _ErrorFile, *, dry_run: bool) -> None:
        table = Table("Type", *(name.capitalize() for name in (CREATED, UPDATED, UNCHANGED, FAILED)))
        for kind in (*KINDS, "?"):
            numbers = [counts[kind, outcome] for outcome in (CREATED, UPDATED, UNCHANGED, FAILED)]
            if any(numbers):
                table.add_row("unreadable" if kind == "?" else kind, *map(str, numbers))
        Console(file=self.stdout, highlight=False).print(table)  # type: ignore[arg-type]
        if dry_run:
            self.stdout.write("A try: nothing was written.")
        if errors.count:
            self.stdout.write(f"{errors.count} could not be imported; {errors.path} says why.")
            if errors.codes["bad_json"] == errors.count == sum(counts.values()):
                self.stdout.write("No line is JSON. If this is a CSV file, add --csv.")
            sys.exit(1)


class _ErrorFile:
    """Bad lines, one JSON object each, written as they come; there is no file where there is no error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.codes: Counter[str] = Counter()
        self._stream: TextIO | None = None

    def __enter__(self) -> _ErrorFile:
        # What an earlier import of the file left would be taken for this one's.
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise CommandError(f"{self.path} cannot be written: {error.strerror}. Give --errors.") from error
        return self

    def __exit__(self, *problem: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, failure: Failure) -> None:
        if self._stream is None:
            try:
                self._stream = self.path.open("w", encoding="utf-8", errors="backslashreplace")
            except OSError as error:
                raise CommandError(
                    f"{self.path} cannot be written: {error.strerror}. Give --errors."
                ) from error
        wrong = describe(failure.error)
        facts = {"line": failure.line, "type": failure.kind, "ref": failure.ref} | wrong
        self._stream.write(json.dumps(facts, ensure_ascii=False) + "\n")
        self.count += 1
        self.codes[wrong["code"]] += 1


def _one(line: Line, context: Context, counts: Counter[tuple[str, str]], errors: _ErrorFile) -> None:
    kind, ref = "?", ""
    if line.record is not None:
        kind = line.record["type"] if line.record.get("type") in KINDS else "?"
        ref = str(line.record.get("ref", ""))[:200]
    try:
        if line.error is not None:
            raise line.error
        assert line.record is not None
        counts[line_import(record=line.record, line=line.number, context=context)] += 1
    except (LineError, DomainError) as error:
        counts[kind, FAILED] += 1
        errors.add(Failure(line.number, "" if kind == "?" else kind, ref, error))


def _errors_path(options: dict[str, Any]) -> Path:
    """Beside the file; in the current folder where the file's is not ours to write."""
    if options["errors"]:
        given: Path = options["errors"]
        if given.resolve() == options["file"].resolve():
            raise CommandError("--errors is the file to import itself: give another.")
        return given
    file: Path = options["file"]
    beside = file.with_name(file.name + ".errors.jsonl")
    return beside if os.access(file.parent, os.W_OK) else Path(beside.name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no answer"])[0].rstrip(".")


def _client(username: str | None) -> User:
    found = User.objects.filter(username__iexact=username or IMPORTER).first()
    if found is None and username is not None:
        raise CommandError(f"There is no user {username}: register them first, or leave --client out.")
    if found is None:
        found = user_register(
            username=IMPORTER,
            email=f"{IMPORTER}@example.com",
            password=None,
            user_type="client",
            first_name="Importer",
        )
    if found.user_type not in MAY_POST:
        raise CommandError(f"{found.username} is a freelancer and posts no tasks: give another --client.")
    return found


def _rates(given: list[str]) -> dict[str, Decimal]:
    rates = dict(ASSUMED_RATES)
    for one in given:
        name, sign, amount = one.partition("=")
        if not sign or not name.strip().isalpha():
            raise CommandError(f"--rate {one} cannot be read: write it like USD=50.")
        rates[name.strip().upper()] = _amount(f"--rate {name}", amount)
    return rates


def _amount(option: str, value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation as error:
        raise CommandError(f"{option}: {value} is not a number.") from error
    if not found.is_finite() or found <= 0:
        raise CommandError(f"{option} is a number above 0.")
    return found
