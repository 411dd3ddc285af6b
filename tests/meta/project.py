"""The project's files, for the tests that look at all of them."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def project_files() -> Iterator[Path]:
    """Yield every file of the project: what neither git nor .gitignore would leave out."""
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()} | {".git"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not _matches(name, ignored))
        yield from (Path(folder, name) for name in sorted(files) if not _matches(name, ignored))


def _matches(name: str, patterns: set[str]) -> bool:
    return any(Path(name).match(pattern) for pattern in patterns if pattern)


def project_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file of the project that is text."""
    for path in project_files():
        data = path.read_bytes()
        if b"\0" not in data:
            yield path.relative_to(ROOT).as_posix(), data.decode()


def pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def table_rows(text: str, heading: str) -> list[list[str]]:
    """Read the cells of the first Markdown table under this heading, its head left out."""
    section = text.partition(f"\n{heading}\n")[2]
    table: list[str] = []
    for line in section.splitlines():
        if line.startswith("|"):
            table.append(line)
        elif table or line.startswith("#"):
            break
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]
