"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

from bot.services import accepting
from bot.ui import asking

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
