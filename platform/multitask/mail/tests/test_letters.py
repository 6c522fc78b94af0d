"""Letters in both languages and directions, built from one source; every mail has its text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from multitask.common.text import Text
from multitask.mail import building
from multitask.mail.letters import Button, Letter, Paragraph, Row, Section, letter_render, one_line
from multitask.mail.samples import all_samples

ROOT = Path(__file__).resolve().parents[4]
UNSUBSCRIBE = "https://multitask.example/u/1"
FULL = Letter(
    subject=Text("Your day: {count}", "يومك: {count}"),
    heading=Text("What is new", "الجديد"),
    greeting=Text("Hello {name},", "مرحبًا {name}،"),
    paragraphs=(
        Text("{name} wrote in {category}.", "كتب {name} في {category}."),
        Paragraph("first line\nsecond line", "quote"),
        Paragraph(Text("A remark.", "ملاحظة."), "small"),
    ),
    button=Button(Text("Open", "افتح"), "https://multitask.example/open?a=1&b=2"),
    items=(
        Section(
            Text("Tasks", "مهام"),
            (Row("شعار", "EGP 1,500", "https://multitask.example/t/1"), Row("A logo")),
            Text("and {count} more", "و{count} غيرها"),
        ),
    ),
    closing=Text("Goodbye.", "مع السلامة."),
    params={"count": 12, "name": "Mona", "category": Text("Design", "تصميم")},
)


def test_the_committed_layout_is_what_its_source_makes() -> None:
    assert building.stale() == [], "Run scripts/mails --build and commit what it writes."


def test_both_directions_come_from_one_source_and_mirror_each_other() -> None:
    built = building.built()
    arabic, english = built["letter.ar.html"], built["letter.en.html"]
    assert '<html lang="ar" dir="rtl"' in arabic
    assert '<html lang="en" dir="ltr"' in english
    swapped = {"right": "left", "left": "right", "rtl": "ltr", "ltr": "rtl"}
    # Columns of Outlook and the frame around them are centred; only what is written has a side.
    aligned = re.compile(r"text-align:(right|left);color")
    assert set(aligned.findall(arabic)) == {"right"}
    assert set(aligned.findall(english)) == {"left"}
    inner = re.compile(r"text-align:left;direction:(rtl|ltr)")
    assert set(inner.findall(arabic)) == {"rtl"}
    assert set(inner.findall(english)) == {"ltr"}
    assert "padding-right: 12px" in arabic
    assert "padding-left: 12px" in english
    assert len(re.findall(r"\bdirection:(rtl|ltr)", arabic)) == len(
        re.findall(r"\bdirection:(rtl|ltr)", english)
    )
    assert swapped


def test_the_layout_adapts_to_dark_readers_and_needs_nothing_from_elsewhere() -> None:
    for html in building.built().values():
        assert '<meta name="color-scheme" content="light dark">' in html
        assert "prefers-color-scheme: dark" in html
        assert not re.search(r"<(img|script|link|iframe)\b|@import|url\(", html)
        assert len(html) < 60_000, "Gmail cuts mails at 102 kB"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_letter_is_whole_in_its_language_as_html_and_as_text(language: str) -> None:
    rendered = letter_render(FULL, language=language, unsubscribe_url=UNSUBSCRIBE)
    said = {
        "ar": ["مرحبًا", "الجديد", "تصميم", "ملاحظة.", "مهام", "و", "مع السلامة.", "فريق Multitask"],
        "en": [
            "Hello",
            "What is new",
            "Design",
            "A remark.",
            "Tasks",
            "more",
            "Goodbye.",
            "The Multitask team",
        ],
    }
    for words in (*said[language], "first line", "second line", "شعار", "EGP 1,500", UNSUBSCRIBE):
        assert words in rendered.html, words
        if words not in {"الجديد", "What is new"}:
            assert words in rendered.text, words
    assert "{" not in rendered.text
    assert "{%" not in rendered.html
    assert "{{" not in rendered.html
    assert rendered.subject == ("يومك: 12" if language == "ar" else "Your day: 12")
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in rendered.html
    assert "https://multitask.example/open?a=1&b=2" in rendered.text
    assert 'href="https://multitask.example/open?a=1&amp;b=2"' in rendered.html
    other = "Goodbye." if language == "ar" else "مع السلامة."
    assert other not in rendered.text + rendered.html


def test_what_fills_a_place_keeps_its_own_direction() -> None:
    html = letter_render(FULL, language="ar").html
    assert "<bdi>Mona</bdi>" in html
    assert "<bdi>تصميم</bdi>" in html
    assert "<bdi>first line</bdi><br><bdi>second line</bdi>" in html


def test_a_list_of_mails_shows_the_first_words_after_the_subject() -> None:
    html = letter_render(FULL, language="en").html
    hidden = re.search(r'<div style="display:none[^"]*">([^<]*)</div>', html)
    assert hidden
    assert hidden[1] == "Mona wrote in Design."


def test_a_number_is_written_as_its_place_asks() -> None:
    priced = Letter(
        Text("{price:,} EGP", "{price:,} جنيه"), Text("{price:,}", "{price:,}"), params={"price": 12500}
    )
    rendered = letter_render(priced, language="en")
    assert rendered.subject == "12,500 EGP"
    assert "<bdi>12,500</bdi>" in rendered.html


def test_a_letter_without_a_button_or_a_link_to_unsubscribe_has_none() -> None:
    rendered = letter_render(Letter(Text("S", "ع"), Text("H", "ع")), language="en")
    assert "<a " not in re.sub(r"<!--.*?-->", "", rendered.html, flags=re.DOTALL)
    assert "http" not in rendered.text


def test_a_place_that_nothing_fills_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        letter_render(Letter(Text("{a}", "{a}"), Text("H", "ع"), params={"b": 1}), language="en")


def test_a_subject_is_one_line_without_anything_that_turns_it() -> None:
    assert one_line(" a\r\n\tb\u2028c\u202e d\x00e\u200f ") == "a b c d e"
    assert one_line("م\u200cن") == "م\u200cن"
    assert len(one_line("x" * 10_000)) == 250


def test_every_mail_can_be_previewed_without_being_sent(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "mails"), "--preview", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = {f"{sample.name}.{language}" for sample in all_samples() for language in ("ar", "en")}
    assert {path.stem for path in tmp_path.glob("*.html")} == names | {"index"}
    assert {path.stem for path in tmp_path.glob("*.txt")} == names
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}.html"' in index for name in names)


def test_every_sample_speaks_one_language_at_a_time() -> None:
    samples = all_samples()
    assert {"accounts-reset", "accounts-verification"} <= {sample.name for sample in samples}
    for sample in samples:
        assert re.search("[\u0600-\u06ff]", letter_render(sample.make(), language="ar").subject), sample.name
        letter_render(sample.make(), language="en")
