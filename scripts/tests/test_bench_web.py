"""What a browser measured becomes figures beside their floor, and promises that are judged by them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.tests.test_bench import bench

SCRIPTS = str(Path(__file__).resolve().parents[1])
STEPS = ("type", "open")


@pytest.fixture(autouse=True)
def benchlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SCRIPTS)


def told(*, lcp: float = 900.0, cls: float = 0.01, step: float = 80.0, seen: float = 300.0) -> dict[str, Any]:
    """What frontend/scripts/webvitals.mjs prints: four loads of one page and two visits a language."""
    load = {"lcp": lcp, "cls": cls, "blocked": 120.0, "element": "h1", "shifted": "footer"}
    calm = {"cls": 0.0, "shifted": ""}
    steps = {name: {"ms": step, "before": 4.0, "work": 20.0} for name in STEPS}
    return {
        "browser": "156.0",
        "floor": [{"lcp": 300.0, "inp": 16.0}] * 4,
        "loads": {"landing": {language: [load] * 4 for language in ("ar", "en")}},
        "visits": [
            {"language": language, "steps": steps, "guest": calm, "member": {"cls": cls, "shifted": "ul"}}
            for language in ("ar", "ar", "en", "en")
        ],
        "live": {"message": [seen] * 4, "match": [seen] * 4},
        "reload": [1_200.0] * 3,
    }


def section(raw: dict[str, Any]) -> dict[str, Any]:
    from benchlib.web import _summary

    return {"tasks": 10_000, "users": 1_000, "slow": 4, **_summary(raw)}


def missed(raw: dict[str, Any]) -> list[str]:
    from benchlib.report_web import targets

    return [target.name for target in targets(section(raw)) if not target.met]


def test_a_page_stands_beside_an_empty_one_of_the_same_run() -> None:
    found = section(told())
    assert found["pages"]["landing"]["ar"]["times_floor"] == 3.0
    assert found["steps"]["type"]["times_floor"] == 5.0
    assert found["times_reload"] == {"message": 4.0}


def test_all_that_is_quick_and_still_is_met() -> None:
    assert missed(told()) == []


@pytest.mark.parametrize(
    ("slow", "what", "number"),
    [
        ({"lcp": 2_600.0}, "largest contentful paint", 2),
        ({"step": 208.0}, "interaction to next paint", 2),
        ({"cls": 0.12}, "layout shift", 2),
        ({"seen": 1_100.0}, "is seen in an open page", 2),
    ],
)
def test_what_is_slow_or_moves_is_not_met(slow: dict[str, float], what: str, number: int) -> None:
    found = missed(told(**slow))
    assert len(found) == number
    assert all(what in name for name in found)


def test_one_slow_page_of_one_language_is_named() -> None:
    raw = told()
    raw["loads"]["dashboard"] = {
        "ar": [dict(one, lcp=4_000.0) for one in raw["loads"]["landing"]["ar"]],
        "en": raw["loads"]["landing"]["en"],
    }
    (found,) = missed(raw)
    assert "Arabic" in found
    assert "dashboard" in found


def test_every_page_action_and_news_has_a_row() -> None:
    from benchlib.report_web import web_sheet

    sheet = web_sheet(section(told()))
    names = [row[0] for row in sheet.rows]
    for wanted in ("landing, Arabic", "landing, English", *STEPS, "a message", "a match", "the baseline"):
        assert any(wanted in name for name in names), wanted
    assert {len(row) for row in sheet.rows} == {len(sheet.columns)}


@pytest.mark.stack
def test_without_a_browser_the_section_says_what_to_install(tmp_path: Path) -> None:
    nowhere = tmp_path / "chromium"
    path = Path(sys.executable).parent
    done = bench("--quick", "--only", "web", module=True, CHROMIUM=str(nowhere), PATH=f"{path}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert "apt-get install chromium" in done.stderr
