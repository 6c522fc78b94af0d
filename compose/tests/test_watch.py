"""Dashboards and alert rules speak of figures that there are; checked on the files and a real scrape."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from multitask.operations import limits
from multitask.outbox.models import JobTally, OutboxDelivery, OutboxEvent
from multitask.realtime.counters import COUNTERS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose"
DASHBOARDS = sorted((COMPOSE / "grafana" / "dashboards").glob("*.json"))
# What PromQL itself knows, and Prometheus adds to every scrape.
WORDS = {
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "and",
    "or",
    "unless",
    "offset",
    "bool",
}
OF_PROMETHEUS = {"up"}
OF_PROMETHEUS_LABELS = {"job", "instance", "le"}


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((COMPOSE / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


RULES = {rule["alert"]: rule for rule in rules()}


def panels(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["panels"]
    return found


def expressions() -> list[tuple[str, str]]:
    """(where, PromQL) of every rule and every panel."""
    found = [(name, rule["expr"]) for name, rule in RULES.items()]
    for path in DASHBOARDS:
        found += [
            (f"{path.stem}: {panel['title']}", target["expr"])
            for panel in panels(path)
            for target in panel["targets"]
        ]
    return found


def names_of(expression: str) -> set[str]:
    """The metrics an expression reads."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", expression)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    words = re.findall(r"(?<![\w.])([A-Za-z_:][\w:]*)\b(?!\s*\()", bare)
    return set(words) - WORDS


def labels_of(expression: str) -> set[str]:
    """The labels it chooses and groups by."""
    chosen = re.findall(r"[{,]\s*(\w+)\s*[=!]", expression)
    grouped = re.findall(r"\b(?:by|without|on)\s*\(([^)]*)\)", expression)
    return set(chosen) | {name.strip() for names in grouped for name in names.split(",") if name.strip()}


@pytest.fixture
def scraped(db: None, settings: Any) -> dict[str, set[str]]:
    """{name of a sample: its labels} of a real scrape, in which everything has happened once."""
    settings.METRICS_TOKEN = "a-token-of-twenty-characters"
    event = OutboxEvent.objects.create(topic="t", key="k:1")
    OutboxDelivery.objects.create(event=event, handler="h", queue="default", key="k:1", status="dead")
    JobTally.objects.create(handler="h", queue="default", outcome="done", slot=1, number=1)
    # Without `del` they would stay for other tests; a Counter forgets what is 0.
    seen = [(COUNTERS.open, "chat"), (COUNTERS.opened, "chat"), (COUNTERS.closed, 4408)]
    for counter, key in (*seen, (COUNTERS.moments_dropped, "redis")):
        counter[key] += 1  # type: ignore[index]
    client = Client()
    client.get("/healthz")
    text = client.get(
        "/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    ).content.decode()
    for counter, key in (*seen, (COUNTERS.moments_dropped, "redis")):
        counter[key] -= 1  # type: ignore[index]
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_the_parser_of_these_tests_finds_names_and_labels() -> None:
    said = 'max by (a, b) (rate(m_one_total{c=~"x|y", d!="z"}[5m])) > 0.2 * sum(m_two) and on () m_three or vector(0)'
    assert names_of(said) == {"m_one_total", "m_two", "m_three"}
    assert labels_of(said) == {"a", "b", "c", "d"}


def test_every_figure_of_the_dashboards_and_rules_is_scraped(scraped: dict[str, set[str]]) -> None:
    missing = []
    for where, expression in expressions():
        names = names_of(expression) - OF_PROMETHEUS
        assert names or "up{" in expression, where
        missing += [f"{where}: {name}" for name in names if name not in scraped]
        known = set().union(*(scraped.get(name, set()) for name in names), OF_PROMETHEUS_LABELS)
        missing += [f"{where}: label {label}" for label in labels_of(expression) - known]
    assert missing == []


def test_every_figure_that_is_scraped_is_on_a_dashboard_or_in_a_rule_and_explained(
    scraped: dict[str, set[str]],
) -> None:
    shown = set().union(*(names_of(expression) for _, expression in expressions()))
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in scraped if name.startswith("multitask_")}
    assert len(ours) > 30
    assert ours - {re.sub(r"_bucket$", "", name) for name in shown} <= {"multitask_build_info"}
    assert [name for name in sorted(ours) if f"`{name}`" not in page] == []


