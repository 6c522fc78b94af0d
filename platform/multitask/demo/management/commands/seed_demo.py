"""Fill the marketplace with a demo."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ml.watch import progress_bar
from multitask.common.errors import Invalid
from multitask.demo.accounts import is_production
from multitask.demo.content import Demo, build
from multitask.demo.selectors.logins import demo_found, demo_logins
from multitask.demo.services.seeding import demo_seed


class Command(BaseCommand):
    help = (
        "Fill the marketplace with bilingual demo people, tasks, applications, conversations and reviews. The same "
        "options always give the same demo; an interrupted run is continued. Refused under production settings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="Another number, another demo (default 1).")
        parser.add_argument("--users", type=int, default=100, help="People, at least 3 (default 100).")
        parser.add_argument("--tasks", type=int, default=200, help="Tasks (default 200).")
        parser.add_argument(
            "--force", action="store_true", help="Look through a demo that is there and add what it lacks."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if is_production():
            raise CommandError(
                "The demo's passwords are public: it is never put into production. Nothing was written."
            )
        made_with = f"{options['seed']} {options['users']} {options['tasks']}"
        found = demo_found()
        if found and found.made_with != made_with:
            seed, users, tasks = found.made_with.split(" ")
            self._refuse_or_say(f"--seed {seed} --users {users} --tasks {tasks}", whole=found.is_whole)
            return
        if found and found.is_whole and not options["force"]:
            self.stdout.write("The demo is there already; nothing was added.")
            return
        self._seed(options, made_with)

    def _refuse_or_say(self, made_with: str, *, whole: bool) -> None:
        if not whole:
            raise CommandError(
                f"A demo was begun here with {made_with}: finish it with these options, or begin with an empty database."
            )
        self.stdout.write(f"A demo made with {made_with} is there already; nothing was added.")

    def _seed(self, options: dict[str, Any], made_with: str) -> None:
        started = time.monotonic()
        now = timezone.now()
        try:
            demo = build(options["seed"], users=options["users"], tasks=options["tasks"], now=now)
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        try:
            self._show(demo, made_with, now)
        except Invalid as error:
            raise CommandError(
                f"{error} Somebody has a name or e-mail address of the demo: begin with an empty database."
            ) from error
        counts = (
            f"{len(demo.users)} people, {len(demo.tasks)} tasks, {len(demo.applications)} applications, "
            f"{len(demo.chats)} conversations and {len(demo.reviews)} reviews"
        )
        self.stdout.write(f"The demo is there: {counts}, in {time.monotonic() - started:.1f} s.")
        for login in demo_logins():
            self.stdout.write(f"  {login.role:<10}  {login.username} / {login.password}")

    def _show(self, demo: Demo, made_with: str, now: Any) -> None:
        totals = {
            "users": len(demo.users),
            "tasks": len(demo.tasks),
            "applications": len(demo.applications),
            "conversations": len(demo.chats),
            "reviews": len(demo.reviews),
        }
        with progress_bar() as bar:
            lines = {part: bar.add_task(part.capitalize(), total=total) for part, total in totals.items()}
            demo_seed(
                demo=demo,
                made_with=made_with,
                now=now,
                report=lambda part, number: bar.advance(lines[part], number),
            )
