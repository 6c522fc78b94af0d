"""The main job with everything real: web, relay, workers, encoder, Redis, PostgreSQL."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from multitask.testing.plugin import service_folder
from workers.tests.rig import ROOT, Rig, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.model]


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with service_folder() as folder, Rig(folder, LOG_FORMAT="json", LOG_LEVEL="DEBUG") as running:
        yield running


@pytest.fixture(scope="module")
def people(rig: Rig) -> dict[str, str]:
    """Tokens of a client, a Python freelancer and a plumber, the two with their lists computed."""
    tokens = {
        "client": rig.register("client", "client"),
        "python": rig.register("python_dev", "freelancer"),
        "plumber": rig.register("plumber", "freelancer"),
    }
    skills = rig.skills()
    for name, slugs in (("python", ("python", "django", "postgresql")), ("plumber", ("plumbing",))):
        for slug in slugs:
            body = {"skill_id": skills[slug], "proficiency_level": "EXPERT"}
            status, answer = rig.call("POST", "/skills/user-skills/", body, token=tokens[name])
            assert status == 201, answer
    rig.wait_idle()
    return tokens


def post(
    rig: Rig, token: str, title: str, *, slugs: tuple[str, ...] = (), category: str = "programming"
) -> int:
    skills = rig.skills()
    status, answer = rig.call(
        "POST",
        "/tasks/",
        {
            "category": category,
            "title": title,
            "description": f"{title}. Please write what you have done before.",
            "budget": "9000.00",
            "is_remote": True,
            "required_skills": [skills[slug] for slug in slugs],
        },
        token=token,
    )
    assert status == 201, answer
    return int(answer["id"])


def listed(rig: Rig, token: str) -> dict[int, dict[str, object]]:
    status, answer = rig.call("GET", "/recommendations/for-you/?limit=100", token=token)
    assert status == 200, answer
    if answer["algorithm_used"] == "cold_start":  # popular tasks, for want of a match
        return {}
    return {row["task"]["id"]: row for row in answer["recommendations"]}


def told(rig: Rig, token: str) -> set[int]:
    """The tasks that somebody was told of: matches join an unread line, and each has its delivery."""
    status, answer = rig.call("GET", "/auth/user/", token=token)
    assert status == 200, answer
    found = rig.rows(
        "SELECT dedupe_key FROM notifications_notificationdelivery "
        "WHERE recipient_id = %s AND channel = 'in_app' AND starts_with(dedupe_key, 'recommendation:task:')",
        (answer["id"],),
    )
    return {int(row[0].rpartition(":")[2]) for row in found}


def test_a_posted_task_reaches_the_freelancer_it_suits_and_nobody_else(
    rig: Rig, people: dict[str, str]
) -> None:
    task = post(
        rig, people["client"], "An online shop with Django and PostgreSQL", slugs=("python", "django")
    )
    wait_for(lambda: task in told(rig, people["python"]), timeout=10, what="the notification")
    row = listed(rig, people["python"])[task]
    assert row["match_percentage"] >= 90
    assert row["reasons"][0]["code"] == "skills_match"
    assert row["match_reasons"]
    rig.wait_idle()
    assert task not in listed(rig, people["plumber"])
    assert task not in told(rig, people["plumber"])


def test_an_arabic_task_without_skills_reaches_the_one_it_names(rig: Rig, people: dict[str, str]) -> None:
    task = post(rig, people["client"], "محتاج سباك شاطر لتصليح تسريب في الحمام", category="cleaning")
    wait_for(
        lambda: task in listed(rig, people["plumber"]), timeout=10, what="the task in the plumber's list"
    )
    rig.wait_idle()
    assert task not in listed(rig, people["python"])


def test_a_changed_profile_gets_another_list(rig: Rig, people: dict[str, str]) -> None:
    task = post(
        rig,
        people["client"],
        "Translate a brochure into English",
        slugs=("english-translation",),
        category="writing",
    )
    rig.wait_idle()
    before = set(listed(rig, people["plumber"]))
    assert task not in before
    body = {"skill_id": rig.skills()["english-translation"], "proficiency_level": "EXPERT"}
    status, added = rig.call("POST", "/skills/user-skills/", body, token=people["plumber"])
    assert status == 201
    wait_for(lambda: task in listed(rig, people["plumber"]), timeout=10, what="the task in the new list")
    assert rig.call("DELETE", f"/skills/user-skills/{added['id']}/", token=people["plumber"])[0] in {204, 0}
    rig.wait_idle()
    assert set(listed(rig, people["plumber"])) == before


def test_a_closed_task_leaves_every_list_at_once(rig: Rig, people: dict[str, str]) -> None:
    task = post(rig, people["client"], "A Django site for a school", slugs=("django",))
    wait_for(lambda: task in listed(rig, people["python"]), timeout=10, what="the task in the list")
    rig.python(
        "from multitask.accounts.models import User\n"
        "from multitask.tasks.services.tasks import task_cancel\n"
        f"task_cancel(actor=User.objects.get(username='client'), task_id={task})"
    )
    assert task not in listed(rig, people["python"])
    rig.wait_idle()
    assert (
        rig.value("SELECT count(*) FROM recommendations_recommendationentry WHERE task_id = %s", (task,)) == 0
    )


def test_a_query_is_encoded_by_the_interactive_queue(rig: Rig, people: dict[str, str]) -> None:
    found = json.loads(
        rig.python(
            "import json\nfrom workers.jobs.vectors import encode_query\n"
            "print(json.dumps(encode_query.apply_async(args=['web developer'], queue='interactive').get(timeout=20)))"
        ).splitlines()[-1]
    )
    assert found["error"] == ""
    assert len(found["vector"]) == 384
    assert sum(value * value for value in found["vector"]) == pytest.approx(1.0, abs=1e-3)


def test_the_request_id_is_in_the_log_of_the_jobs_it_causes(rig: Rig, people: dict[str, str]) -> None:
    task = post(rig, people["client"], "A Flask service", slugs=("python",))
    rig.wait_idle()
    ((request_id,),) = rig.rows(
        "SELECT DISTINCT request_id FROM outbox_outboxevent WHERE key = %s AND topic = 'task.created'",
        (f"task:{task}",),
    )
    assert request_id
    for name in ("worker-vectors", "worker-general"):
        lines = [json.loads(line) for line in rig.log(name).splitlines() if line.startswith("{")]
        assert any(line.get("request_id") == request_id and line["event"] == "job_done" for line in lines), (
            name
        )


def test_posting_works_while_the_broker_is_dead_and_is_delivered_after(
    rig: Rig, people: dict[str, str]
) -> None:
    rig.redis.kill()
    try:
        task = post(rig, people["client"], "A Django admin while the broker sleeps", slugs=("django",))
        status, body = rig.call("GET", "/readyz", api=False)
        assert status == 503
        assert body["parts"]["broker"]["ok"] is False
        assert body["parts"]["database"]["ok"] is True
    finally:
        rig.redis.start()
    wait_for(lambda: task in told(rig, people["python"]), timeout=90, what="the notification")


def test_posting_waits_for_no_hung_broker(rig: Rig, people: dict[str, str]) -> None:
    pid = rig.redis.pid
    assert pid is not None
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        tasks = [
            post(rig, people["client"], f"A Django site, broker hung {n}", slugs=("django",))
            for n in range(3)
        ]
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    wait_for(lambda: set(tasks) <= told(rig, people["python"]), timeout=90, what="the notifications")


def test_a_missing_schedule_run_is_made_up_and_one_beat_leads(rig: Rig, people: dict[str, str]) -> None:
    """Two beats at once fire a due entry once; what the reconciler finds is mended."""
    second = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "workers.app", "beat"],
        env=rig.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(8)
        task = post(rig, people["client"], "A Django site that loses its vector", slugs=("django",))
        rig.wait_idle()
        rig.rows("DELETE FROM recommendations_recommendationentry WHERE task_id = %s", (task,))
        rig.rows("DELETE FROM recommendations_taskvector WHERE task_id = %s", (task,))
        rig.rows("UPDATE tasks_task SET updated_at = now() - interval '1 hour' WHERE id = %s", (task,))
        wait_for(lambda: task in listed(rig, people["python"]), timeout=100, what="the mended list")
        slots = rig.rows(
            "SELECT dedupe_key, count(*) FROM outbox_outboxevent WHERE topic = 'schedule.reconcile' GROUP BY 1"
        )
        assert slots
        assert all(number == 1 for _, number in slots)
        assert (
            rig.value(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 7302026"
            )
            == 1
        )
    finally:
        second.send_signal(signal.SIGTERM)
        second.wait(30)


def test_the_web_process_holds_no_torch_and_both_stay_small(rig: Rig, people: dict[str, str]) -> None:
    web = psutil.Process(rig.running["web"].pid)
    assert web.memory_info().rss < 200e6
    assert not any("torch" in mapped.path for mapped in web.memory_maps())
    vectors = psutil.Process(rig.running["worker-vectors"].pid)
    for child in vectors.children(recursive=True):
        assert child.memory_info().rss < 900e6
    assert any(
        "torch" in mapped.path for child in vectors.children(recursive=True) for mapped in child.memory_maps()
    )
    general = psutil.Process(rig.running["worker-general"].pid)
    assert not any(
        "libtorch" in mapped.path for child in general.children() for mapped in child.memory_maps()
    )


def test_a_query_gets_its_vector_from_a_worker_within_the_budget(rig: Rig) -> None:
    said = rig.python(
        "import time\n"
        "from multitask.common import interactive\n"
        "end = time.monotonic() + 60\n"
        "answer = None\n"
        "while answer is None and time.monotonic() < end:\n"
        "    try:\n"
        "        answer = interactive.ask('vectors.encode_query', 'a logo for a shop', budget=0.15)\n"
        "    except interactive.NoAnswer:\n"
        "        time.sleep(1)\n"
        "print(len(answer['vector']))\n"
    )
    assert said.split()[-1] == "384"


def test_a_new_task_is_found_within_two_seconds(rig: Rig, people: dict[str, str]) -> None:
    task = post(rig, people["client"], "Zellige mosaic restoration")
    posted = time.monotonic()

    def found() -> bool:
        status, answer = rig.call("GET", "/tasks/?search=mosaics", token=people["client"])
        assert status == 200
        return [row["id"] for row in answer["results"]] == [task]

    wait_for(found, timeout=10, what="the task in the search")
    assert time.monotonic() - posted < 2
