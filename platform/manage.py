#!/usr/bin/env python
"""Django's command line for Multitask."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multitask.settings.dev")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here: start with scripts/run, or use scripts/manage."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
