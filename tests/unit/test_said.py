import pytest

from bot.domain.jobs import JobState
from bot.domain.standing import LaneCondition, Standing
from bot.services.said import Said
from tests.contract.builders import make_job

WORKING, AWAY, PAUSED = LaneCondition.WORKING, LaneCondition.UNREACHABLE, LaneCondition.KEY_REFUSED
QUEUED, SUBMITTING = JobState.QUEUED, JobState.SUBMITTING


@pytest.mark.parametrize(
    ("said", "state", "now", "known"),
    [
        (WORKING, QUEUED, WORKING, True),
        (AWAY, QUEUED, AWAY, True),
        (WORKING, QUEUED, AWAY, False),
        (AWAY, QUEUED, PAUSED, False),
        (AWAY, QUEUED, WORKING, False),
        (AWAY, SUBMITTING, AWAY, True),
        (PAUSED, SUBMITTING, PAUSED, True),
        (WORKING, SUBMITTING, WORKING, False),
        (LaneCondition.SLOWED, SUBMITTING, LaneCondition.SLOWED, False),
        (AWAY, JobState.GENERATING, WORKING, False),
        (AWAY, JobState.CANCELLED, AWAY, False),
    ],
)
def test_what_a_reply_says_already_is_not_said_again(said: LaneCondition, state: JobState, now: LaneCondition, known: bool) -> None:
    replies = Said()
    replies.note(make_job(), Standing(place=1, lane=said))
    assert replies.has(make_job(state=state), Standing(place=5, lane=now)) is known


def test_nothing_was_said_before_the_first_reply_nor_after_the_job_has_left_the_line() -> None:
    replies = Said()
    assert not replies.has(make_job(), Standing())
    replies.note(make_job(), Standing())
    replies.note(make_job(state=SUBMITTING), Standing())
    assert not replies.has(make_job(), Standing())


def test_last_words_and_hiding_are_news() -> None:
    replies = Said()
    replies.note(make_job(), Standing())
    assert not replies.has(make_job(), Standing(last_words=True))
    assert not replies.has(make_job(hidden=True), Standing())
