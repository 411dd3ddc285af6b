"""The import graph of CONTRIBUTING.md: imports go one way."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.meta.project import ROOT, table_rows

ALLOWED: dict[str, set[str]] = {
    "bot.errors": set(),
    "bot.domain": {"bot.errors"},
    "bot.settings": {"bot.errors"},
    "bot.music": {"bot.domain", "bot.errors"},
    "bot.store": {"bot.domain", "bot.errors"},
    "bot.services.ports": {"bot.domain", "bot.errors"},
    "bot.services": {"bot.domain", "bot.errors", "bot.sound"},
    "bot.sound": {"bot.domain", "bot.errors"},
    "bot.ui": {"bot.domain", "bot.errors", "bot.services.ports"},
    "bot.announcer": {"bot.discord_terms", "bot.domain", "bot.errors", "bot.messages", "bot.services", "bot.threads", "bot.ui"},
    "bot.post_office": {"bot.discord_terms", "bot.domain", "bot.errors", "bot.messages", "bot.ui"},
    "bot.messages": {"bot.discord_terms", "bot.domain", "bot.errors", "bot.threads", "bot.ui"},
    "bot.operator_line": {"bot.discord_terms", "bot.domain", "bot.errors", "bot.services.ports", "bot.ui"},
    "bot.names": {"bot.discord_terms", "bot.domain", "bot.errors", "bot.services"},
    "bot.posted_audio": {"bot.discord_terms", "bot.domain", "bot.messages"},
    "bot.venues": {"bot.discord_terms", "bot.domain", "bot.errors", "bot.threads", "bot.ui"},
    "bot.threads": {"bot.discord_terms", "bot.errors"},
    "bot.ops": {"bot.domain", "bot.errors", "bot.services.ports"},
    "cogs": {"bot.domain", "bot.errors", "bot.services", "bot.ui"},
    "bot.endpoints": set(),
    "bot.discord_terms": {"bot.errors"},
    "bot.discord_bot": {"bot.domain", "bot.endpoints", "bot.errors", "bot.services", "bot.ui"},
    "bot.clock": set(),
    "bot.connecting": {"bot.discord_bot", "bot.errors"},
    "bot.stopping": set(),
    "bot.checkup": {"bot.clock", "bot.domain", "bot.errors", "bot.music", "bot.ops", "bot.services.sealing", "bot.settings", "bot.store"},
    "bot.sandbox": set(),
}
"""What each part may import of ours beside itself; a part inside another one comes before it."""
ALLOWED["bot.app"] = ALLOWED.keys() - {"bot.sandbox", "bot.checkup"}
ALLOWED["bot.__main__"] = {"bot", "cogs"}

WITHOUT_DISCORD = ("bot.domain", "bot.errors", "bot.music", "bot.services", "bot.settings", "bot.sound", "bot.store")


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def imports(source: str, module: str, *, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of all that a module imports, wherever in it; `from a import b` counts as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = module.split(".")
                above = here[: len(here) - node.level + is_package]
                base = ".".join([*above, base] if base else above)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """List what a module imports against the rules."""
    part = next((part for part in ALLOWED if within(module, part)), None)
    if part is None:
        return [] if module == "bot" else [f"{module}: say in ALLOWED what it may import"]
    found: list[str] = []
    for line, name in imports(source, module, is_package=is_package):
        ours = within(name, "bot") or within(name, "cogs")
        if ours and not any(within(name, allowed) for allowed in (part, *ALLOWED[part])):
            found.append(f"{module}:{line} imports {name}")
        if within(name, "discord") and part in WITHOUT_DISCORD:
            found.append(f"{module}:{line} imports {name}: {part} knows no Discord")
    return found


def modules() -> list[tuple[str, Path]]:
    files = [path for folder in ("bot", "cogs") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path) for path in files]


@pytest.mark.parametrize(("module", "path"), modules(), ids=[module for module, _ in modules()])
def test_imports_go_one_way(module: str, path: Path) -> None:
    assert violations(path.read_text("utf-8"), module, is_package=path.name == "__init__.py") == []


def test_contributing_shows_the_same_rules() -> None:
    def listed(cell: str) -> set[str]:
        names = set(re.findall(r"`([\w.]+)`", cell))
        return {name if name == "cogs" else f"bot.{name}" for name in names}

    rows = table_rows((ROOT / "CONTRIBUTING.md").read_text("utf-8"), "## How the code is laid out")
    shown = {row[0].strip("`").removesuffix(".py").strip("/").replace("/", "."): row[2] for row in rows}
    assert shown.pop("bot.app") == "everything but `sandbox` and `checkup`"
    assert shown.pop("bot.__main__") == "everything"
    assert {part: listed(cell) for part, cell in shown.items()} == {
        part: allowed for part, allowed in ALLOWED.items() if part not in {"bot.app", "bot.__main__"}
    }


def test_the_parts_were_seen() -> None:
    seen = {module for module, _ in modules()}
    assert {"bot", "cogs", "bot.errors", "bot.settings", "bot.domain.jobs", "bot.services.ports", "bot.sandbox"} <= seen
    ports = (ROOT / "bot/services/ports/stores.py").read_text("utf-8")
    assert any(within(name, "bot.domain") for _, name in imports(ports, "bot.services.ports.stores"))


def test_the_bot_s_process_takes_no_numpy() -> None:
    """Work on sound does, in processes of its own: in the bot's, ten megabytes would lie idle."""
    parts = ["bot.__main__", *(module for module, _ in modules() if within(module, "cogs"))]
    program = f"import sys, {', '.join(parts)}; print('bot.sound.apart' in sys.modules, 'numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - the project's own
    assert said.stdout.split() == ["True", "False"], said.stderr


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.jobs", "import discord"),
        ("bot.services.lane", "from discord.ext import commands"),
        ("bot.store.jobs", "def late():\n    from discord import utils"),
        ("bot.music.client", "if TYPE_CHECKING:\n    import discord.http as http"),
        ("bot.domain.jobs", "from bot.music.client import Client"),
        ("bot.errors", "from bot.domain.jobs import Job"),
        ("bot.services.lane", "from bot.store.jobs import JobTable"),
        ("bot.services.lane", "from .. import store"),
        ("bot.services.lane", "from ..music.client import Client"),
        ("bot.music.client", "from bot.services.ports.outside import Music"),
        ("bot.services.ports.people", "from bot.services.lanes import Lanes"),
        ("bot.ui.cards", "from bot.services import lane"),
        ("bot.ui.cards", "from bot.sound import waveform"),
        ("bot.sound.joining", "from bot.services.archive import Archive"),
        ("bot.ui.cards", "from bot.services.accepting import Accepting"),
        ("bot.sandbox.music_api", "from bot.domain.jobs import Job"),
        ("bot.sandbox.music_api", "import bot.errors"),
        ("bot.app", "from bot.sandbox import script"),
        ("bot.app", "import bot.sandbox"),
        ("cogs.extend", "from bot.store.jobs import JobTable"),
        ("cogs.extend", "import bot"),
        ("bot.newcomer", ""),
    ],
)
def test_a_breach_is_seen(module: str, source: str) -> None:
    assert violations(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.services.lane", "from .ports.outside import Music\nfrom . import delivery\nfrom bot.domain.jobs import Job"),
        ("bot.ui.cards", "import discord\nfrom bot.services import ports\nfrom bot.services.ports.stores import Jobs"),
        ("bot.sandbox.discord.server", "from ..tape import synthesise\nimport aiohttp"),
        ("bot.__main__", "from bot import app, sandbox"),
        ("bot.domain.jobs", "import discordant"),
        ("bot", ""),
    ],
)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert violations(source, module) == []


def test_a_package_s_own_file_resolves_its_dots() -> None:
    assert [name for _, name in imports("from .jobs import Job", "bot.store", is_package=True)] == ["bot.store.jobs.Job"]
