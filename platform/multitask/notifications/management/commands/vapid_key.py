"""A fresh pair of keys for web push."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from multitask.notifications.push.keys import new_pair


class Command(BaseCommand):
    help = (
        "Print a fresh pair of keys for web push: the private one for VAPID_PRIVATE_KEY. Nothing is changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        pair = new_pair()
        self.stdout.write(f"VAPID_PRIVATE_KEY={pair.private}")
        self.stdout.write(f"# Its public half, which browsers are given by the API: {pair.public}")
