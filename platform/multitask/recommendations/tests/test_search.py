"""Search over HTTP: what is found in both languages and any spelling, within filters, page by page, and by which half."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from ml import fusion
from multitask.accounts.factories import FreelancerFactory, UserFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.recommendations.factories import UserSkillFactory
from multitask.recommendations.models import SearchDocument, SearchTerm, Skill, TaskVector
from multitask.recommendations.selectors import search as selector
from multitask.recommendations.selectors.search import TASKS, TookTooLong, search_rows
from multitask.recommendations.services import queries, search_index
from multitask.recommendations.services import search as service
from multitask.recommendations.services.search import query_read
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Category, Task
from multitask.tasks.services.tasks import task_update
from multitask.testing.encoder import HashedEncoder
from multitask.testing.market import join, post
from multitask.testing.pipeline import Pipeline
from multitask.testing.search import index_everything

pytestmark = pytest.mark.django_db
TASKS_PATH = "/api/tasks/"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()
    queries.forget()


@pytest.fixture
def words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vector is to be had."""
    nobody = queries.InProcess()

    def away(index: Any) -> Any:
        raise RuntimeError("no encoder")

    nobody.use(away)
    monkeypatch.setattr(queries, "IN_PROCESS", nobody)


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def found(api: APIClient, said: str, **more: Any) -> list[int]:
    return ids(api.get(TASKS_PATH, {"search": said, "page_size": 100} | more))


# --- The pipeline ---------------------------------------------------------------------------------------------------


