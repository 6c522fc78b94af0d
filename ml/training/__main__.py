"""Build the bilingual encoder: `scripts/encoder --data DIR [--wordnet DIR] [--cldr DIR] [--out DIR]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml import adapter, bilingual, subword
from ml.encoder import ENGLISH_MODEL, Encoder, EncoderError, locate
from ml.evaluation.labelled import KEPT_ASIDE
from ml.training import adapt, fit, sources


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/encoder",
        description="Build the bilingual encoder from the glossary and from public pairs (ml/data/SOURCES.md).",
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder with esco_occupations_ar_en.tsv, omw_arabic/, tatoeba_ar_en/, xsid_ar_en/",
    )
    parser.add_argument(
        "--wordnet",
        type=Path,
        default=Path("/usr/share/wordnet"),
        help="WordNet 3.0's data files (default: %(default)s)",
    )
    parser.add_argument("--cldr", type=Path, help="unpacked cldr-annotations-full and cldr-localenames-full")
    parser.add_argument(
        "--out", type=Path, default=bilingual.FOLDER, help="folder to write (default: %(default)s)"
    )
    parser.add_argument(
        "--adapter-steps", type=int, default=adapt.Plan.steps, help="0 keeps the sentence model as it is"
    )
    parser.add_argument("--steps", type=int, default=fit.Plan.steps, help="steps of the static encoder")
    parser.add_argument(
        "--keep-adapter", action="store_true", help="use the adapter that is in --out already"
    )
    parser.add_argument("--threads", type=int, default=2)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; see the module's text."""
    options = _parser().parse_args(argv)
    started = time.monotonic()
    concepts = sources.glossary()
    plain = sources.glosses(options.wordnet)
    if options.data is not None:
        concepts += sources.occupations(options.data)
        concepts += sources.skills(options.data)
        concepts += sources.wordnet(options.data, options.wordnet)
        concepts += sources.sentences(options.data)
    if options.cldr is not None:
        concepts += sources.names(options.cldr)
    counts = dict(sorted(Counter(one.source for one in concepts).items()))
    sys.stderr.write(f"concepts: {counts}\n")
    try:
        _build(concepts, plain, options)
    except EncoderError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    about: dict[str, object] = {
        "base": ENGLISH_MODEL,
        "concepts": counts,
        "kept_aside": f"1 of {KEPT_ASIDE} occupations",
        "name": bilingual.NAME,
    }
    _write(concepts, plain, options, about)
    sys.stderr.write(f"built in {time.monotonic() - started:.0f} s: {options.out}\n")
    return 0


def _build(concepts: Sequence[sources.Concept], plain: Sequence[str], options: argparse.Namespace) -> None:
    if options.keep_adapter or not options.adapter_steps:
        if not options.keep_adapter:
            (options.out / adapter.NAME).unlink(missing_ok=True)
        return
    plan = adapt.Plan(steps=options.adapter_steps, threads=options.threads)
    kept = plain or [text for one in concepts if one.source == "requests" for text in one.english]
    adapter.save(options.out, adapt.adapt(locate(ENGLISH_MODEL), concepts, kept, plan))


def _write(
    concepts: Sequence[sources.Concept],
    plain: Sequence[str],
    options: argparse.Namespace,
    about: dict[str, object],
) -> None:
    encoder = Encoder(ENGLISH_MODEL, threads=options.threads, adapted_by=options.out)
    known = fit.words(concepts, plain)
    concepts = [one for one in concepts if one.arabic]
    texts = list(dict.fromkeys(text for one in concepts for text in one.english))
    row = {text: number for number, text in enumerate(texts)}
    vectors = encoder.encode(texts)
    plan = fit.Plan(steps=options.steps, threads=options.threads)
    rows, head = fit.fit(concepts, lambda text: np.asarray(vectors[row[text]]), plan)
    latin, english = sources.romanised()
    head["romanised"] = fit.fit_romanised(latin, english | set(texts))
    (options.out / bilingual.WORDS).write_text("\n".join(known) + "\n", encoding="utf-8")
    subword.save(options.out, rows=rows, head=head, about=about)


if __name__ == "__main__":
    raise SystemExit(main())
