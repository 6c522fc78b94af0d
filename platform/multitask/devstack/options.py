"""The options of `up`, which are those of scripts/run. Standard library alone: read before anything is installed."""

from __future__ import annotations

import argparse


def add_up_options(parser: argparse.ArgumentParser) -> None:
    """Add them to `parser`."""
    parser.add_argument("--port", type=int, default=8000, help="port of the site (default 8000)")
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--flower-port", type=int, default=5555, help="port of Flower (default 5555)")
    parser.add_argument("--fresh", action="store_true", help="delete the data in var/ first (asks)")
    parser.add_argument("--yes", action="store_true", help="with --fresh: do not ask")
    parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    parser.add_argument("--verbose", action="store_true", help="show what the programs log")
