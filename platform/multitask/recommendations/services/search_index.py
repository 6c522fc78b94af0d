"""Keep what search reads: the documents, the vocabulary with its counts, and the phrases that are suggested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone
from pgvector import SparseVector

from ml import search
from ml.text import normalise
from multitask.outbox.emit import emit
from multitask.recommendations.models import PersonDocument, SearchDocument, SearchPhrase, SearchTerm
from multitask.recommendations.selectors import search_texts
from multitask.recommendations.selectors.search import quoted
from multitask.recommendations.selectors.search_texts import WORDS_VERSION, Indexed
from multitask.recommendations.selectors.vocabulary import TOTAL
from multitask.tasks.models import Task

# Phrases come from this many of the newest titles.
TITLES = 20_000
PHRASES = 20_000
PHRASE_WORDS = 4
# Counts are made anew where the documents have become this many times more or fewer.
GROWTH = 1.05
COUNTED_FOR = timedelta(days=1)
# Statements of the vocabulary read every document, which at a million takes more than a request may.
COUNT_MS = 90_000

_STORE = """
    INSERT INTO recommendations_{table} AS old ({key}, words, terms, script, text_version, updated_at{more})
    SELECT id, %s::tsvector, %s::sparsevec, %s, %s, now(){given} FROM {base} WHERE id = %s
    ON CONFLICT ({key}) DO UPDATE SET words = EXCLUDED.words, terms = EXCLUDED.terms, script = EXCLUDED.script,
        text_version = EXCLUDED.text_version, updated_at = now(){taken}
"""
_STORE_TASK = _STORE.format(
    table="searchdocument",
    key="task_id",
    base="tasks_task",
    more=", content_version",
    given=", %s",
    taken=", content_version = EXCLUDED.content_version WHERE old.content_version <= EXCLUDED.content_version",
)
_STORE_PERSON = _STORE.format(
    table="persondocument",
    key="user_id",
    base="accounts_user",
    more=", read_at",
    given=", %s",
    taken=", read_at = EXCLUDED.read_at",
)


def task_documents_store(*, made: Sequence[Indexed]) -> None:
    """Keep the words of tasks, the newest content winning, and make their words known. Inside a transaction."""
    with connection.cursor() as cursor:
        for one in sorted(made, key=lambda row: row.id):
            cursor.execute(_STORE_TASK, [*_columns(one), one.version, one.id])
    terms_add(made)


def person_documents_store(*, made: Sequence[Indexed]) -> None:
    """Keep the words of freelancers. Inside a transaction."""
    with connection.cursor() as cursor:
        for one in sorted(made, key=lambda row: row.id):
            cursor.execute(_STORE_PERSON, [*_columns(one), one.version, one.id])
    terms_add(made)


def _columns(one: Indexed) -> list[str]:
    document = one.document
    row = SparseVector(document.terms, search.TERM_DIMENSIONS).to_text()
    return [words_literal(document.words), str(row), document.script, WORDS_VERSION]


def words_literal(words: dict[str, str]) -> str:
    """{lexeme: field} as PostgreSQL writes a tsvector; the text's own words carry no mark, which keeps rows small."""
    return " ".join(
        f"{quoted(lexeme)}:1{field}" if field in "AB" else quoted(lexeme) for lexeme, field in words.items()
    )


def person_documents_drop(*, ids: Sequence[int]) -> None:
    """Forget the words of people who take no work any more."""
    PersonDocument.objects.filter(user__in=ids).delete()


def terms_add(made: Iterable[Indexed]) -> None:
    """Make new words known at once, so that none of them is taken for a spelling mistake; counting comes later."""
    written: dict[str, str] = {}
    for one in made:
        for lexeme in one.document.words:
            written.setdefault(lexeme, one.written.get(lexeme, ""))
    rows = [_term(lexeme, shown) for lexeme, shown in sorted(written.items())]
    # In the order of the words: of two jobs that bring the same new ones, the later waits for the earlier.
    SearchTerm.objects.bulk_create(rows, ignore_conflicts=True)


