"""What goes wrong in a plug-in's own code, as a sentence; also where it imports us by another name."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from evidence_bench import PARTS
from evidence_bench.benchmarks.record.sources import ROOT
from evidence_bench.benchmarks.study.additions import BadPlugin
from evidence_bench.models.errors import BenchError


@contextlib.contextmanager
def plugin_errors(path: Path, doing: str) -> Iterator[None]:
    """Inside, the plug-in runs; BadPlugin for what it raises, or for a module of ours that it loads again."""
    before = set(sys.modules)
    try:
        yield
    except BenchError:
        raise
    except Exception as error:
        name = error.name or "" if isinstance(error, ImportError) else ""
        missing = isinstance(error, ModuleNotFoundError) and _part(name) in PARTS
        if missing or is_second(name):
            raise _other_name(path, name) from None
        raise _raised(path, doing, error) from error
    second = sorted(name for name in set(sys.modules) - before if is_second(name))
    if second:
        raise _other_name(path, second[0])


def is_second(name: str) -> bool:
    """Whether it is a module of ours under another name than ``evidence_bench``'s, and so a second one."""
    file = getattr(sys.modules.get(name), "__file__", None)
    part = _part(name)
    return part in PARTS and file is not None and Path(file).resolve().is_relative_to(ROOT / part)


def _part(name: str) -> str:
    return name.partition(".")[0]


def _other_name(path: Path, name: str) -> BadPlugin:
    return BadPlugin(
        f"The plug-in '{path}' imports '{name}', and there is none beside it; if you mean ours, "
        f"import 'evidence_bench.{name}'."
    )


def _raised(path: Path, doing: str, error: Exception) -> BadPlugin:
    return BadPlugin(
        f"{doing} the plug-in '{path}' raised {type(error).__name__}: {error}; correct it and start again."
    )
