"""Which build this is: versions of the bot and of what it stands on."""

import importlib.metadata
import platform
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The versions that a report of a fault should name."""

    version: str
    python: str
    discord_py: str

    @classmethod
    def here(cls) -> Self:
        """Read them from what is installed."""
        return cls(version=_version("encore-bot"), python=platform.python_version(), discord_py=_version("discord.py"))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        # Run from its sources, without being installed.
        return "unknown"
