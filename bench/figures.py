"""Numbers and how they are shown."""

import math
import sys
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values (0 to 1) does not exceed: nearest rank; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def median(values: Sequence[float]) -> float:
    """Return the middle value, of an even number the mean of the middle two; NaN of none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out in columns, the first flush left, the numbers flush right."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])

    return "\n".join(line(cells).rstrip() for cells in (heads, *rows))


def versus(name: str, found: float, most: float, unit: str = "") -> str:
    """Hold a figure against its goal: `memory 1.31 × (goal ≤ 1.6 ×: met)`."""
    verdict = "met" if found <= most else "missed"
    return f"{name} {found:.2f}{unit} (goal ≤ {most:g}{unit}: {verdict})"


def show(text: str = "") -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
