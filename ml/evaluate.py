"""Measures search, matching and the assistant on labelled sets: `scripts/evaluate [--data DIR] [--out FILE]`.

The sets in `ml/data` are always there; with `--data`, public ones are measured too (`ml/data/SOURCES.md` names them).
Every figure is a mean over queries with its 95 % bootstrap interval. `docs/evaluation.md` says what the sets are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.evaluation import chatbot, labelled, measures, pairs, rankers
from ml.watch import watched

Results = dict[str, dict[str, Any]]
SECTIONS = ("search", "matching", "simulation", "chatbot")


class _Kept:
    """An encoder that reads each text once."""

    def __init__(self, encode: rankers.Vectors) -> None:
        self._encode = encode
        self._known: dict[str, Any] = {}

    def __call__(self, texts: Sequence[str]) -> Any:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encode(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32)


def search_rankers(
    english: rankers.Vectors | None, product: rankers.Vectors | None
) -> dict[str, rankers.Ranker]:
    """The rankers that are compared, by name; those that need an encoder are left out without one."""
    found = {
        "TF-IDF, words": rankers.tfidf_words(),
        "TF-IDF, characters": rankers.tfidf_grams(),
        "words (BM25F)": rankers.words(),
    }
    engine = rankers.bm25s()
    if engine is not None:
        found["bm25s"] = engine
    if english is not None:
        found["all-MiniLM-L6-v2"] = rankers.dense(english)
        found["0.4 TF-IDF + 0.6 MiniLM"] = rankers.description(english)
    if product is not None:
        found["encoder"] = rankers.dense(product)
        found["search"] = rankers.hybrid(product)
    return found


def measure_search(sets: Sequence[labelled.Retrieval], by: Mapping[str, rankers.Ranker]) -> Results:
    """{set: {"measure", "queries", "documents", "rankers": {name: all measures}}}."""
    results: Results = {}
    for one in watched(sets, "search"):
        results[one.name] = {
            "kind": one.kind,
            "measure": one.measure,
            "queries": len(one.queries),
            "documents": len(one.titles),
            "rankers": {name: measures.all_measures(rank(one), one.gains) for name, rank in by.items()},
        }
    return results


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/evaluate", description="Measure search, matching and the assistant on labelled sets."
    )
    parser.add_argument(
        "--data", type=Path, help="folder with public sets (ml/data/SOURCES.md), to measure too"
    )
    parser.add_argument(
        "--split",
        choices=["all", "dev", "test"],
        default="test",
        help="topics of the own set (default: %(default)s)",
    )
    parser.add_argument("--only", choices=SECTIONS, action="append", help="leave the rest out")
    parser.add_argument("--model", default="", help="encoder, a name or a path (default: the project's own)")
    parser.add_argument("--no-model", action="store_true", help="leave out what needs an encoder")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("var/evaluation.json"),
        help="where all figures go (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; see the module's text."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.data is not None and not options.data.is_dir():
        parser.error(
            f"there is no folder {options.data}; give the one with the public sets, or leave --data out"
        )
    wanted = options.only or SECTIONS
    english = product = None
    scripts = frozenset({"latin"})
    if not options.no_model:
        from ml.encoder import ENGLISH_MODEL, Encoder, EncoderError

        try:
            chosen = Encoder(options.model)
            english, product = _Kept(Encoder(ENGLISH_MODEL).encode), _Kept(chosen.encode)
        except EncoderError as error:
            parser.error(f"{error} Or measure without it: --no-model.")
        scripts = chosen.info.scripts
    results: dict[str, Any] = {}
    if "search" in wanted:
        split = None if options.split == "all" else options.split
        sets = labelled.own_sets(split) + ([] if options.data is None else labelled.public_sets(options.data))
        results["search"] = measure_search(sets, search_rankers(english, product))
    if "matching" in wanted:
        try:
            results["matching"] = pairs.measure(options.data, vectors=product, scripts=scripts)
        except ValueError as error:
            parser.error(str(error))
    if "simulation" in wanted:
        results["simulation"] = _simulation()
    if "chatbot" in wanted:
        results["chatbot"] = chatbot.measure(encode=_one(product))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.json:
        sys.stdout.write(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(results)
    return 0


def _one(vectors: rankers.Vectors | None) -> chatbot.Encode | None:
    """The vector of one text, as the web process asks for it."""
    if vectors is None:
        return None
    return lambda text: np.asarray(vectors([text])[0], dtype=np.float32)


def _simulation() -> dict[str, float]:
    from ml.simulate import simulate

    return simulate()


def _print(results: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for name, one in results.get("search", {}).items():
        table = Table(
            "ranker",
            "nDCG@10",
            "95 %",
            "recall@10",
            "P@10",
            "MRR",
            title=f"{name}: {one['queries']} queries, {one['documents']} documents",
        )
        for ranker, values in one["rankers"].items():
            first = values["ndcg@10"]
            rest = (f"{values[key]['mean']:.3f}" for key in ("recall@10", "p@10", "mrr"))
            table.add_row(ranker, f"{first['mean']:.3f}", f"{first['low']:.3f} to {first['high']:.3f}", *rest)
        console.print(table)
    if "matching" in results:
        pairs.show(results["matching"], console)
    if "chatbot" in results:
        chatbot.show(results["chatbot"], console)
    if "simulation" in results:
        table = Table("simulated market", "value")
        for key, value in results["simulation"].items():
            table.add_row(key, f"{value:.3f}")
        console.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
