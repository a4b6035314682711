"""A page from a template: one HTML file that needs no other, written whole or not at all."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from evidence_bench.models.files import writing
from evidence_bench.reports.figures.styles import css_variables

TEMPLATES = Path(__file__).parent / "templates"  # a folder ``reports`` of the user is no place for them

_OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*)")


def fill(template: str, contents: Mapping[str, Any]) -> str:
    """The template with the package's style sheet and palette; everything else is escaped."""
    environment = _environment()
    source, _, _ = environment.loader.get_source(environment, "style.css")  # type: ignore[union-attr]
    return environment.get_template(template).render(
        style=Markup(source),  # the package's own file
        palette=css_variables(),
        **contents,
    )


@functools.cache
def _environment() -> Environment:
    """Kept, for it keeps the templates compiled."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["whole_options"] = whole_options
    return environment


def whole_options(text: object) -> Markup:
    """The text, escaped, in which no line ends within an option such as --samples."""
    parts = _OPTION.split(str(text))
    whole = Markup('<span class="option">{}</span>')
    return Markup("").join(whole.format(part) if i % 2 else escape(part) for i, part in enumerate(parts))


def write_page(html: str, output: Path) -> Path:
    """Write the page, whole or not at all, and return its path; CannotWrite where that cannot be done."""
    with writing(output) as file:
        file.write(html.encode("utf-8", "replace"))  # a name may hold what is no text
    return output
