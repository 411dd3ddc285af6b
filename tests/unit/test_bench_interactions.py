"""The benchmark at a size that proves nothing but that it runs."""

import math

import pytest

from bench import interactions
from bench.interactions import AT_ONCE, Cost, measure, row, summed_up, whole_lives
from bench.load import Acks
from bench.stage import BARE, ENCORE


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interactions, "SETTLE", 0.0)
    monkeypatch.setattr(interactions, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(interactions, "LIFE", 1.0)


def cost(*seconds: float, to_ack: float = 0.001, to_reply: float | None = None, statements: float | None = 5.0) -> Cost:
    acks = Acks(seconds=list(seconds), lateness=[0.0])
    return Cost(acks=acks, idle=0.0, to_ack=to_ack, to_reply=to_reply, requests=1.0, statements=statements, loopback=0.1)


async def test_the_bare_bot_acknowledges_in_one_request_and_keeps_nothing() -> None:
    found = await measure(BARE, people=3, rate=AT_ONCE, warm_up=1, to_the_reply=True)
    assert len(found.acks.seconds) == 3
    assert (found.acks.late, found.requests, found.statements, found.to_reply) == (0, 1.0, 0.0, None)


async def test_the_bot_is_seen_to_its_reply() -> None:
    found = await measure(ENCORE, people=3, rate=50.0, warm_up=1, to_the_reply=True)
    assert len(found.acks.seconds) == len(found.acks.lateness) == 3
    assert found.acks.late == 0
    assert found.to_reply is not None
    assert 1.0 <= found.requests <= 3.0
    assert found.statements


async def test_a_whole_life_is_seen_to_its_result() -> None:
    life = await whole_lives(1)
    assert life.requests >= 2.0
    assert life.statements


def test_runs_are_pooled_and_costs_are_medians() -> None:
    pooled = summed_up([cost(1.0, to_ack=0.3, to_reply=0.5), cost(4.0, to_ack=0.1), cost(2.0, to_ack=0.2, statements=None)])
    assert pooled.acks.seconds == [1.0, 4.0, 2.0]
    assert (pooled.to_ack, pooled.to_reply, pooled.statements) == (0.2, 0.5, 5.0)
    assert summed_up([cost(1.0, statements=None)]).statements is None


def test_a_use_that_failed_or_took_over_three_seconds_is_late() -> None:
    assert Acks(seconds=[2.9, 3.1], failed=2).late == 3


def test_what_nobody_counted_is_not_shown_as_nothing() -> None:
    assert {"–", "not counted"} < set(row("Encore", cost(0.1, statements=None)))
    assert math.isinf(AT_ONCE)