def test_a_posted_task_is_found_by_its_words_and_by_its_vector(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    logo = post(client_user, title="Logo for a café", description="Simple and modern.")
    post(client_user, title="A shop for the web", description="Basket and payment.")
    pipeline.drain()
    assert pipeline.dead() == []
    answer = api.get(TASKS_PATH, {"search": "logos for cafés"})
    assert (ids(answer)[0], answer.headers["X-Search-Mode"]) == (logo.pk, "hybrid")
    query = query_read("Logo for a café Simple and modern")
    (row, *_) = search_rows(TASKS, asked=query.asked, within=None)
    assert row.id == logo.pk
    assert row.lexical > 0.5
    assert row.cosine is not None
    assert row.cosine > 0.5


def test_a_changed_task_is_found_by_its_new_words_alone(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()
    task_update(actor=client_user, task_id=task.pk, title="Plumbing in a kitchen", description="Pipes.")
    pipeline.drain()
    assert found(api, "plumbing") == [task.pk]
    assert found(api, "café") == []


def test_a_task_is_found_by_words_before_it_has_a_vector(
    api: APIClient, client_user: User, pipeline: Pipeline, encoder: HashedEncoder
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()
    TaskVector.objects.update(vector=None, readable=False, error="NaN")
    assert found(api, "logo café") == [task.pk]
    TaskVector.objects.all().delete()
    assert found(api, "logo café") == [task.pk]


def test_an_older_run_does_not_overwrite_newer_words(client_user: User, pipeline: Pipeline) -> None:
    from ml.text import Mentions
    from multitask.recommendations.selectors import features, search_texts

    task = post(client_user, title="Logo", description="Simple.")
    old = search_texts.task_documents([task.pk], names=features.skill_names(), mentions=Mentions({}))
    task_update(actor=client_user, task_id=task.pk, title="Plumbing")
    pipeline.drain()
    search_index.task_documents_store(made=old)
    assert "plumb" in SearchDocument.objects.get(task=task).words


def test_rows_of_an_old_database_are_indexed_by_the_clock(api: APIClient, pipeline: Pipeline) -> None:
    from django.db import transaction

    from multitask.outbox.emit import emit

    tasks = [TaskFactory(title="Logo", description="Simple") for _ in range(3)]
    person = FreelancerFactory(first_name="Nadia")
    assert found(api, "logo") == []
    with transaction.atomic():
        emit("schedule.search_count", key="schedule:search_count")
    pipeline.drain()
    assert pipeline.dead() == []
    assert sorted(found(api, "logo")) == [task.pk for task in tasks]
    assert ids(api.get("/api/users/", {"search": "nadia"})) == [person.pk]
    SearchDocument.objects.update(text_version="older")
    with transaction.atomic():
        assert search_index.search_fill_ask()
    pipeline.drain()
    with transaction.atomic():
        assert not search_index.search_fill_ask()
    assert not SearchDocument.objects.filter(text_version="older").exists()


def test_words_are_counted_anew_and_what_nobody_says_is_forgotten() -> None:
    tasks = [TaskFactory(title=f"Logo {name}", description="Simple") for name in ("café", "bakery", "garage")]
    index_everything()
    counts = dict(SearchTerm.objects.values_list("term", "documents"))
    assert (counts["logo"], counts["cafe"]) == (3, 1)
    assert (
        counts[""]
        == SearchDocument.objects.count() + User.objects.filter(search_document__isnull=False).count()
    )
    Task.objects.filter(pk=tasks[0].pk).delete()
    SearchTerm.objects.update(counted_at=timezone.now() - timedelta(hours=1))
    assert search_index.counts_are_old()
    search_index.terms_count()
    assert dict(SearchTerm.objects.values_list("term", "documents"))["logo"] == 2
    assert not SearchTerm.objects.filter(term="cafe").exists()


# --- Both languages, any spelling -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("تصميم مواقع", "موقع"),
        ("محتاج مترجم شاطر", "ترجمة"),
        ("مصمم جرافيك", "تصميم"),
        ("تنظيف شقق", "شقة"),
        ("سباك لمستشفى", "مستشفي"),
        ("كتابة مقالات", "الكِتابةُ"),
        ("شاشة ٥٥ بوصة", "55"),
        ("Designing a logo", "designs"),
        ("Node.js API", "node.js"),
        ("C++ lessons", "c++"),
    ],
)
def test_other_forms_and_spellings_of_a_word_find_it(api: APIClient, written: str, asked: str) -> None:
    wanted = TaskFactory(title=written, description="…a")
    TaskFactory(title="Something else", description="nothing")
    index_everything()
    assert found(api, asked) == [wanted.pk]


def test_a_skill_named_in_one_language_is_found_in_the_other(api: APIClient) -> None:
    python = Skill.objects.get(slug="python")
    wanted = TaskFactory(title="محتاج حد يكتب سكريبت", description="بايثون لو سمحت")
    required = TaskFactory(title="محتاج مبرمج", description="شغل بسيط")
    required.required_skills.add(python)
    TaskFactory(title="نقل عفش", description="من الدقي")
    index_everything()
    assert set(found(api, "python")) == {wanted.pk, required.pk}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("plumbr", "plumber"),
        ("kithcen", "kitchen"),
        ("restorant desing", "restaurant design"),
        ("سبااكة مطبح", None),
    ],
)
def test_a_letter_amiss_is_forgiven_and_the_right_word_offered(
    api: APIClient, asked: str, meant: str | None
) -> None:
    wanted = TaskFactory(title="Plumber for the kitchen of a restaurant", description="A design. سباكة مطبخ")
    TaskFactory(title="Something else", description="nothing at all")
    index_everything()
    answer = api.get(TASKS_PATH, {"search": asked})
    assert ids(answer) == [wanted.pk]
    if meant is not None:
        assert answer.json()["did_you_mean"] == meant


def test_a_query_that_is_well_written_is_not_corrected(api: APIClient) -> None:
    TaskFactory(title="Plumber", description="kitchen")
    index_everything()
    assert api.get(TASKS_PATH, {"search": "plumber kitchens"}).json()["did_you_mean"] is None
    assert "did_you_mean" not in api.get(TASKS_PATH).json()


MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640\u200f"
SAME = {
    "ا": "اأإآٱ",
    "ي": "يىیئ",
    "ه": "هة",
    "ك": "كک",
    "و": "وؤ",
    "1": "1١۱",
    "5": "5٥۵",
}


