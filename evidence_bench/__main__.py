"""``python -m evidence_bench [COMMAND] ...``, or ``evidence-bench``: measure, or another command."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "run": "benchmarks.run",
    "speed": "benchmarks.speed",
    "compare": "benchmarks.compare",
    "check": "benchmarks.check",
    "report": "reports.__main__",
    "train": "models.train",
    "zoo": "models.zoo",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status of the command that is named first; of ``run`` where none is."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words.pop(0) if words and words[0] in COMMANDS else "run"
    module = importlib.import_module(f"evidence_bench.{COMMANDS[command]}")
    status: int = module.main(words)
    return status


if __name__ == "__main__":
    sys.exit(main())