def test_every_alert_says_what_is_so_and_where_to_read_what_to_do() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for name, rule in RULES.items():
        assert rule["labels"]["severity"] in {"warning", "critical"}, name
        assert re.fullmatch(r"\d+m", rule["for"]), name
        assert rule["annotations"]["summary"].endswith("."), name
        file, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert (file, anchor in anchors) == ("docs/operations.md", True), name
        assert f"`{name}`" in page, f"{name} is not explained"
    assert len(RULES) == len(rules()), "two rules of one name"


def test_alerts_and_the_page_of_operators_have_the_same_limits() -> None:
    def said(name: str, number: float) -> None:
        assert re.search(rf"[>=] {re.escape(str(number))}(?![\d.])", RULES[name]["expr"]), name

    said("RelaySilent", limits.RELAY_SECONDS)
    said("BeatSilent", limits.BEAT_SECONDS)
    said("QueueSilent", limits.CANARY_SECONDS)
    said("EventsUnread", limits.EVENTS_SECONDS)
    said("QuickQueueLate", limits.QUICK_SECONDS)
    said("QueueLate", limits.OTHER_SECONDS)
    for name in ("QuickQueueLate", "QueueLate"):
        assert f'"{"|".join(limits.QUICK_QUEUES)}"' in RULES[name]["expr"]
    said("ListsStale", limits.STALE_SHARE)
    said("ListsStale", limits.STALE_LEAST)
    said("MailServerFailing", limits.MAIL_FAILURES)
    said("ModelCrowded", limits.MODEL_WAITING)
    for name in ("MailsRefused", "NotificationsFailing", "AnswersLost"):
        said(name, limits.REFUSED_SHARE)
        said(name, limits.LEAST_ENDED)


def test_dashboards_read_the_one_source_that_is_provisioned() -> None:
    source = yaml.safe_load(
        (COMPOSE / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    )
    (known,) = [one["uid"] for one in source["datasources"]]
    uids = []
    for path in DASHBOARDS:
        board = json.loads(path.read_text(encoding="utf-8"))
        uids.append(board["uid"])
        assert [panel["id"] for panel in board["panels"]] == list(range(1, len(board["panels"]) + 1))
        for panel in board["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24, panel["title"]
            assert {target["datasource"]["uid"] for target in panel["targets"]} == {known}
        for link in board["links"]:
            assert link["url"].removeprefix("/d/") in {
                p.read_text().split('"uid": "')[1].split('"')[0] for p in DASHBOARDS
            }
    assert len(set(uids)) == len(DASHBOARDS) == 2


def test_prometheus_shows_its_token_to_nobody() -> None:
    service = yaml.safe_load((COMPOSE / "compose.watch.yml").read_text(encoding="utf-8"))["services"][
        "prometheus"
    ]
    scrape = yaml.safe_load((COMPOSE / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    (job,) = scrape["scrape_configs"]
    assert job["authorization"]["credentials_file"] in service["command"][0]
    assert "unset METRICS_TOKEN" in service["command"][0]
    assert service["environment"]["METRICS_TOKEN"].startswith("${METRICS_TOKEN:?")
    assert job["dns_sd_configs"][0]["names"] == ["web"]


def test_who_watches_is_confined_and_reached_from_this_machine_alone() -> None:
    services = yaml.safe_load((COMPOSE / "compose.watch.yml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"prometheus", "grafana"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"]
        assert service["user"] not in {"root", "0"}
        assert service["deploy"]["resources"]["limits"]["memory"]
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith("./") or ((COMPOSE / source).exists() and volume.endswith(":ro"))
    assert services["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"].startswith("${GRAFANA_PASSWORD:?")
    assert services["grafana"]["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
