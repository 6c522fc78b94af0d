from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from multitask.accounts.models import User
from multitask.accounts.services.users import user_register
from multitask.exchange.tests.helpers import run_import
from multitask.outbox.models import OutboxEvent
from multitask.tasks.models import Task

pytestmark = pytest.mark.django_db

ARABIC = """title,description,budget_usd,duration
تصميم شعار لمخبز,"مطلوب شعار بسيط لمخبز في طنطا، مع ملفات مفتوحة",$50.00 - $100.00,10 أيام
ترجمة كتيب,نحتاج ترجمة من العربية إلى الإنجليزية لكتيب من عشرين صفحة,$٢٥,5 أيام
"""
ENGLISH = """Title,Description,Category,Subcategory,Budget,Currency,Place,Pricing
Fix a WordPress shop,The checkout page of our candle shop is broken.,Technology & Programming,Web,250.0,GBP,remote,fixed
Something odd,Please help us to count pebbles on a beach.,Pebbles,Beach,"1,000",EUR,remote,fixed
Too dear,A palace of many rooms to be drawn by an architect.,Design,Buildings,99999999,USD,remote,fixed
"""
SKILLS_ONLY = """title,budget,pricing,level,skills
Small tool for our stock room,,Hourly,Expert,"Python, Django, Levitation, +3"
Landing page,$150.00,Fixed price,Intermediate,"React, HTML"
"""


def _file(path: Path, text: str | bytes, name: str = "in.csv") -> Path:
    file = path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return file


def test_arabic_rows_become_tasks_with_the_mean_of_a_budget_in_pounds(tmp_path: Path) -> None:
    result = run_import(_file(tmp_path, ARABIC), "--csv", "--rate", "USD=40")
    assert (result.status, result.errors) == (0, [])
    logo = Task.objects.get(title="تصميم شعار لمخبز")
    assert (logo.budget, logo.category.slug, logo.estimated_duration) == (Decimal(3000), "design", "10 أيام")
    assert (logo.client.username, logo.status, logo.is_remote) == ("importer", "OPEN", True)
    booklet = Task.objects.get(title="ترجمة كتيب")
    assert (booklet.budget, booklet.category.slug) == (Decimal(1000), "writing")
    assert OutboxEvent.objects.filter(topic="task.created").count() == 2


def test_english_rows_find_their_category_and_keep_within_the_range_of_budgets(tmp_path: Path) -> None:
    assert run_import(_file(tmp_path, ENGLISH), "--csv").errors == []
    found = {
        task.title: (task.category.slug, task.budget) for task in Task.objects.select_related("category")
    }
    assert found == {
        "Fix a WordPress shop": ("programming", Decimal(16250)),
        "Something odd": ("other", Decimal(55000)),
        "Too dear": ("design", Decimal(10_000_000)),
    }


def test_a_row_without_description_is_described_by_title_and_skills(tmp_path: Path) -> None:
    assert run_import(_file(tmp_path, SKILLS_ONLY), "--csv", "--default-budget", "800").errors == []
    tool = Task.objects.get(title="Small tool for our stock room")
    assert tool.budget == Decimal(800)
    assert "Python, Django" in tool.description
    assert set(tool.required_skills.values_list("slug", flat=True)) == {"python", "django"}


def test_importing_a_csv_file_again_changes_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, ENGLISH)
    run_import(path, "--csv")
    events = OutboxEvent.objects.count()
    assert run_import(path, "--csv").status == 0
    assert (Task.objects.count(), User.objects.count(), OutboxEvent.objects.count()) == (3, 1, events)


def test_a_dry_run_of_a_csv_file_does_not_even_make_the_importer(tmp_path: Path) -> None:
    assert run_import(_file(tmp_path, ENGLISH), "--csv", "--dry-run").status == 0
    assert (Task.objects.count(), User.objects.count(), OutboxEvent.objects.count()) == (0, 0, 0)


def test_the_named_client_posts_the_rows_in_the_named_category(tmp_path: Path) -> None:
    user_register(username="noha", email="noha@example.com", password=None)
    run_import(_file(tmp_path, ENGLISH), "--csv", "--client", "noha", "--category", "Writing & Translation")
    assert set(Task.objects.values_list("client__username", "category__slug")) == {("noha", "writing")}


def test_broken_rows_are_listed_while_the_rest_goes_in(tmp_path: Path) -> None:
    rows = [
        b"title,description,budget,currency",
        b"Good,A good description of work,100,EGP",
        b"Cut short,A desc",
        b"Bad bytes,\xff\xfe\xfa,100,EGP",
        b"Strange money,A fair description,a lot,EGP",
        b"Far money,A fair description,100,XAU",
        b"No words,!!! ???,100,EGP",
        b"Long," + b"x" * 5_000_000 + b",100,EGP",
        b'Quoted,"A description\nof two lines",100,EGP',
    ]
    result = run_import(_file(tmp_path, b"\n".join(rows)), "--csv")
    assert result.status == 1
    assert result.codes == [
        (3, "columns"),
        (4, "bad_utf8"),
        (5, "bad_budget"),
        (6, "unknown_currency"),
        (7, "no_words"),
        (8, "columns"),
    ]
    assert set(Task.objects.values_list("title", flat=True)) == {"Good", "Quoted"}


def test_a_quote_that_is_never_closed_is_an_error_not_a_crash(tmp_path: Path) -> None:
    rows = ["title,description", "Good,A good description", 'Bad,"no end'] + ["x" * 1000] * 1200
    result = run_import(_file(tmp_path, "\n".join(rows)), "--csv")
    assert result.status == 1
    assert result.codes[0] == (3, "bad_row")
    assert Task.objects.get().title == "Good"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title;description\nLogo;A logo\n", "--delimiter ';'"),
        ("title\tdescription\nLogo\tA logo\n", "--delimiter '\\t'"),
        ("name,text\nLogo,A logo\n", "no column `title`"),
        (b"PK\x03\x04\0\0", "not a text file"),
    ],
)
def test_a_file_without_a_title_column_is_refused_whole(tmp_path: Path, text: str | bytes, said: str) -> None:
    result = run_import(_file(tmp_path, text), "--csv")
    assert result.status == 2
    assert said in result.output
    assert not User.objects.exists()


def test_another_delimiter_is_taken_when_named(tmp_path: Path) -> None:
    path = _file(tmp_path, "title\tdescription\nLogo\tA logo for a bakery\n")
    assert run_import(path, "--csv", "--delimiter", "\\t").status == 0
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--client", "nobody"),
        ("--category", "nothing"),
        ("--rate", "USD"),
        ("--rate", "USD=x"),
        ("--default-budget", "1"),
        ("--delimiter", "ab"),
    ],
)
def test_an_option_that_cannot_be_used_stops_before_anything_is_written(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run_import(_file(tmp_path, ENGLISH), "--csv", *options)
    assert result.status == 1
    assert options[0].removeprefix("--") in result.output or "There" in result.output
    assert (Task.objects.count(), User.objects.count()) == (0, 0)
