"""Whatever an act raises, the person gets an answer: in words, or with a reference that the log has too."""

import logging
import re

import aiohttp
import discord
import pytest

from bot.domain.requests import EXAMPLE_AT
from bot.errors import BadOption, Busy, NotAllowed, NotFound, StoreUnavailable
from bot.ui.safe import explain, guarded
from tests.unit.interactions import FakeConnection, FakeInteraction, refused
from tests.unit.vocabulary import FORBIDDEN


async def act(error: Exception | None, pressed: FakeInteraction) -> None:
    async def does() -> None:
        if error is not None:
            raise error

    await guarded(pressed.as_sent, does())


async def test_an_act_that_works_is_left_alone() -> None:
    pressed = FakeInteraction()
    await act(None, pressed)
    assert (pressed.answers, pressed.follow_ups) == ([], [])


@pytest.mark.parametrize("done", [False, True])
async def test_what_people_can_mend_is_told_privately_as_an_answer_or_a_follow_up(done: bool) -> None:
    pressed = FakeInteraction(done=done)
    await act(NotAllowed("job x is somebody else's"), pressed)
    (told,) = pressed.follow_ups if done else pressed.answers
    assert told["ephemeral"] is True
    assert "moderator" in told["content"]
    assert "job x" not in told["content"]
    assert told["allowed_mentions"].to_dict()["parse"] == []


@pytest.mark.parametrize("error", [BadOption("continue_at", "No.", EXAMPLE_AT), NotFound(), Busy(), StoreUnavailable("disk")])
async def test_they_see_no_reference_and_the_log_no_error(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    pressed = FakeInteraction()
    await act(error, pressed)
    assert "reference" not in pressed.answers[0]["content"]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), KeyError("x"), refused(400, 50035), refused(503, 0), aiohttp.ClientOSError("reset")]
)
async def test_what_is_ours_has_a_reference_that_the_log_has_too(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    pressed = FakeInteraction()
    await act(error, pressed)
    text = pressed.answers[0]["content"]
    found = re.search(r"`([0-9a-f]{8})`", text)
    assert found
    assert found[1] in caplog.text
    assert "a bug" not in text
    assert not FORBIDDEN.search(text)


async def test_the_operator_who_mistypes_a_task_is_not_shown_how_to_make_music() -> None:
    pressed = FakeInteraction()
    await act(BadOption("task_id", "That is not a task id.", "task-000001"), pressed)
    assert pressed.answers[0]["view"] is discord.utils.MISSING


async def test_an_interaction_answered_too_late_is_not_answered_again(caplog: pytest.LogCaptureFixture) -> None:
    pressed = FakeInteraction()
    await act(refused(404, 10062), pressed)
    assert pressed.answers == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_an_answer_that_had_arrived_is_not_given_again(caplog: pytest.LogCaptureFixture) -> None:
    pressed = FakeInteraction()
    await act(refused(400, 40060), pressed)
    assert pressed.answers == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_second_answer_to_what_was_answered_is_a_bug_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    pressed = FakeInteraction(done=True)
    await act(refused(400, 40060), pressed)
    assert "reference" in pressed.follow_ups[0]["content"]
    assert "broke off" in caplog.text


async def test_a_process_that_is_ending_answers_nobody(caplog: pytest.LogCaptureFixture) -> None:
    pressed = FakeInteraction(client=FakeConnection(closed=True))
    await act(RuntimeError("Session is closed"), pressed)
    assert pressed.answers == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("closed", [refused(404, 10062), refused(403, 50001), aiohttp.ClientOSError("reset"), TimeoutError()])
async def test_an_answer_that_does_not_arrive_is_noted(closed: Exception, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await explain(FakeInteraction(says=[closed]).as_sent, NotFound())
    assert "could not be answered" in caplog.text
