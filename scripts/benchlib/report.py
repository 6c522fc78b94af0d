"""The figures as tables, on a terminal and in Markdown, and the targets with what was reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchlib.numbers import ratio
from benchlib.report_chat import chat_sheet
from benchlib.report_chat import targets as chat_targets
from benchlib.report_digests import digests_sheet
from benchlib.report_digests import targets as digest_targets
from benchlib.report_router import router_sheet
from benchlib.report_router import targets as router_targets
from benchlib.report_sockets import sockets_sheet
from benchlib.report_sockets import targets as socket_targets
from benchlib.report_web import targets as web_targets
from benchlib.report_web import web_sheet
from benchlib.tables import Sheet, Target

LIST_TIMES = 20.0
ENCODING_TIMES = 1.5
COSINE = 0.999
PIPELINE_SHARE = 0.5
POST_SECONDS = (1.0, 5.0)
LIST_GROWTH = 1.5
TARGET_POINT = (10_000, 1_000)
API_TIMES = 3.0
API_GROWTH = 1.3
SEARCH_TIMES = 2.5
SEARCH_TARGET = 100_000
SEARCH_GROWTH = (10_000, 100_000, 3.0)
PLACE_GROWTH = (1_000, 100_000, 5.0)
SEARCH_RECALL = 0.95
SUGGESTIONS_MS = 20.0

COMPUTED_NAMES = {
    "as_described": "as described",
    "stored_vectors_all_open": "stored vectors, every open task",
    "stored_vectors_matching_skills": "stored vectors, tasks sharing a skill",
}
API_WAYS = {
    "floor": "floor",
    "list": "list",
    "list_filtered": "list, filtered and ordered",
    "list_open": "list, open, page 3",
    "facets": "counts",
    "facets_filtered": "counts, filtered",
    "detail": "detail",
}
WAYS = {
    "bare_defaults": "bare Celery, its defaults",
    "bare_same_settings": "bare Celery, our settings",
    "outbox_batch_1": "outbox, 1 a message",
    "outbox_batch_32": "outbox, up to 32 a message",
    "outbox_batch_1_one_commit": "outbox, 1 a message, one commit",
    "outbox_batch_32_one_commit": "outbox, up to 32 a message, one commit",
}


def targets(sections: dict[str, Any], *, central: tuple[int, int]) -> list[dict[str, Any]]:
    """Each promise that was measured: name, figure, target, met. `central`: the size to judge where the promised one is not among those measured."""
    found = [*_encoding(sections.get("encoding")), *_pipeline(sections.get("pipeline"))]
    found += [*_api(sections.get("api")), *_search(sections.get("search"))]
    found += [*_lists(sections.get("list"), central), *_place(sections.get("place"))]
    found += [
        *_post(sections.get("post")),
        *socket_targets(sections.get("sockets")),
        *digest_targets(sections.get("digests")),
        *chat_targets(sections.get("chat")),
        *web_targets(sections.get("web")),
        *router_targets(sections.get("router")),
    ]
    return [target.as_json() for target in found]


def _encoding(section: dict[str, Any] | None) -> Iterator[Target]:
    for threads, one in (section or {}).get("by_threads", {}).items():
        many = "1 thread" if threads == "1" else f"{threads} threads"
        yield Target(f"encoding, {many}: times the plain call", one["times_faster"], ENCODING_TIMES)
        yield Target(f"encoding, {many}: least cosine to the plain call", one["cosine_min"], COSINE)


def _pipeline(section: dict[str, Any] | None) -> Iterator[Target]:
    if section is None:
        return
    rates = section["events_per_second"]
    for way in (
        "outbox_batch_1",
        "outbox_batch_32",
        "outbox_batch_1_one_commit",
        "outbox_batch_32_one_commit",
    ):
        for bare in ("bare_defaults", "bare_same_settings"):
            share = ratio(rates[way], rates[bare])
            yield Target(f"pipeline: {WAYS[way]} / {WAYS[bare]}", share, PIPELINE_SHARE)


def _lists(found: list[dict[str, Any]] | None, central: tuple[int, int]) -> Iterator[Target]:
    if not found:
        return
    measured = {(one["tasks"], one["users"]): one for one in found}
    chosen = measured.get(TARGET_POINT) or measured.get(central) or found[-1]
    where = f"{chosen['tasks']:,} tasks, {chosen['users']:,} users"
    for name, words in COMPUTED_NAMES.items():
        yield Target(
            f"list read, {where}: times computing it, {words}", chosen["times_faster"][name], LIST_TIMES
        )
    along = [one for one in found if one["users"] == chosen["users"]]
    if len(along) > 1:
        grown = ratio(along[-1]["read_ms"]["p50"], along[0]["read_ms"]["p50"])
        name = f"list read: p50 at {along[-1]['tasks']:,} tasks / at {along[0]['tasks']:,}"
        yield Target(name, grown, LIST_GROWTH, most=True)


def _api(found: list[dict[str, Any]] | None) -> Iterator[Target]:
    if not found:
        return
    first, last = found[0], found[-1]
    for way, words in API_WAYS.items():
        if way == "floor":
            continue
        times = max(one["times_floor"][way] for one in found)
        yield Target(f"api, {words}: times the floor, the most of any size", times, API_TIMES, most=True)
        if len(found) > 1:
            # In floors of the same minute: another program on the machine slows both.
            grown = ratio(last["times_floor"][way], first["times_floor"][way])
            name = f"api, {words}: p50 in floors at {last['tasks']:,} tasks / at {first['tasks']:,}"
            yield Target(name, grown, API_GROWTH, most=True)


def _search(found: list[dict[str, Any]] | None) -> Iterator[Target]:
    if not found:
        return
    sizes = {one["tasks"]: one for one in found}
    judged = sizes.get(SEARCH_TARGET, found[-1])
    name = f"search: p95 at {judged['tasks']:,} tasks / of full text alone"
    yield Target(name, judged["times_full_text_p95"], SEARCH_TIMES, most=True)
    few, many, times = SEARCH_GROWTH
    if few in sizes and many in sizes:
        grown = ratio(sizes[many]["ms"]["search"]["p95"], sizes[few]["ms"]["search"]["p95"])
        yield Target(f"search: p95 at {many:,} tasks / at {few:,}", grown, times, most=True)
    for where in ("all", "one in nine"):
        least = min(one["recall"][where] for one in found)
        yield Target(f"search: recall@10 of the index, {where}", least, SEARCH_RECALL)
    slowest = max(one["ms"]["suggestions"]["p95"] for one in found)
    yield Target("suggestions: p95 in ms, the most of any size", slowest, SUGGESTIONS_MS, most=True)


def _place(found: list[dict[str, Any]] | None) -> Iterator[Target]:
    few, many, times = PLACE_GROWTH
    sizes = {one["users"]: one for one in found or ()}
    if few in sizes and many in sizes:
        grown = ratio(sizes[many]["ms"]["p50"], sizes[few]["ms"]["p50"])
        yield Target(f"placing a task: p50 at {many:,} users / at {few:,}", grown, times, most=True)


def _post(section: dict[str, Any] | None) -> Iterator[Target]:
    if section is None:
        return
    seconds = round(section["both_ms"]["p95"] / 1000.0, 3)
    for wanted, word in zip(POST_SECONDS, ("the aim", "at the latest"), strict=True):
        yield Target(f"post to list and notification: p95 in seconds ({word})", seconds, wanted, most=True)


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """Every table of a result, the targets last."""
    sections = result["sections"]
    makers: dict[str, Callable[[Any], Sheet]] = {
        "encoding": _encoding_sheet,
        "pipeline": _pipeline_sheet,
        "api": _api_sheet,
        "search": _search_sheet,
        "list": _list_sheet,
        "place": _place_sheet,
        "post": _post_sheet,
        "recompute": _recompute_sheet,
        "sockets": sockets_sheet,
        "digests": digests_sheet,
        "chat": chat_sheet,
        "web": web_sheet,
        "router": router_sheet,
    }
    found = [make(sections[name]) for name, make in makers.items() if name in sections]
    rows = [
        (one["name"], f"{one['figure']:g}", one["target"], "met" if one["met"] else "NOT MET")
        for one in result["targets"]
    ]
    return [*found, Sheet("Targets", ("what", "measured", "target", ""), rows)] if rows else found


def _encoding_sheet(section: dict[str, Any]) -> Sheet:
    rows = [
        (
            threads,
            f"{one['texts_per_second']:,}",
            f"{one['plain_texts_per_second']:,}",
            f"{one['times_faster']}",
            f"{one['times_less_cpu']}",
            f"{one['cosine_min']:.6f} / {one['cosine_mean']:.6f}",
        )
        for threads, one in section["by_threads"].items()
    ]
    length = section["characters"]
    note = (
        f"{section['texts']} texts ({section['source']}) of {length['least']} to {length['most']} characters, median "
        f"{length['median']}; the median of {section['rounds']} rounds, both in turns in one process."
    )
    columns = (
        "threads",
        "Encoder, texts/s",
        "plain encode, texts/s",
        "times",
        "times less CPU",
        "cosine least / mean",
    )
    return Sheet("Encoding", columns, rows, note)


def _pipeline_sheet(section: dict[str, Any]) -> Sheet:
    rates, waits = section["events_per_second"], section["commit_to_done_ms"]
    rows = []
    for way, words in WAYS.items():
        wait = waits.get(way)
        rows.append(
            (
                words,
                f"{rates[way]:,}",
                f"{ratio(rates[way], rates['bare_defaults'])}",
                f"{ratio(rates[way], rates['bare_same_settings'])}",
                f"{wait['p50']}" if wait else "",
                f"{wait['p95']}" if wait else "",
            )
        )
    note = (
        f"{section['events']:,} events, the median of {section['rounds']} rounds, all ways in turns, "
        f"{section['worker_processes']} worker processes each; latency at {section['paced_per_second']:g} events/s. "
        f"{section['note']}"
    )
    columns = ("way", "events/s", "of bare, defaults", "of bare, our settings", "to done p50 ms", "p95 ms")
    return Sheet("Pipeline", columns, rows, note)


def _api_sheet(found: list[dict[str, Any]]) -> Sheet:
    rows = []
    for one in found:
        cells = [f"{one['ms']['floor']['p50']} / {one['ms']['floor']['p95']}"]
        for way in API_WAYS:
            if way != "floor":
                summary = one["ms"][way]
                cells.append(f"{summary['p50']} / {summary['p95']} ({one['times_floor'][way]:g}×)")
        cold = one["cold_ms"]
        rows.append((f"{one['tasks']:,}", *cells, f"{cold['list']['p50']}", f"{cold['facets']['p50']}"))
    note = (
        "Milliseconds of GET through middleware, login, serializers and log, without the socket: p50 / p95 (times the "
        "floor's p50), all ways in turns. The floor is an authenticated view that reads one row by its key. Cold: the "
        "one request in FACETS_CACHE_SECONDS that counts a list of more than 1,000."
    )
    columns = ("tasks", *API_WAYS.values(), "list, cold", "counts, cold")
    return Sheet("API", columns, rows, note)


def _search_sheet(found: list[dict[str, Any]]) -> Sheet:
    rows = []
    for one in found:
        cells = [
            f"{one['ms'][way]['p50']} / {one['ms'][way]['p95']}"
            for way in ("full_text", "search", "filtered", "suggestions")
        ]
        built = one["built"]
        rows.append(
            (
                f"{one['tasks']:,}",
                *cells,
                f"{one['times_full_text_p95']:g}×",
                f"{one['bm25s']['ms']['p50']} / {one['bm25s']['ms']['p95']}",
                f"{one['recall']['all']:g} / {one['recall']['one in nine']:g}",
                f"{built['seconds']['documents']:g} / {built['seconds']['vectors_and_index']:g}",
                f"{built['megabytes']['searchdocument']:g} / {built['megabytes']['taskvector']:g}",
            )
        )
    encoding = found[-1]["encoding_ms"]
    note = (
        "Milliseconds of GET without the socket, p50 / p95, all ways in turns: one to three words of titles, one query in "
        "ten misspelt. Full text alone: to_tsvector of both languages in a column with a GIN index, the twelve best by "
        "ts_rank, the same serializer, not counted. Search counts up to 1,000, encodes the query in the process "
        f"({encoding['p50']} / {encoding['p95']} ms, part of the figure) and marks what it found. Filtered: a category, a city, "
        "remote. Recall@10: the HNSW index against an exact scan, everywhere and within one task in nine. Built: seconds "
        "for words and for vectors with their index; megabytes of both tables with their indexes. bm25s: in the process, "
        f"words alone, no filter; its index took {found[-1]['bm25s']['build_s']} s and {found[-1]['bm25s']['megabytes']} MB."
    )
    columns = (
        "tasks",
        "full text alone",
        "search",
        "filtered",
        "suggestions",
        "p95 of full text",
        "bm25s",
        "recall@10",
        "built, s",
        "built, MB",
    )
    return Sheet("Search", columns, rows, note)


def _list_sheet(found: list[dict[str, Any]]) -> Sheet:
    rows = []
    for one in found:
        computed, times = one["computed_ms"], one["times_faster"]
        cells = [
            f"{computed[name]['p50']:,} ({times[name]:g}×, {computed[name]['tasks_scored']:,} scored)"
            for name in COMPUTED_NAMES
        ]
        read, http = one["read_ms"], one["http_ms"]
        rows.append(
            (
                f"{one['tasks']:,}",
                f"{one['users']:,}",
                f"{read['p50']} / {read['p95']}",
                f"{http['p50']}",
                *cells,
            )
        )
    note = (
        "Milliseconds, p50. list_read: the selector, ten rows (p50 / p95); GET: for-you through the whole request. "
        "Computing: section 5.1 of the description, as described (tasks sharing a skill and within the wanted budget, "
        "encoded in the request by a plain SentenceTransformer that is loaded already, a thread for every core; past 32 texts the time of 32 "
        "is scaled up), and kinder to it with vectors stored and compared by pgvector. TF-IDF is fitted in the "
        f"request each time. Growth with tasks, as a power of their number: {_growths(found)}."
    )
    columns = ("tasks", "users", "list_read", "GET", *COMPUTED_NAMES.values())
    return Sheet("List read", columns, rows, note)


def _growths(found: list[dict[str, Any]]) -> str:
    by_users: dict[int, list[dict[str, Any]]] = {}
    for one in found:
        by_users.setdefault(one["users"], []).append(one)
    along = max(by_users.values(), key=len)
    if len(along) < 2:
        return "one size alone"
    series = {"list_read": [one["read_ms"]["p50"] for one in along]}
    series |= {
        words: [one["computed_ms"][name]["p50"] for one in along] for name, words in COMPUTED_NAMES.items()
    }
    sizes = [one["tasks"] for one in along]
    return ", ".join(f"{name} {power(sizes, values):.2f}" for name, values in series.items())


def power(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The exponent p of `values` growing as size ** p between the first and the last."""
    return math.log(values[-1] / values[0]) / math.log(sizes[-1] / sizes[0])


