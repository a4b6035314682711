"""A check, made before anything else, that our four package names are ours.

``models`` or ``reports`` are names that a user's own file may have; that file would be imported instead.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGES = ("models", "estimators", "benchmarks", "reports")


def shadowing_file() -> Path | None:
    """The file that stands before one of our packages on the import path, if there is one."""
    root = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if found is not None and found != root / name / "__init__.py":
            return found
    return None


def shadow_sentence() -> str | None:
    """What to do about it, or None where all is well."""
    found = shadowing_file()
    if found is None:
        return None
    package = found.parent.name if found.name == "__init__.py" else found.stem
    return (
        f"'{found}' is imported in place of evidence-bench's own package '{package}'; "
        "rename it, or run the command from another folder."
    )
