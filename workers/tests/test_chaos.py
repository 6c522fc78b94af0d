"""Nothing is lost, and nothing happens twice, whatever dies."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workers.tests.rig import Rig

pytestmark = pytest.mark.chaos

TASKS = 1_000
FREELANCERS = 12
POSTERS = 4
SEED = 20_261_122
NOTIFY = 50
SUBJECTS = {
    "python": ("programming", "Python scraper for price lists number {n}", ["python", "django"]),
    "react": ("programming", "React dashboard with charts number {n}", ["react", "typescript"]),
    "logo-design": ("design", "Logo and identity for a coffee shop number {n}", ["logo-design"]),
    "english-translation": (
        "writing",
        "Translate a contract into English number {n}",
        ["english-translation"],
    ),
    "plumbing": ("cleaning", "سباك لإصلاح تسريب في الحمام رقم {n}", ["plumbing"]),
}


@pytest.fixture
def rig(service_dir: Path) -> Iterator[Rig]:
    # Lists long enough that none overflows: what is compared is membership, pair by pair.
    with Rig(service_dir, MATCH_LIST_SIZE="100000", MATCH_NOTIFY_PERCENTAGE=str(NOTIFY)) as running:
        yield running


class Posters:
    """Clients that post until their task is acknowledged, however often the server fails them."""

    def __init__(self, rig: Rig, token: str, number: int) -> None:
        self.rig, self.token = rig, token
        self.waiting = list(range(number))
        self.acknowledged: list[int] = []
        self.failures = 0
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._post, daemon=True) for _ in range(POSTERS)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def join(self, timeout: float) -> None:
        end = time.monotonic() + timeout
        for thread in self.threads:
            thread.join(max(0.1, end - time.monotonic()))
        assert not any(thread.is_alive() for thread in self.threads), (
            f"{len(self.waiting)} tasks were never accepted"
        )

    def _post(self) -> None:
        skills = self.rig.skills()
        subjects = list(SUBJECTS.values())
        while True:
            with self._lock:
                if not self.waiting:
                    return
                number = self.waiting.pop()
            category, title, required = subjects[number % len(subjects)]
            body = {
                "category": category,
                "title": title.format(n=number),
                "description": f"{title.format(n=number)}. To be done with care, and soon.",
                "budget": f"{500 + number}.00",
                "is_remote": True,
                "required_skills": [skills[slug] for slug in required],
            }
            while True:
                status, answer = self.rig.call("POST", "/tasks/", body, token=self.token)
                if status == 201:
                    with self._lock:
                        self.acknowledged.append(answer["id"])
                    break
                with self._lock:
                    self.failures += 1
                assert status in {0, 500, 503}, answer
                time.sleep(0.3)


def _faults(rig: Rig, dice: random.Random, posters: Posters) -> Counter[str]:
    """Hurt the stack every few seconds while there is something to post; each kind at least once."""
    done: Counter[str] = Counter()
    plan = ["worker-vectors", "redis restart", "worker-general", "redis emptied", "postgres restart", "relay"]
    while any(thread.is_alive() for thread in posters.threads) or plan:
        time.sleep(dice.uniform(1.5, 3.0))
        fault = plan.pop(0) if plan else dice.choice(["worker-vectors", "worker-general"])
        done[fault] += 1
        if fault == "redis restart":
            rig.redis.kill()
            rig.redis.start()
        elif fault == "redis emptied":
            rig.redis.flush()
        elif fault == "postgres restart":
            rig.postgres.restart("fast")
        else:
            rig.kill(fault)
    return done


def _entries(rig: Rig) -> dict[tuple[int, int], tuple[Any, ...]]:
    rows = rig.rows(
        """SELECT head.user_id, entry.task_id, entry.match_percentage, round(entry.score::numeric, 6), entry.algorithm
           FROM recommendations_recommendationentry entry
           JOIN recommendations_recommendationlist head ON head.id = entry.recommendation_list_id"""
    )
    return {(row[0], row[1]): row[2:] for row in rows}


def test_a_thousand_posted_tasks_survive_kills_restarts_and_an_emptied_broker(rig: Rig) -> None:
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    skills = rig.skills()
    subjects = list(SUBJECTS)
    for number in range(FREELANCERS):
        token = rig.register(f"freelancer{number}", "freelancer")
        for slug in {subjects[number % len(subjects)], subjects[(number * 2 + 1) % len(subjects)]}:
            status, body = rig.call(
                "POST",
                "/skills/user-skills/",
                {"skill_id": skills[slug], "proficiency_level": dice.choice(["INTERMEDIATE", "EXPERT"])},
                token=token,
            )
            assert status == 201, body
    rig.wait_idle()
    posters = Posters(rig, rig.register("client", "client"), TASKS)
    posters.start()
    faults = _faults(rig, dice, posters)
    posters.join(240)
    last_fault = time.monotonic()
    rig.wait_ready()
    rig.wait_idle(180)
    recovered = time.monotonic() - last_fault

    assert {"redis restart", "redis emptied", "postgres restart", "worker-vectors", "worker-general"} <= set(
        faults
    )
    dead = rig.rows("SELECT handler, key, last_error FROM outbox_outboxdelivery WHERE status = 'dead'")
    assert dead == []

    # Every acknowledged task is there, with one vector of its current content.
    ids = [row[0] for row in rig.rows("SELECT id FROM tasks_task")]
    assert set(posters.acknowledged) <= set(ids)
    assert len(posters.acknowledged) == TASKS
    current = rig.rows(
        """SELECT task.id FROM tasks_task task JOIN recommendations_taskvector tv ON tv.task_id = task.id
           JOIN recommendations_vectorindex i ON i.id = tv.index_id AND i.state = 'active'
           WHERE tv.content_version = task.content_version AND tv.vector IS NOT NULL"""
    )
    assert Counter(row[0] for row in current) == Counter(ids)

    # It is in exactly the lists that computing each from nothing gives.
    disturbed = _entries(rig)
    rig.rows("DELETE FROM recommendations_recommendationentry")
    rig.python(
        "from multitask.recommendations.models import RecommendationList\n"
        "from multitask.recommendations.services.lists import list_recompute\n"
        "for user in RecommendationList.objects.values_list('user_id', flat=True): list_recompute(user_id=user)"
    )
    undisturbed = _entries(rig)
    assert len(undisturbed) > TASKS
    assert disturbed == undisturbed

    # Each freelancer was told of each task that suits once, and of no other.
    told = Counter(
        rig.rows(
            "SELECT recipient_id, split_part(dedupe_key, ':', 3)::bigint FROM notifications_notificationdelivery "
            "WHERE channel = 'in_app' AND starts_with(dedupe_key, 'recommendation:task:')"
        )
    )
    assert told == Counter(pair for pair, (percentage, *_) in undisturbed.items() if percentage >= NOTIFY)
    print(
        f"{len(ids)} tasks, {len(undisturbed)} list entries, {sum(told.values())} notifications; faults {dict(faults)}; "
        f"restarts {rig.restarts}; {posters.failures} refused posts; idle {recovered:.1f} s after the last fault"
    )