def _post_sheet(section: dict[str, Any]) -> Sheet:
    names = {
        "answer_ms": "answer",
        "list_ms": "in the list",
        "notification_ms": "notified",
        "both_ms": "both",
    }
    rows = [
        (words, f"{section[name]['p50']:,}", f"{section[name]['p95']:,}", f"{section[name]['max']:,}")
        for name, words in names.items()
    ]
    baseline = f"{section['recompute_everybody_ms']:,}"
    rows.append(("baseline: every list computed again", baseline, "", ""))
    note = (
        f"{section['posts']} posts over HTTP at {section['tasks']:,} tasks and {section['users']:,} users, one a "
        "second, with web, relay and both workers as scripts/run starts them; from sending the request to the row "
        f"being committed. The baseline is {section['times_faster']:g} times p50 of both (one process, extrapolated "
        f"from {section['recompute_measured_on']} users)."
    )
    return Sheet("Post to list and notification, ms", ("", "p50", "p95", "max"), rows, note)


def _place_sheet(found: list[dict[str, Any]]) -> Sheet:
    rows = [
        (
            f"{one['tasks']:,}",
            f"{one['users']:,}",
            f"{one['ms']['p50']:g} / {one['ms']['p95']:g}",
            f"{one['lists']:g}",
        )
        for one in found
    ]
    note = "One task put into every list it belongs in, by reverse matching: candidates, scores, and the rows written."
    return Sheet("Placing a task", ("tasks", "users", "ms, p50 / p95", "lists that hold it"), rows, note)


