"""The environment that programs and commands of the stack run in."""

from __future__ import annotations

import os
from collections.abc import Mapping

from multitask.devstack.paths import ROOT


def child_environment(services: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the services' addresses and the source roots on Python's path.

    What is set already (DJANGO_SETTINGS_MODULE, SECRET_KEY) stays.
    """
    environment = dict(os.environ) | dict(services)
    environment.setdefault("DJANGO_SETTINGS_MODULE", "multitask.settings.dev")
    roots = [str(ROOT / "platform"), str(ROOT)]
    kept = [
        entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry and entry not in roots
    ]
    environment["PYTHONPATH"] = os.pathsep.join([*roots, *kept])
    environment.setdefault("PYTHONUNBUFFERED", "1")
    return environment
