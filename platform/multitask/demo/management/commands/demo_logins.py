"""Say with which accounts the demo can be tried."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from multitask.demo.selectors.logins import demo_logins


class Command(BaseCommand):
    help = "Print the logins of the demo that is here; none in production, without a demo, or with changed passwords."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print [{username, password, role}].")

    def handle(self, *args: Any, **options: Any) -> None:
        logins = demo_logins()
        if options["json"]:
            self.stdout.write(json.dumps([login.as_dict() for login in logins]))
            return
        if not logins:
            self.stdout.write(
                "No demo logins here. `manage.py seed_demo` makes them in a development database."
            )
        for login in logins:
            self.stdout.write(f"{login.role:<10}  {login.username} / {login.password}")