def _recompute_sheet(found: list[dict[str, Any]]) -> Sheet:
    rows = [
        (
            f"{one['tasks']:,}",
            f"{one['users']:,}",
            f"{one['computed']:,} in {one['seconds']:g} s",
            f"{one['users_per_second']:,}",
            f"{one['ms_per_user']:,}",
            f"{one['entries_per_list']:g}",
            f"{one['rss_mb_first']:g} / {one['rss_mb_peak']:g}",
        )
        for one in found
    ]
    note = (
        "Lists recomputed in one process, as many together as the nightly job takes, users in random order, until the time for a size is used up; memory after "
        "the first user and at most. A worker fleet divides the time by its processes."
    )
    columns = ("tasks", "users", "computed", "users/s", "ms/user", "entries/list", "RSS MB first / peak")
    return Sheet("Recomputing every list", columns, rows, note)


def head(result: dict[str, Any]) -> str:
    """One paragraph: when, where, with what."""
    meta = result["meta"]
    versions = ", ".join(f"{name} {version}" for name, version in meta["versions"].items())
    return (
        f"{meta['date']}, {meta['cores']} cores, load {meta['load_before']} before and {meta['load_after']} after, "
        f"seed {meta['seed']}, {meta['seconds']:.0f} s. {versions}. "
        f"Rows are copies of {meta['pool_tasks']} generated tasks{_freelancers(meta['pool_users'])}."
        + (f" INCOMPLETE: {meta['incomplete']}" if meta["incomplete"] else "")
    )


def _freelancers(number: int) -> str:
    if not number:
        return ""
    return (
        f" and {number} freelancers, encoded by the product's model, with random noise on their unit vectors"
    )


def show(result: dict[str, Any], console: Console) -> None:
    """Print every table."""
    console.print(head(result), markup=False)
    for sheet in sheets(result):
        table = Table(title=sheet.title, title_justify="left", caption=sheet.note, caption_justify="left")
        for place, column in enumerate(sheet.columns):
            table.add_column(column, justify="left" if place == 0 else "right")
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def markdown(result: dict[str, Any]) -> str:
    """The text of docs/benchmarks.md."""
    parts = ["# Benchmarks\n", f"`{result['meta']['command']}`: {head(result)}\n"]
    parts.append(
        "Figures of one run on a shared machine: compare those of one table with each other, not with another "
        "machine's.\n"
    )
    for sheet in sheets(result):
        parts.append(f"## {sheet.title}\n")
        parts.append("| " + " | ".join(sheet.columns) + " |\n|" + "---|" * len(sheet.columns))
        parts += ["| " + " | ".join(row) + " |" for row in sheet.rows]
        if sheet.note:
            parts.append(f"\n{sheet.note}")
        parts.append("")
    return "\n".join(parts)
