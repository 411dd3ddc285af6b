import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import stamina

from tests.unit.rig import Rig
from tests.unit.session_rig import SessionRig


@pytest.fixture
def no_backoff() -> Generator[None]:
    """Let the retries of the library follow each other at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
async def rig(migrated: Path, tmp_path: Path, no_backoff: None) -> AsyncGenerator[Rig]:
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    async with Rig(f"sqlite+aiosqlite:///{file}") as rig:
        yield rig


@pytest.fixture
async def sessions(migrated: Path, tmp_path: Path, no_backoff: None) -> AsyncGenerator[SessionRig]:
    """A rig with sessions."""
    file = tmp_path / "encore.db"
    shutil.copy(migrated, file)
    async with SessionRig(f"sqlite+aiosqlite:///{file}") as rig:
        yield rig
