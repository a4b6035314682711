"""A page from a template: one HTML file that needs no other, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from models.errors import BenchError
from reports.styles import css_variables


def fill(template: str, contents: Mapping[str, Any]) -> str:
    """The template with the package's style sheet and palette; everything else is escaped."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source, _, _ = environment.loader.get_source(environment, "style.css")  # type: ignore[union-attr]
    return environment.get_template(template).render(
        style=Markup(source),  # the package's own file
        palette=css_variables(),
        **contents,
    )


def write_page(html: str, output: Path) -> Path:
    """Write the page and return its path; BenchError where that cannot be done."""
    try:
        _write(output, html)
    except OSError as error:
        raise BenchError(
            f"'{output}' cannot be written ({error}); give another file with --output."
        ) from error
    return output


def _write(path: Path, html: str) -> None:
    """Through a temporary file in the same folder, so that a reader sees the old report or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