def _term(lexeme: str, shown: str) -> SearchTerm:
    near: set[int] = set()
    if not lexeme.startswith(search.SKELETON_MARK):
        near = search.deletion_keys(lexeme)
        if shown:
            near |= search.deletion_keys(normalise(shown))
    return SearchTerm(term=lexeme, written=[shown] if shown else [], near=sorted(near))


# --- What a beat job keeps -----------------------------------------------------------------------------------------


def counts_are_old() -> bool:
    """Whether the documents have become a twentieth more or fewer since their words were counted, or a day has passed."""
    row = SearchTerm.objects.filter(term=TOTAL).first()
    now = SearchDocument.objects.count() + PersonDocument.objects.count()
    if row is None:
        return now > 0
    if row.counted_at < timezone.now() - COUNTED_FOR:
        return True
    return now > GROWTH * row.documents or row.documents > GROWTH * now


def terms_count() -> int:
    """Count anew in how many documents each word is, and forget the words that are in none. Returns how many there are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(COUNT_MS)])
        cursor.execute(
            """
            WITH counted AS (
                SELECT word, sum(ndoc)::int AS documents FROM (
                    SELECT word, ndoc FROM ts_stat('SELECT words FROM recommendations_searchdocument')
                    UNION ALL
                    SELECT word, ndoc FROM ts_stat('SELECT words FROM recommendations_persondocument')
                ) AS both_kinds GROUP BY word
                UNION ALL
                SELECT '', (SELECT count(*) FROM recommendations_searchdocument)::int
                         + (SELECT count(*) FROM recommendations_persondocument)::int
            ), kept AS (
                INSERT INTO recommendations_searchterm AS old (term, documents, written, near, counted_at)
                SELECT word, documents, '{}', '{}', now() FROM counted ORDER BY word
                ON CONFLICT (term) DO UPDATE SET documents = EXCLUDED.documents, counted_at = now()
                    WHERE old.documents <> EXCLUDED.documents OR old.term = ''
                RETURNING 1
            ), gone AS (
                DELETE FROM recommendations_searchterm old
                WHERE old.counted_at < now() - interval '10 minutes'
                  AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.word = old.term)
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM counted) - 1, (SELECT count(*) FROM kept), (SELECT count(*) FROM gone)
            """
        )
        return int(cursor.fetchone()[0])


def phrases_refresh() -> int:
    """Gather anew what is suggested: one to four neighbours of the newest titles. Returns how many phrases there are."""
    titles = list(Task.objects.order_by("-pk").values_list("title", flat=True)[:TITLES])
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for title in titles:
        for key, phrase in title_phrases(title):
            counts[key] += 1
            shown.setdefault(key, phrase)
    least = 1 if len(titles) < TITLES // 20 else 2
    best = [
        SearchPhrase(key=key, shown=shown[key], documents=number)
        for key, number in islice(counts.most_common(), PHRASES)
        if number >= least
    ]
    with transaction.atomic():
        SearchPhrase.objects.all().delete()
        SearchPhrase.objects.bulk_create(best, batch_size=2_000)
    return len(best)


def title_phrases(title: str) -> list[tuple[str, str]]:
    """(key, as written) of one to four neighbouring words of a title, none of which begins or ends with a filler."""
    found = search.spans(title)
    phrases: dict[str, str] = {}
    for first in range(len(found)):
        for last in range(first, min(first + PHRASE_WORDS, len(found))):
            said = title[found[first].start : found[last].end].strip(" .-_'’ـ")
            key = normalise(said)
            # A stretch with too many fillers between is no phrase.
            if 2 <= len(key) <= 100 and len(key.split()) <= PHRASE_WORDS + 1 and len(said) <= 100:
                phrases.setdefault(key, said)
    return list(phrases.items())


def search_fill_ask() -> bool:
    """Ask for the documents that are missing, stale or left over. Inside a transaction. Whether there are any."""
    behind = bool(
        search_texts.tasks_unread(limit=1)
        or search_texts.people_unread(limit=1)
        or search_texts.people_gone(limit=1)
    )
    if behind:
        emit("search.behind", key="search")
    return behind