@st.composite
def spellings(draw: Any) -> tuple[str, str]:
    """The same query twice, each letter in any of its spellings, with marks and lengthening between."""
    plain = draw(
        st.sampled_from(["تصميم شعار مطعم", "سباك مستشفي", "ترجمه كتاب 15 صفحه", "اكلات بيتي", "وظيفه مدير"])
    )

    def spelt() -> str:
        letters = []
        for letter in plain:
            letters.append(draw(st.sampled_from(SAME.get(letter, letter))))
            if letter != " " and draw(st.booleans()):
                letters.append(draw(st.sampled_from(MARKS)))
        return "".join(letters)

    return plain, spelt()


@given(spellings())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_spelling_gives_the_same_result_set(pair: tuple[str, str]) -> None:
    if not SearchDocument.objects.exists():
        for title in (
            "تصميم شعار لمطعم",
            "سباك في مستشفى",
            "ترجمة كتاب ١٥ صفحة",
            "أكلات بيتي",
            "وظيفة مدير",
            "Logo",
        ):
            TaskFactory(title=title, description="…a")
        index_everything()
    api = APIClient()
    plain, spelt = pair
    assert found(api, plain)
    assert found(api, spelt) == found(api, plain)


def test_a_query_s_vector_does_not_depend_on_its_spelling(encoder: HashedEncoder) -> None:
    from workers.jobs.vectors import ensure_index

    ensure_index()
    vectors = []
    for said in ("تصميم شعار مكتبة", "تَصميم  شعـار مكتبه", "تصميم شعار مكتبة!"):
        queries.forget()
        cache.clear()
        vectors.append(queries.query_vector(said).vector)
    assert vectors[0] is not None
    assert vectors[0] == vectors[1] == vectors[2]


# --- Order ----------------------------------------------------------------------------------------------------------


def test_words_of_the_title_weigh_more_than_those_of_the_text(api: APIClient) -> None:
    body = TaskFactory(
        title="Work for a shop", description="We also want a logo some day, with all the other things."
    )
    title = TaskFactory(title="Logo", description="For a shop, with all the other things we want.")
    Task.objects.filter(pk=title.pk).update(created_at=timezone.now() - timedelta(days=100))
    index_everything()
    assert found(api, "logo") == [title.pk, body.pk]


def test_relevance_is_the_order_of_a_search_and_another_may_be_asked_for(api: APIClient) -> None:
    best = TaskFactory(title="Logo design", description="logo design", budget=900)
    cheap = TaskFactory(title="Website", description="and perhaps a logo", budget=100)
    index_everything()
    assert found(api, "logo design") == [best.pk, cheap.pk]
    assert found(api, "logo design", ordering="relevance") == [best.pk, cheap.pk]
    assert found(api, "logo design", ordering="budget") == [cheap.pk, best.pk]
    assert found(api, "", ordering="relevance") == [cheap.pk, best.pk]


def _random_market(number: int, rng: random.Random) -> None:
    nouns = ["logo", "website", "kitchen", "translation", "شعار", "موقع", "مطبخ", "ترجمة"]
    categories = list(Category.objects.order_by("pk")[:3])
    for _ in range(number):
        said = rng.sample(nouns, 3)
        TaskFactory(
            title=f"{said[0]} {said[1]}",
            description=f"{said[2]} please please please",
            category=rng.choice(categories),
            budget=rng.choice([100, 500, 900]),
            is_remote=rng.random() < 0.5,
            city=rng.choice(["Cairo", "Giza", ""]),
        )


def _vectors(encoder: HashedEncoder) -> None:
    """A vector for every task, as the pipeline makes them."""
    from multitask.recommendations.services.vectors import task_vectors_store
    from workers.jobs.vectors import _task_texts, ensure_index, make

    index = ensure_index()
    tasks = list(Task.objects.values_list("pk", flat=True))
    task_vectors_store(index=index, made=make(index, _task_texts(index, tasks)), announce=False)


