"""A check, made before anything else, that our four package names are ours; and that they stay so.

``models`` or ``reports`` are names that a user's own file may have; that file would be imported instead. A
mere folder of that name, such as the one of ``--output reports/first``, is nobody's package: ours is taken.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

PACKAGES = ("models", "estimators", "benchmarks", "reports")
ROOT = Path(__file__).resolve().parent.parent


def shadowing_file() -> Path | None:
    """The file that stands before one of our packages on the import path, if there is one."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if found is not None and found != ROOT / name / "__init__.py":
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


def hold_packages() -> None:
    """Import our packages now, from their place: a folder that is made later cannot take their names."""
    for name in PACKAGES:
        if _is_ours(name):
            continue
        place = ROOT / name
        spec = importlib.util.spec_from_file_location(
            name, place / "__init__.py", submodule_search_locations=[str(place)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{place} holds no package")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


def _is_ours(name: str) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is not None and Path(file).resolve() == ROOT / name / "__init__.py"
