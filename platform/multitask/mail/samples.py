"""One letter of every kind, for previews: each app has its own in a module `mail_samples`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from multitask.mail.letters import Letter


@dataclass(frozen=True, slots=True)
class Sample:
    """`make` gives the letter; one that can be unsubscribed is shown with that link."""

    name: str
    make: Callable[[], Letter]
    can_unsubscribe: bool = False


SAMPLES: dict[str, Sample] = {}


def sample(
    name: str, *, can_unsubscribe: bool = False
) -> Callable[[Callable[[], Letter]], Callable[[], Letter]]:
    """Register a function that makes a letter as it might be, e.g. `accounts-verification`."""

    def decorate(make: Callable[[], Letter]) -> Callable[[], Letter]:
        SAMPLES[name] = Sample(name, make, can_unsubscribe)
        return make

    return decorate


def all_samples() -> list[Sample]:
    """Those of every app, by name."""
    for app in apps.get_app_configs():
        module = f"{app.name}.mail_samples"
        if app.name.startswith("multitask.") and find_spec(module) is not None:
            import_module(module)
    return [SAMPLES[name] for name in sorted(SAMPLES)]