@pytest.mark.parametrize("exact", [True, False])
def test_a_filter_costs_no_rows(
    api: APIClient, encoder: HashedEncoder, monkeypatch: Any, exact: bool
) -> None:
    rng = random.Random(7)
    _random_market(60, rng)
    index_everything()
    _vectors(encoder)
    if not exact:
        monkeypatch.setattr(selector, "uses_ann", lambda *_, **__: True)
        monkeypatch.setattr(selector, "_is_small", lambda *_: False)
    every = {said: found(api, said) for said in ("logo", "website kitchen", "شعار موقع", "please")}
    assert every["please"], "found by the vector alone: it is no word of the index"
    facts = {task.pk: task for task in Task.objects.select_related("category")}
    for _ in range(12):
        category = rng.choice([None, *{task.category.slug for task in facts.values()}])
        remote = rng.choice([None, True, False])
        most = rng.choice([None, 100, 500])
        query = {
            name: value
            for name, value in (
                ("category", category),
                ("is_remote", remote if remote is None else str(remote).lower()),
                ("max_budget", most),
            )
            if value is not None
        }
        for said, whole in every.items():
            wanted = [
                pk
                for pk in whole
                if (category is None or facts[pk].category.slug == category)
                and (remote is None or facts[pk].is_remote == remote)
                and (most is None or facts[pk].budget <= most)
            ]
            answer = api.get(TASKS_PATH, {"search": said, "page_size": 100} | query)
            assert ids(answer) == wanted
            assert answer.json()["count"] == len(wanted)


def test_the_database_and_python_give_the_same_score(encoder: HashedEncoder) -> None:
    _random_market(40, random.Random(3))
    Task.objects.filter(pk__in=list(Task.objects.values_list("pk", flat=True)[:10])).update(
        created_at=timezone.now() - timedelta(days=33), status="CANCELLED"
    )
    index_everything()
    _vectors(encoder)
    User.objects.update(average_rating="3.50")
    TaskVector.objects.filter(pk__in=list(TaskVector.objects.values_list("pk", flat=True)[:5])).delete()
    for said in ("logo website", "شعار", "logo مطبخ translation", "3ayez logo"):
        query = query_read(said)
        rows = search_rows(TASKS, asked=query.asked, within=None)
        assert rows
        tasks = {task.pk: task for task in Task.objects.select_related("client")}
        for row in rows:
            task = tasks[row.id]
            wanted = fusion.fuse(
                query=query.asked.script,
                document=row.script,
                lexical=row.lexical,
                cosine=row.cosine,
                days=(query.asked.now - task.created_at).total_seconds() / 86400,
                is_open=task.status == "OPEN",
                rating=float(task.client.average_rating),
                rarity=query.asked.plan.rarity,
            )
            assert row.score == pytest.approx(wanted, abs=1e-6)
        assert [row.id for row in rows] == [
            row.id for row in sorted(rows, key=lambda one: (-one.score, -one.id))
        ]


def test_pages_of_a_search_fit_together(api: APIClient) -> None:
    for number in range(30):
        TaskFactory(title=f"Logo {number}", description="same words")
    index_everything()
    first = api.get(TASKS_PATH, {"search": "logo", "page_size": 10}).json()
    TaskFactory(title="Logo logo logo", description="logo")
    index_everything()
    seen = [row["id"] for row in first["results"]]
    for page in (2, 3):
        seen += ids(api.get(TASKS_PATH, {"search": "logo", "page_size": 10, "page": page}))
    assert first["count"] == 30
    assert len(set(seen)) == len(seen) == 30
    assert api.get(TASKS_PATH, {"search": "logo", "page": 99}).status_code == 404
    assert len(found(api, "logo")) == 31


