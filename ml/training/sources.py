"""What the encoder is built from: the project's glossary, and public pairs from a folder (see `ml/data/SOURCES.md`)."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ml.evaluation.labelled import TOPICS, is_kept_aside
from ml.text import normalise

GLOSSARY = Path(__file__).parents[1] / "data" / "glossary"
_PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}


@dataclass(frozen=True)
class Concept:
    """Texts that mean one thing: in English, and in Arabic of any kind and script. `weight` is how often it is seen.

    In a card the texts of one language say different things about one service; elsewhere they are synonyms.
    """

    english: tuple[str, ...]
    arabic: tuple[str, ...]
    weight: float
    source: str

    @property
    def is_card(self) -> bool:
        return self.source == "cards"


def _cells(line: str) -> list[tuple[str, ...]]:
    return [
        tuple(part.strip() for part in cell.split("|") if part.strip())
        for cell in line.rstrip("\n").split("\t")
    ]


def _rows(pattern: str, columns: int) -> Iterator[list[tuple[str, ...]]]:
    for path in sorted(GLOSSARY.glob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            cells = _cells(line)
            if number == 1 or not line.strip():
                continue
            if len(cells) != columns or not all(cells):
                raise ValueError(f"{path.name}, line {number}: {columns} cells that are not empty are wanted")
            yield cells


def measured(path: Path = TOPICS) -> frozenset[str]:
    """Every query and title of the evaluation set, normalised: what is measured is never learned from."""
    data = json.loads(path.read_text(encoding="utf-8"))
    texts = [query["text"] for query in data["queries"]] + [task["title"] for task in data["tasks"]]
    return frozenset(normalise(text) for text in texts)


def _unmeasured(concepts: Iterable[Concept]) -> list[Concept]:
    seen = measured()
    found = []
    for one in concepts:
        english, arabic = (
            tuple(text for text in texts if normalise(text) not in seen)
            for texts in (one.english, one.arabic)
        )
        if english and arabic:
            found.append(replace(one, english=english, arabic=arabic))
    return found


def glossary() -> list[Concept]:
    """The project's own terms, requests and service cards, without the texts of the evaluation set.

    Raises ValueError for a row that is not whole.
    """
    found = [
        Concept(en, (*msa, *egy, *latin), 2.0, "terms") for en, msa, egy, latin in _rows("terms_*.tsv", 4)
    ]
    found += [
        Concept(en, (*msa, *egy, *latin), 2.0, "requests")
        for en, msa, egy, latin in _rows("requests_*.tsv", 4)
    ]
    found += [
        Concept(en, (*msa, *egy, *latin), 1.0, "cards") for _, en, msa, egy, latin in _rows("cards_*.tsv", 5)
    ]
    return _unmeasured(found)


def romanised() -> tuple[set[str], set[str]]:
    """(texts in Latin-letter Arabic, English texts) of the glossary."""
    latin: set[str] = set()
    english: set[str] = set()
    for pattern, columns in (("terms_*.tsv", 4), ("requests_*.tsv", 4), ("cards_*.tsv", 5)):
        for cells in _rows(pattern, columns):
            latin |= set(cells[-1])
            english |= set(cells[-4])
    return latin, english


def _synsets(folder: Path) -> dict[str, tuple[tuple[str, ...], str]]:
    """{offset-part: (words, gloss)} of WordNet's data files."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for part, name in _PARTS.items():
        path = folder / f"data.{name}"
        if not path.is_file():
            return {}
        for line in path.read_text(encoding="latin-1").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition(" | ")
            fields = head.split(" ")
            words = tuple(
                re.sub(r"\(.*\)$", "", fields[4 + 2 * number].replace("_", " "))
                for number in range(int(fields[3], 16))
            )
            found[f"{fields[0]}-{part}"] = (words, gloss.split(";")[0].strip().strip('"'))
    return found


def wordnet(data: Path, english: Path) -> list[Concept]:
    """Arabic WordNet's lemmas with the English words of their synsets."""
    path = data / "omw_arabic" / "wn-nodia-arb.tab"
    synsets = _synsets(english)
    if not path.is_file() or not synsets:
        return []
    lemmas: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) == 3 and fields[1].endswith("lemma"):
            lemmas.setdefault(fields[0].replace("-s", "-a"), []).append(fields[2].replace("_", " "))
    return [
        Concept(synsets[key][0][:3], tuple(dict.fromkeys(words))[:5], 0.5, "wordnet")
        for key, words in lemmas.items()
        if key in synsets
    ]


def glosses(english: Path) -> list[str]:
    """One plain English sentence a synset: what the adapted model must go on reading as before."""
    return [gloss for _, gloss in _synsets(english).values() if len(gloss.split()) > 3]


def occupations(data: Path) -> list[Concept]:
    """ESCO's occupations, without those kept aside for measuring."""
    path = data / "esco_occupations_ar_en.tsv"
    if not path.is_file():
        return []
    found = []
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            if is_kept_aside(row["en"]):
                continue
            others = [one.strip() for one in row["en_alternatives"].split(";") if one.strip()]
            arabic = tuple(one.strip() for one in row["ar"].split("/") if one.strip())
            found.append(Concept((row["en"], *others[1:4]), arabic, 1.0, "occupations"))
    return found


def skills(data: Path) -> list[Concept]:
    """ESCO's skills with their alternative names, English alone: for the adapter."""
    path = data / "esco_skills_en.tsv.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    named = [
        (row["skill"], [one.strip() for one in row["alternatives"].split(";") if one.strip()]) for row in rows
    ]
    return [
        Concept(tuple(dict.fromkeys((name, *others[:4]))), (), 0.0, "skills")
        for name, others in named
        if others
    ]


def sentences(data: Path) -> list[Concept]:
    """Pairs of sentences: Tatoeba, and the utterances of xSID with their English."""
    found = []
    folder = data / "tatoeba_ar_en"
    if folder.is_dir():
        sides = [
            (folder / f"tatoeba.ara-eng.{one}").read_text(encoding="utf-8").splitlines()
            for one in ("eng", "ara")
        ]
        found += [Concept((en,), (ar,), 1.0, "tatoeba") for en, ar in zip(*sides, strict=True)]
    for name in ("ar.valid.conll", "ar.test.conll"):
        path = data / "xsid_ar_en" / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            pairs = re.findall(r"^# text = (.*)\n# text-en\s*=\s*(.*)$", text, re.MULTILINE)
            found += [Concept((en.strip(),), (ar.strip(),), 1.0, "xsid") for ar, en in pairs]
    return found


def names(cldr: Path) -> list[Concept]:
    """Names of emoji, languages and territories of the Unicode CLDR (unpacked `cldr-*-full` packages)."""
    found: list[Concept] = []
    sides = [cldr / "annotations" / one / "annotations.json" for one in ("en", "ar")]
    if all(path.is_file() for path in sides):
        en, ar = (
            json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"] for path in sides
        )
        found += [
            Concept((en[key]["tts"][0],), (ar[key]["tts"][0],), 0.5, "cldr")
            for key in en
            if "tts" in en[key] and "tts" in ar.get(key, {})
        ]
    for name in ("languages", "territories"):
        sides = [cldr / "main" / one / f"{name}.json" for one in ("en", "ar")]
        if all(path.is_file() for path in sides):
            en, ar = (
                json.loads(path.read_text(encoding="utf-8"))["main"][one]["localeDisplayNames"][name]
                for one, path in zip(("en", "ar"), sides, strict=True)
            )
            found += [Concept((en[key],), (ar[key],), 0.5, "cldr") for key in en if key in ar]
    return found
