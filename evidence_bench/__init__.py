"""evidence-bench: estimators of the log evidence of latent variable models, measured against known truth.

This is the one name that anything here is imported by: ``evidence_bench.models``, ``.estimators``,
``.benchmarks`` and ``.reports``. In a checkout these are the folders beside this one, whose own names a
research project is likely to have too; in a wheel they lie within.
"""

from pathlib import Path

PARTS = ("models", "estimators", "benchmarks", "reports")
_HERE = Path(__file__).resolve().parent


def _is_checkout(folder: Path) -> bool:
    """Whether our four folders lie there, and not somebody else's."""
    ours = (folder / "pyproject.toml", *(folder / part / "__init__.py" for part in PARTS))
    return all(file.is_file() for file in ours)


if not (_HERE / "models").exists() and _is_checkout(_HERE.parent):
    __path__.append(str(_HERE.parent))
