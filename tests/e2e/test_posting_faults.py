"""Requests that Discord limits, loses or fails: the reply and the result come through, once."""

import pytest

from tests.e2e.play import Play

pytestmark = pytest.mark.asyncio(loop_scope="module")

POST = "/channels/{id}/messages"
EDIT = "/webhooks/{id}/{token}/messages/@original"


async def _one_result(shared: Play, title: str) -> None:
    """Ask, and see the reply and one result."""
    call = await shared.extend(title=title)
    result = await shared.result(title=title)
    await shared.shows(call, f"/{result.id})")
    assert [message for message in shared.results() if title in message.content] == [result]
    assert len(shared.submits(title)) == 1


async def test_rate_limits_are_waited_out(shared: Play) -> None:
    for method, route in (("POST", POST), ("PATCH", EDIT)):
        shared.discord.faults.add(method=method, route=route, status=429, retry_after=0.3)
    shared.discord.faults.add(method="POST", route=POST, status=429, retry_after=0.3, is_global=True)
    await _one_result(shared, "limited")


async def test_a_post_that_took_effect_is_not_made_twice_after_a_server_error(shared: Play) -> None:
    fault = shared.discord.faults.add(method="POST", route=POST, status=500, before=False, times=2)
    await _one_result(shared, "failed")
    assert fault.hits == 2


async def test_a_post_whose_answer_was_reset_is_not_made_twice(shared: Play) -> None:
    fault = shared.discord.faults.add(method="POST", route=POST, reset=True, before=False)
    await _one_result(shared, "reset")
    assert fault.hits == 1


async def test_a_discord_that_is_away_for_a_moment_gets_everything_later(shared: Play) -> None:
    shared.discord.faults.add(method="PATCH", route=EDIT, reset=True)
    shared.discord.faults.add(method="POST", route=POST, status=503)
    await _one_result(shared, "later")
