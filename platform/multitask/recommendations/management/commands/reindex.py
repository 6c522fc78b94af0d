"""Make all vectors anew, beside those that serve."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ml.encoder import EncoderError, EncoderInfo, describe
from ml.watch import progress_bar
from multitask.recommendations.models import VectorIndex
from multitask.recommendations.selectors import indexes
from multitask.recommendations.services.indexes import EncoderIdentity, index_rebuild

EVERY_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Begin a new generation of vectors with RECOMMENDATION_MODEL. Workers fill it in the background while the old "
        "one serves; the switch comes by itself when it is whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", action="store_true", help="Only say how far the vectors are.")
        parser.add_argument("--wait", action="store_true", help="Stay until the new generation serves.")
        parser.add_argument(
            "--timeout", type=float, default=3600.0, help="Seconds --wait takes at most (default 3600)."
        )
        parser.add_argument(
            "--model", help="The model you expect; refused where it is not what RECOMMENDATION_MODEL names."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["status"]:
            self._status()
            if options["wait"]:
                self._wait(indexes.building_index(), options["timeout"])
            return
        info = self._model(options["model"])
        active = indexes.active_index()
        if active is None:
            raise CommandError(
                "There are no vectors yet: the first worker makes them. Start the workers (scripts/run)."
            )
        encoder = EncoderIdentity(model=info.model, revision=info.revision, dimensions=info.dimensions)
        begun = index_rebuild(encoder=encoder, lexical=active.lexical)
        self.stdout.write(
            f"Generation {begun.pk} is being built with {info.model} ({info.dimensions} dimensions); "
            f"generation {active.pk} serves meanwhile."
        )
        if options["wait"]:
            self._wait(begun, options["timeout"])

    def _model(self, expected: str | None) -> EncoderInfo:
        try:
            info = describe(settings.RECOMMENDATION_MODEL)
            wanted = describe(expected) if expected else info
        except EncoderError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        if wanted != info:
            raise CommandError(
                f"The workers use RECOMMENDATION_MODEL={settings.RECOMMENDATION_MODEL} and would switch back. Set "
                f"RECOMMENDATION_MODEL={expected} for every process, restart, then run this again. Nothing was changed."
            )
        return info

    def _status(self) -> None:
        found = [index for index in (indexes.active_index(), indexes.building_index()) if index is not None]
        for index in found:
            progress = indexes.progress(index)
            self.stdout.write(
                f"Generation {index.pk} ({index.state}): {progress.done} of {progress.total} vectors, "
                f"{index.encoder_model}, {index.dimensions} dimensions."
            )
        if not found:
            self.stdout.write("There are no vectors yet: the first worker makes them.")

    def _wait(self, index: VectorIndex | None, timeout: float) -> None:
        if index is None:
            self.stdout.write("Nothing is being built.")
            return
        end = time.monotonic() + timeout
        with progress_bar() as bar:
            line = bar.add_task("Vectors", total=None)
            while indexes.is_building(index_id=index.pk):
                progress = indexes.progress(index)
                bar.update(line, completed=progress.done, total=progress.total)
                if time.monotonic() >= end:
                    self.stdout.write(
                        f"Not finished after {timeout:.0f} s: {progress.done} of {progress.total}. It goes on in the background."
                    )
                    sys.exit(1)
                time.sleep(EVERY_SECONDS)
        active = indexes.active_index()
        if active is None or active.pk != index.pk:
            raise CommandError("Another generation has taken its place: run `manage.py reindex --status`.")
        self.stdout.write(f"Generation {index.pk} serves now.")
