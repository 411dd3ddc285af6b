"""The first three seconds: a request goes on if Discord shows its reply, and only then."""

import pytest

from bot.sandbox.discord import InteractionState
from tests.e2e.play import Play, until
from tests.e2e.reading import audio_of, privately

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLBACK = "/interactions/{id}/{token}/callback"


async def _reaches_the_end(shared: Play, title: str) -> None:
    """Ask, and see exactly one submit and one result."""
    call = await shared.extend(title=title)
    result = await shared.result(title=title)
    assert len(audio_of(result)) == 2
    assert result.reference is call.message
    assert len(shared.submits(title)) == 1
    await shared.shows(call, "The track is here")
    assert len([message for message in shared.results() if title in message.content]) == 1


async def test_a_request_answered_too_late_is_withdrawn_and_never_sent(shared: Play) -> None:
    call = await shared.world.mira.slash(shared.room, "extend", continue_clip_id="abc123", continue_at="1:00", tags="late", title="late")
    shared.discord.advance(4)
    assert call.failed == "The application did not respond"
    await until(lambda: "was withdrawn" in shared.bot.log)
    assert "Nothing under way" in privately(await shared.use("jobs"))
    await _reaches_the_end(shared, "after the late one")
    assert shared.submits("late") == []


async def test_already_acknowledged_counts_as_acknowledged(shared: Play) -> None:
    shared.discord.faults.add(method="POST", route=CALLBACK, status=400, code=40060, before=False)
    await _reaches_the_end(shared, "40060")


@pytest.mark.parametrize("before", [True, False], ids=["before it took effect", "after it took effect"])
@pytest.mark.parametrize("how", ["reset", "500", "429"])
async def test_a_lost_acknowledgement_is_made_sure_of(shared: Play, how: str, before: bool) -> None:
    if how == "reset":
        shared.discord.faults.add(method="POST", route=CALLBACK, reset=True, before=before)
    else:
        shared.discord.faults.add(method="POST", route=CALLBACK, status=int(how), before=before)
    await _reaches_the_end(shared, f"{how} {before}")


async def test_a_request_that_cannot_be_acknowledged_at_all_is_withdrawn(shared: Play) -> None:
    fault = shared.discord.faults.add(method="POST", route=CALLBACK, reset=True, times=10)
    call = await shared.world.mira.slash(shared.room, "extend", continue_clip_id="abc123", continue_at="1:00", tags="mute", title="mute")
    await call.answered()
    assert call.state is InteractionState.FAILED
    shared.discord.faults.remove(fault)
    assert "Discord is away" in shared.bot.log
    assert "Nothing under way" in privately(await shared.use("jobs"))
    assert shared.submits("mute") == []