def test_the_counts_beside_a_search_are_of_what_it_found(api: APIClient) -> None:
    design = Category.objects.get(slug="design")
    for number in range(3):
        TaskFactory(title=f"Logo {number}", category=design, description="x y")
    TaskFactory(title="Logo site", category=Category.objects.get(slug="programming"), description="x y")
    TaskFactory(title="Other", description="nothing")
    index_everything()
    counts = api.get("/api/tasks/facets/", {"search": "logo"}).json()
    assert counts["count"] == 4
    assert {row["value"]: row["count"] for row in counts["category"]} == {"design": 3, "programming": 1}
    assert api.get("/api/tasks/facets/", {"search": "zzzz"}).json()["count"] == 0


def test_one_s_own_list_is_searched_among_one_s_own(as_user: AsUser, client_user: User) -> None:
    own = TaskFactory(title="Logo", client=client_user)
    TaskFactory(title="Logo of another")
    index_everything()
    answer = as_user(client_user).get("/api/tasks/mine/", {"search": "logo"})
    assert ids(answer) == [own.pk]
    assert answer.json()["results"][0]["highlights"]["title"] == "<mark>Logo</mark>"


# --- Highlights -----------------------------------------------------------------------------------------------------


def test_what_was_found_is_marked_in_the_original_and_everything_is_escaped(api: APIClient) -> None:
    TaskFactory(
        title="مصمّم شعارات <b>محترف</b>", description="Filler. " * 60 + "محتاج تَصميم شعار & logos & more"
    )
    index_everything()
    (row,) = api.get(TASKS_PATH, {"search": "تصميم شعار logo"}).json()["results"]
    marked = row["highlights"]
    assert marked["title"] == "<mark>مصمّم</mark> <mark>شعارات</mark> &lt;b&gt;محترف&lt;/b&gt;"
    assert "<mark>تَصميم</mark> <mark>شعار</mark> &amp; <mark>logos</mark> &amp; more" in marked["description"]
    assert len(marked["description"]) < 400
    assert api.get(TASKS_PATH).json()["results"][0]["highlights"] is None


# --- Modes and failures ---------------------------------------------------------------------------------------------


