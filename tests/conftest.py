"""What holds for every test."""

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.services import accepting
from bot.store.migrate import migrate
from bot.ui import asking
from tests import warm

# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("encore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("encore")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the database longer than Discord gives us: a busy machine is no late answer. Tests of lateness set their own limits."""
    monkeypatch.setattr(accepting, "READ_WITHIN", 30.0)
    monkeypatch.setattr(accepting, "ACCEPT_WITHIN", 30.0)
    monkeypatch.setattr(asking, "ADMIT_WITHIN", 30.0)
    monkeypatch.setattr(asking, "LIST_WITHIN", 30.0)
    monkeypatch.setattr(asking, "KEEP_WITHIN", 30.0)


@pytest.fixture(scope="session", autouse=True)
def warm_starts() -> Generator[None]:
    """End the process that bots are forked from, if a test has needed one."""
    yield
    warm.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database that has its schema and nothing else; tests work on copies."""
    file = tmp_path_factory.mktemp("migrated") / "encore.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file
