"""Show how the pipeline stands."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from multitask.outbox import status
from multitask.recommendations.models import VectorIndex
from multitask.recommendations.selectors import indexes


def _index(index: VectorIndex | None) -> dict[str, Any] | None:
    if index is None:
        return None
    progress = indexes.progress(index)
    return {
        "id": index.pk,
        "state": index.state,
        "model": index.encoder_model,
        "revision": index.encoder_revision,
        "dimensions": index.dimensions,
        "done": progress.done,
        "total": progress.total,
    }


class Command(BaseCommand):
    help = (
        "Show the pipeline: which parts are alive, what waits in which queue, dead letters, and the vectors."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of tables.")

    def handle(self, *args: Any, **options: Any) -> None:
        queues = status.backlog()
        facts: dict[str, Any] = {
            "parts": [
                {"name": part.name, "ok": part.ok, "detail": part.detail} for part in status.heartbeats()
            ],
            "backlog": queues,
            "unfinished": status.unfinished(),
            "oldest_seconds": round(status.oldest_age_seconds(), 1),
            "dead": sum(statuses.get("dead", 0) for statuses in queues.values()),
            "indexes": [
                index for index in (_index(indexes.active_index()), _index(indexes.building_index())) if index
            ],
        }
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self._show(facts)

    def _show(self, facts: dict[str, Any]) -> None:
        console = Console(file=self.stdout, highlight=False)  # type: ignore[arg-type]
        parts = Table("Part", "Well", "Seen", title="Parts")
        for part in facts["parts"]:
            parts.add_row(part["name"], "yes" if part["ok"] else "NO", part["detail"])
        console.print(parts)
        waiting = Table("Queue", "Waiting", "Sent", "Running", "Dead", title="Jobs")
        for queue in status.QUEUES:
            statuses = facts["backlog"].get(queue, {})
            waiting.add_row(
                queue, *(str(statuses.get(name, 0)) for name in ("pending", "sent", "running", "dead"))
            )
        console.print(waiting)
        console.print(
            f"Unfinished: {facts['unfinished']}, the oldest for {facts['oldest_seconds']} s. Dead letters: {facts['dead']}."
        )
        for index in facts["indexes"]:
            console.print(
                f"Vectors {index['id']} ({index['state']}): {index['done']} of {index['total']}, "
                f"{index['model']}, {index['dimensions']} dimensions.",
                soft_wrap=True,
            )
        if not facts["indexes"]:
            console.print("Vectors: none yet; the first worker begins them.")
