"""The layout of mails from its MJML source: one HTML file for each direction of writing, which is committed."""

from __future__ import annotations

from pathlib import Path
from string import Template

HERE = Path(__file__).parent
SOURCE = HERE / "layout" / "letter.mjml"
BUILT = HERE / "built"
DIRECTIONS = {
    "ar": {"language": "ar", "direction": "rtl", "start": "right", "end": "left"},
    "en": {"language": "en", "direction": "ltr", "start": "left", "end": "right"},
}


# The builder leaves out what stands in mj-head as raw HTML.
HEAD = (
    '<meta name="color-scheme" content="light dark">'
    '<meta name="supported-color-schemes" content="light dark">'
    '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">'
)


def built() -> dict[str, str]:
    """{file name: HTML} of what SOURCE makes now. Needs the development package mjml-python."""
    from mjml import mjml2html

    source = Template(SOURCE.read_text(encoding="utf-8"))
    return {
        f"letter.{language}.html": _page(str(mjml2html(source.substitute(words))))
        for language, words in DIRECTIONS.items()
    }


def _page(html: str) -> str:
    return html.replace("</title>", f"</title>{HEAD}", 1).rstrip() + "\n"


def stale() -> list[str]:
    """Names of the files that are not what the source makes."""
    return [
        name
        for name, text in built().items()
        if not (BUILT / name).is_file() or (BUILT / name).read_text(encoding="utf-8") != text
    ]


def build() -> list[str]:
    """Write the files; names of those that changed."""
    changed = stale()
    texts = built()
    BUILT.mkdir(exist_ok=True)
    for name in changed:
        (BUILT / name).write_text(texts[name], encoding="utf-8")
    return changed
