"""A matplotlib figure as one inline SVG element that takes its colours and its font from the page."""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib.figure import Figure

from evidence_bench.reports.figures.styles import variable_of_colour

# Plain text in the SVG: the page's own font, small files, words that can be searched and read aloud.
RC: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "evidence-bench", "font.size": 12.0}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def inline_svg(figure: Figure, name: str) -> str:
    """The <svg> element, without its opening tag: the template writes that, with title and description.

    ``name`` goes before every id, for ids must differ between the figures of one page.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata=_NO_METADATA)
    body = buffer.getvalue().partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    return _packed(_themed(_own_ids(body, name)))


def _own_ids(body: str, name: str) -> str:
    """Ids that something refers to get ``name`` in front; the others go."""
    used = set(re.findall(r'(?:href="|url\()#([\w.-]+)', body))

    def renamed(match: re.Match[str]) -> str:
        return f' id="{name}-{match[1]}"' if match[1] in used else ""

    body = re.sub(r'\s+id="([\w.-]+)"', renamed, body)
    body = re.sub(r'xlink:href="#', f'href="#{name}-', body)
    return re.sub(r"url\(#", f"url(#{name}-", body)


def _themed(body: str) -> str:
    """Colours as CSS variables and no font family, so that both come from the page."""
    names = variable_of_colour()
    body = re.sub(r"#[0-9a-f]{6}\b", lambda m: f"var(--{names[m[0]]})" if m[0] in names else m[0], body)
    body = re.sub(r"font: (?:[\w ]+ )?([\d.]+)px [^;\"]+", r"font-size: \1px", body)
    return re.sub(r"; font-family: [^;\"]+", "", body)


def _packed(body: str) -> str:
    return re.sub(r"\s*\n\s*", "\n", body).strip()