def test_without_a_vector_the_words_answer_and_say_so(
    api: APIClient, client_user: User, pipeline: Pipeline, words_alone: None
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()
    answer = api.get(TASKS_PATH, {"search": "logo"})
    assert (ids(answer), answer.headers["X-Search-Mode"]) == ([task.pk], "lexical")
    assert "X-Search-Mode" not in api.get(TASKS_PATH).headers


@pytest.mark.parametrize("vector", [[float("nan")] * 384, [0.0] * 384, [1.0] * 7, [], None])
def test_a_vector_that_is_none_is_not_used(
    api: APIClient, client_user: User, pipeline: Pipeline, monkeypatch: Any, vector: Any
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()

    class Odd:
        def encode(self, text: str) -> Any:
            return vector

    queries.IN_PROCESS.use(lambda index: Odd())
    cache.clear()
    answer = api.get(TASKS_PATH, {"search": "logo café of odd vectors"})
    assert (ids(answer), answer.headers["X-Search-Mode"]) == ([task.pk], "lexical")


def test_a_vector_of_zeros_in_the_index_does_not_come_first(api: APIClient, encoder: HashedEncoder) -> None:
    logo, other = (
        TaskFactory(title="Logo", description="aa"),
        TaskFactory(title="Other logo thing", description="bb"),
    )
    index_everything()
    _vectors(encoder)
    TaskVector.objects.filter(task=other).update(vector=[0.0] * 384)
    assert found(api, "logo") == [logo.pk, other.pk]


def test_a_statement_that_takes_too_long_leaves_the_words_or_nothing_and_no_error(
    api: APIClient, client_user: User, pipeline: Pipeline, monkeypatch: Any
) -> None:
    task = post(client_user, title="Logo", description="Simple.")
    pipeline.drain()
    real = service.search_rows

    def slow(source: Any, *, asked: Any, within: Any) -> Any:
        if asked.vector is not None:
            raise TookTooLong("limit")
        return real(source, asked=asked, within=within)

    monkeypatch.setattr(service, "search_rows", slow)
    answer = api.get(TASKS_PATH, {"search": "logo"})
    assert (ids(answer), answer.headers["X-Search-Mode"]) == ([task.pk], "lexical")

    def slower(*_: Any, **__: Any) -> Any:
        raise TookTooLong("limit")

    monkeypatch.setattr(service, "search_rows", slower)
    assert found(api, "logo") == []


def test_a_search_statement_is_ended_at_its_limit(monkeypatch: Any) -> None:
    TaskFactory(title="Logo")
    index_everything()
    monkeypatch.setattr(selector, "STATEMENT_MS", 100)
    monkeypatch.setattr(
        selector, "_SQL", selector._SQL.replace("ORDER BY score", "ORDER BY pg_sleep(3) IS NULL, score")
    )
    with pytest.raises(TookTooLong):
        search_rows(TASKS, asked=query_read("logo").asked, within=None)


ODD = [
    "a",
    "ب",
    "x" * 10_000,
    "logo " * 2_000,
    "🎉🎉🎉",
    "the of and",
    "محتاج من في",
    "logo & design | ! ( ) : * <-> 'a'",
    "'; DROP TABLE tasks_task; --",
    "\\' \\\\ '",
    "%s %(x)s %",
    "\u202elogo\u202c \u200f\u200e\ufeff",
    "logo:* & !shop",
    "~رجم ~~",
    "\ud800",
    "_ % \t\n",
    "١٢٣٤٥",
    "-1e400",
    '{} [] ""',
]


@pytest.mark.parametrize("said", ODD, ids=lambda said: ascii(said)[:20])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (TASKS_PATH, "search"),
        ("/api/tasks/facets/", "search"),
        ("/api/users/", "search"),
        ("/api/skills/", "search"),
        ("/api/search/", "q"),
        ("/api/search/suggestions/", "q"),
    ],
)
def test_whatever_is_searched_for_is_answered(api: APIClient, path: str, name: str, said: str) -> None:
    if not Task.objects.exists():
        TaskFactory(title="Logo design", description="Shop")
        index_everything()
    answer = api.get(f"{path}?{name}={_quoted(said)}")
    assert answer.status_code in {200, 400}, answer.content[:300]
    answer = api.get(f"{path}?{name}=%00logo")
    assert answer.status_code in {200, 400}


def _quoted(said: str) -> str:
    from urllib.parse import quote

    return quote(said, errors="surrogatepass")


def test_what_is_searched_for_is_taken_by_its_words_and_not_as_operators(api: APIClient) -> None:
    task = TaskFactory(title="Logo design", description="Shop")
    index_everything()
    for said in ("logo & !design", "logo'; DROP TABLE x; --", "(logo", "logo:*", "\u202elogo\u202c"):
        assert found(api, said) == [task.pk], said


# --- Everything, people, skills, suggestions ------------------------------------------------------------------------


def test_one_search_gives_each_kind_apart(api: APIClient) -> None:
    python = Skill.objects.get(slug="python")
    task = TaskFactory(title="Python script", description="a")
    service_offer = TaskFactory(
        title="I write Python", description="a", client=FreelancerFactory(), listing_type="service_offer"
    )
    TaskFactory(title="Python long ago", description="a", status="CANCELLED")
    person = FreelancerFactory(bio="Ten years of it")
    UserSkillFactory(user=person, skill=python)
    index_everything()
    for said in ("python", "بايثون", "pyhton"):
        body = api.get("/api/search/", {"q": said}).json()
        assert [row["id"] for row in body["tasks"]] == [task.pk], said
        assert [row["id"] for row in body["services"]] == [service_offer.pk], said
        assert [row["id"] for row in body["freelancers"]] == [person.pk], said
        assert body["skills"][0]["slug"] == "python", said
        assert body["mode"] == "lexical"
    assert body["did_you_mean"] == "python"
    for query in ("", "q=", "q=%20", "q=a&limit=0", "q=a&limit=21", "q=a&limit=x"):
        assert api.get(f"/api/search/?{query}").status_code == 400, query


