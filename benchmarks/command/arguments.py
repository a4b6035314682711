"""What command lines share: a parser that answers in one sentence, and numbers as people write them.

Does not import torch.
"""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import NoReturn

MOST_DIGITS = 18  # a number of more does not fit into 64 bits


class Parser(argparse.ArgumentParser):
    """argparse without its lines of usage before the sentence that says what is wrong."""

    def error(self, message: str) -> NoReturn:
        """One sentence on stderr, and where the options are listed if it names no value; exit status 2."""
        says_it_all = message.startswith("argument ") and "expected" not in message
        self.exit(2, f"{self.prog}: error: {message}{'' if says_it_all else '; --help lists all options'}.\n")


def count(text: str) -> int:
    """A whole number of at least 1, as argparse wants it: 1000, 1_000 or 1e3."""
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number < 1 or number.normalize().as_tuple().exponent < 0:  # type: ignore[operator]
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    if number.adjusted() >= MOST_DIGITS:
        raise argparse.ArgumentTypeError(
            f"'{text}' has more than {MOST_DIGITS} digits; write a smaller number"
        )
    return int(number)
