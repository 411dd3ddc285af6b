"""The transition table against the picture in the docstring of `bot/domain/jobs.py`."""

from dataclasses import replace

import pytest

from bot.domain import jobs
from bot.domain.actors import Actor
from bot.domain.jobs import IllegalTransition, Job, JobState, amend, transition
from tests.contract.builders import GUILD, TOKEN, USER, make_job

PICTURE = {
    "queued": "submitting cancelled",
    "submitting": "queued generating unknown failed",
    "generating": "ready failed stalled",
    "ready": "delivered",
    "stalled": "ready failed",
    "unknown": "generating",
    "delivered": "",
    "cancelled": "",
    "failed": "",
}
"""As drawn, with the two late arrows that the text below the picture names: UNKNOWN → GENERATING, STALLED → READY or FAILED."""

ARROWS = {(JobState(before), JobState(after)) for before, afters in PICTURE.items() for after in afters.split()}


def test_the_picture_names_every_state() -> None:
    assert set(PICTURE) == {state.value for state in JobState}
    drawn = (jobs.__doc__ or "").split("\n\n")[1]
    assert all(state.name in drawn for state in JobState)


@pytest.mark.parametrize("before", JobState)
@pytest.mark.parametrize("after", JobState)
def test_exactly_the_drawn_steps_exist(before: JobState, after: JobState) -> None:
    job = make_job(state=before, revision=7, announced=3)
    if (before, after) not in ARROWS:
        with pytest.raises(IllegalTransition, match=f"{before} → {after}"):
            transition(job, after, 99.0)
        return
    assert transition(job, after, 99.0, attempts=2) == replace(job, state=after, state_since=99.0, revision=8, attempts=2)


def test_an_amendment_is_one_revision_on_in_the_same_state() -> None:
    job = make_job(revision=7, state_since=5.0)
    assert amend(job, hidden=True) == replace(job, revision=8, hidden=True)


@pytest.mark.parametrize("state", JobState)
def test_in_flight_is_what_the_design_says(state: JobState) -> None:
    assert make_job(state=state).in_flight is (state.value in {"queued", "submitting", "generating"})


def test_a_repr_holds_no_token() -> None:
    job = make_job()
    assert job.origin.reply_token == TOKEN
    assert TOKEN not in repr(job)
    assert TOKEN not in repr(job.origin)
    assert str(job.origin.interaction_id) in repr(job)


@pytest.mark.parametrize(("can_post", "ephemeral", "reaches"), [(True, False, True), (True, True, False), (False, False, False)])
def test_a_result_goes_to_the_channel_where_the_bot_is_and_the_reply_was_public(can_post: bool, ephemeral: bool, reaches: bool) -> None:
    job = make_job(origin={"can_post": can_post, "reply_ephemeral": ephemeral})
    assert job.origin.reaches_channel is reaches


@pytest.mark.parametrize(
    ("user_id", "guild_id", "moderator", "of", "may"),
    [
        (USER, GUILD, False, GUILD, True),
        (USER, None, False, None, True),
        (USER, GUILD + 1, False, GUILD, True),
        (USER + 1, GUILD, False, GUILD, False),
        (USER + 1, GUILD, True, GUILD, True),
        (USER + 1, GUILD + 1, True, GUILD, False),
        (USER + 1, None, True, None, False),
        (USER + 1, GUILD, True, None, False),
    ],
)
def test_a_job_obeys_its_person_and_the_moderators_of_its_server(
    user_id: int, guild_id: int | None, moderator: bool, of: int | None, may: bool
) -> None:
    job: Job = make_job(guild_id=of)
    assert Actor(user_id=user_id, guild_id=guild_id, moderator=moderator).may_act_on(job) is may
