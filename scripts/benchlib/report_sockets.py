"""The figures of sockets as promises and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchlib.tables import Sheet, Target

SOCKET_TIMES = 3.0
SOCKET_MS = 100.0


def targets(section: dict[str, Any] | None) -> Iterator[Target]:
    """Latency against 100 ms and against the echo, and the idle connections held."""
    if section is None:
        return
    connected, ms = section["connected"], section["ms"]
    name = f"sockets, {connected} connected: p95 from send to receive"
    yield Target(f"{name}, ms", ms["ours"]["p95"], SOCKET_MS, most=True)
    yield Target(f"{name} with relay and workers, ms", ms["ours_with_workers"]["p95"], SOCKET_MS, most=True)
    yield Target(f"{name}: times a bare Channels echo", section["times_bare_p95"], SOCKET_TIMES, most=True)
    held = section["idle"]["ours"]
    yield Target(f"sockets: held of {held['connections']:,} idle", held["still_open"], held["connections"])


def sockets_sheet(section: dict[str, Any]) -> Sheet:
    """One row a way."""
    names = {
        "bare": "bare Channels echo",
        "ours": "ours",
        "ours_with_workers": "ours, relay and workers beside it",
    }
    rows = []
    for way, words in names.items():
        ms, held = section["ms"][way], section["idle"].get(way)
        rows.append(
            (
                words,
                f"{ms['p50']} / {ms['p95']} / {ms['max']}",
                f"{section['cpu_ms'][way]:g}" if way in section["cpu_ms"] else "",
                f"{held['still_open']:,} of {held['connections']:,}" if held else "",
                f"{held['kb_each']:g}" if held else "",
                f"{held['rss_mb']:g}" if held else "",
                f"{held['cpu_percent']:g}" if held else "",
            )
        )
    note = (
        f"{section['messages']} messages a round, {section['rounds']} rounds in turns, {section['per_second']:g} a second in "
        f"all, {section['connected']} connected; from send to the other side's receive, clients on the same cores. Ours: a "
        "committed message with counters, both sides' events and the outbox; the echo: a Channels consumer and a group of "
        f"channels_redis as they come, nothing kept. Idle connections held for {section['idle']['ours']['seconds']:g} s."
    )
    columns = (
        "way",
        "ms p50 / p95 / max",
        "CPU ms a message",
        "idle held",
        "kB each",
        "RSS MB",
        "idle CPU %",
    )
    return Sheet("Sockets", columns, rows, note)
