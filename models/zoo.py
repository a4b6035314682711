"""The shipped checkpoints: ``python -m models.zoo`` lists them, with a NAME it shows all of a card."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from evidence_bench.models.errors import UnknownName
from evidence_bench.models.vaes.card import read_card
from evidence_bench.models.vaes.checkpoint_names import SHIPPED

COLUMNS = ("name", "data", "trained by", "passes", "hours", "test NLL (nats)", "active units", "KiB")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    from evidence_bench.benchmarks.command.arguments import Parser

    p = Parser(prog="python -m models.zoo", description=__doc__)
    p.add_argument("name", nargs="?", help="a checkpoint, to show all that its card says")
    p.add_argument("--json", action="store_true", help="all cards as one JSON object")
    return p


def main(arguments: list[str] | None = None) -> int:
    """Print the list, one card or all of them; 0, or 2 for a name that is not there."""
    from evidence_bench.benchmarks.command.running import run_command

    return run_command("models.zoo", lambda: _print(parser().parse_args(arguments)))


def _print(given: argparse.Namespace) -> int:
    cards = shipped_cards()
    if given.name is not None and given.name not in cards:
        raise UnknownName(f"there is no checkpoint '{given.name}'; there are {', '.join(cards)}.")
    if given.name or given.json:
        print(json.dumps(_shown(cards[given.name]) if given.name else cards, indent=2))
    else:
        print(table(cards))
    return 0


def _shown(card: dict[str, Any]) -> dict[str, Any]:
    """The card without its learning curve, which is long; --json has it."""
    training = {key: value for key, value in card["training"].items() if key != "curve"}
    return {**card, "training": training}


def shipped_cards() -> dict[str, dict[str, Any]]:
    """The card of every shipped checkpoint by name, without reading the tensors."""
    paths = sorted(SHIPPED.glob("*.json"))
    return {path.stem: read_card(path) for path in paths}


def table(cards: dict[str, dict[str, Any]]) -> str:
    """One line a checkpoint; NLL with its standard error over test images, by how many weights an image."""
    rows = [COLUMNS, *(_row(name, card) for name, card in cards.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(
        [
            *(line.rstrip() for line in lines),
            "",
            "NLL: IWAE's estimate from the number of weights an image that the card names, +- standard error "
            "over test images.",
            "Measure on one with python -m benchmarks.run --models NAME.",
        ]
    )


def _row(name: str, card: dict[str, Any]) -> tuple[str, ...]:
    training, test = card["training"], card["test"]
    recipe = training["recipe"]
    made = [*recipe.get("earlier", []), training]  # a checkpoint may go on from another
    value, error = test["negative_log_likelihood"], test["negative_log_likelihood_stderr"]
    return (
        name,
        f"{card['data']['name']} ({card['data']['binarisation']})",
        f"{recipe['objective']} k={recipe['k']}",
        str(sum(one["passes"] for one in made)),
        f"{sum(one['seconds'] for one in made) / 3600:.2f}",
        f"{value:.2f} +- {error:.2f}",
        "+".join(map(str, test["active_units"])),
        str((SHIPPED / f"{name}.safetensors").stat().st_size // 1024),
    )


if __name__ == "__main__":
    sys.exit(main())
