"""The figures of the application in a browser as promises and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchlib.tables import Sheet, Target

LCP_MS = 2_500.0
INP_MS = 200.0
SHIFT = 0.1
SEEN_MS = 1_000.0
LANGUAGES = {"ar": "Arabic", "en": "English"}


def targets(section: dict[str, Any] | None) -> Iterator[Target]:
    """Paint and shift of each language's worst page, the slowest interaction of a visit, and news seen."""
    if section is None:
        return
    for language, words in LANGUAGES.items():
        pages = {name: one[language] for name, one in section["pages"].items()}
        slowest = max(pages, key=lambda name: float(pages[name]["lcp"]["p75"]))
        yield Target(
            f"web, {words}: largest contentful paint, p75 of {slowest}, ms",
            pages[slowest]["lcp"]["p75"],
            LCP_MS,
            most=True,
        )
        visit = section["visits"][language]
        yield Target(
            f"web, {words}: interaction to next paint of a visit, p75, ms",
            visit["inp"]["p75"],
            INP_MS,
            most=True,
        )
        shift = max(visit["cls"], *(one["cls"] for one in pages.values()))
        yield Target(f"web, {words}: layout shift, the most of any load and visit", shift, SHIFT, most=True)
    for name, seen in section["live"].items():
        yield Target(f"web: a {name} is seen in an open page, p95, ms", seen["p95"], SEEN_MS, most=True)


def web_sheet(section: dict[str, Any]) -> Sheet:
    """Pages, then what one does on them, then news."""
    floor, reload = section["floor"], section["reload"]
    rows = [("an empty page (the floor)", _ms(floor["lcp"]), "1", "0", "")]
    for name, by_language in section["pages"].items():
        for language, one in by_language.items():
            rows.append(
                (
                    f"{name}, {LANGUAGES[language]}: paint",
                    _ms(one["lcp"]),
                    f"{one['times_floor']:g}",
                    f"{one['cls']:g}",
                    f"{one['blocked_ms']:,}",
                )
            )
    rows.append(("a press on the empty page (the floor)", _ms(floor["inp"]), "1", "", ""))
    for name, one in section["steps"].items():
        rows.append((f"{name}: to the next paint", _ms(one["ms"]), f"{one['times_floor']:g}", "", ""))
    for language, one in section["visits"].items():
        words = f"a whole visit, {LANGUAGES[language]}: slowest to the next paint"
        rows.append((words, _ms(one["inp"]), "", f"{one['cls']:g}", ""))
    for name, seen in section["live"].items():
        rows.append((f"a {name}, from the sender's answer until it is seen", _ms(seen), "", "", ""))
    if reload:
        rows.append(("a message, by loading the page again at once (the baseline)", _ms(reload), "", "", ""))
    note = (
        f"Milliseconds in Chromium {section['browser']}, processor slowed {section['slow']} times, the built application "
        f"from the real web process over loopback, workers beside it, {section['tasks']:,} tasks and {section['users']:,} "
        "users. Pages: by a browser that has nothing of them yet, largest contentful paint; shift: the largest session "
        "window; blocked: how much long tasks exceed 50 ms. Both languages together where none is named."
    )
    columns = ("what", "ms p50 / p75 / p95 / max", "times the floor", "shift, the most", "blocked ms")
    return Sheet("The application in a browser", columns, rows, note)


def _ms(found: dict[str, float]) -> str:
    return " / ".join(f"{found[name]:,.0f}" for name in ("p50", "p75", "p95", "max"))