def test_a_search_over_everything_costs_the_same_queries_however_much_is_found(api: APIClient) -> None:
    numbers = []
    for _ in range(2):
        for _ in range(6):
            TaskFactory(title="Logo", description="a")
            TaskFactory(
                title="Logo",
                description="a",
                client=FreelancerFactory(bio="logo"),
                listing_type="service_offer",
            )
        index_everything()
        for path in ("/api/search/?q=logo&limit=20", "/api/tasks/?search=logo", "/api/users/?search=logo"):
            api.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert api.get(path).status_code == 200
            numbers.append(len(captured))
    assert numbers[:3] == numbers[3:]
    assert max(numbers) <= 30


def test_people_are_no_longer_found_once_they_take_no_work(api: APIClient, pipeline: Pipeline) -> None:
    from multitask.accounts.services.users import user_change

    person = join("freelancer", first_name="Zahra", bio="calligraphy")
    pipeline.drain()
    assert ids(api.get("/api/users/", {"search": "calligraphy"})) == [person.pk]
    assert ids(api.get("/api/users/", {"search": "caligraphy زهرة"})) == [person.pk]
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert ids(api.get("/api/users/", {"search": "calligraphy"})) == []
    User.objects.filter(pk=person.pk).update(is_active=True)
    user_change(actor=User.objects.get(pk=person.pk), user_type="client")
    pipeline.drain()
    assert ids(api.get("/api/users/", {"search": "calligraphy"})) == []


@pytest.mark.parametrize("said", ["python", "pyth", "بايثون", "البايثون", "pyhton", "Pythn", "PYTHON"])
def test_a_skill_is_found_in_either_language_and_nearly_any_spelling(api: APIClient, said: str) -> None:
    rows = api.get("/api/skills/", {"search": said}).json()["results"]
    assert rows[0]["slug"] == "python"


def test_suggestions_follow_what_is_typed_in_its_script(api: APIClient) -> None:
    for _ in range(3):
        TaskFactory(title="Logo for a restaurant", description="a")
    TaskFactory(title="تصميم شعار لمطعم", description="أ")
    index_everything()

    def suggested(typed: str) -> list[tuple[str, str]]:
        rows = api.get("/api/search/suggestions/", {"q": typed}).json()["suggestions"]
        return [(row["text"], row["kind"]) for row in rows]

    assert ("Logo for a restaurant", "phrase") in suggested("logo f")
    assert any(kind == "skill" for _, kind in suggested("pyth"))
    assert ("تصميم شعار", "phrase") in suggested("تَصميم ش")
    assert all(text for text, _ in suggested("تص"))
    assert len(suggested("l")) <= 8
    assert suggested("") == suggested("🎉") == []


def test_suggestions_cost_three_queries(api: APIClient) -> None:
    TaskFactory(title="Logo", description="a")
    index_everything()
    api.get("/api/search/suggestions/", {"q": "lo"})
    with CaptureQueriesContext(connection) as captured:
        api.get("/api/search/suggestions/", {"q": "lo"})
    assert len(captured) == 3


def test_of_equals_those_of_the_asker_s_own_city_come_first(api: APIClient) -> None:
    far = TaskFactory(title="Wooden shelves", description="Two shelves.", city="أسوان")
    near = TaskFactory(title="Wooden shelves", description="Two shelves.", city="الجيزة")
    newest = TaskFactory(title="Wooden shelves", description="Two shelves.", city="Luxor")
    index_everything()
    assert found(api, "shelves")[0] == newest.pk
    api.force_authenticate(UserFactory(city="Giza"))
    assert found(api, "shelves")[0] == near.pk
    api.force_authenticate(UserFactory(city="Aswan"))
    assert found(api, "shelves")[0] == far.pk
    api.force_authenticate(UserFactory(city=""))
    assert found(api, "shelves")[0] == newest.pk
