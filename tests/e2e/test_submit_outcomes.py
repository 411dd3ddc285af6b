"""What a submit's outcome does to the job: the table on which money depends, from the provider's answer to what people see."""

import pytest

from bot.sandbox.discord import InteractionCall
from bot.sandbox.music_faults import (
    Fault,
    code_in_200,
    empty,
    html,
    http_error,
    maintenance,
    reset,
    too_often,
    truncated,
    without_task_id,
)
from bot.sandbox.music_wire import Endpoint
from tests.e2e.conftest import SUBMIT_INTERVAL
from tests.e2e.play import PATIENCE, SAMPLE, Play
from tests.e2e.reading import labels, privately, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNCLEAR = {
    "reset after acting": reset(accepted=True),
    "reset before the body was read": reset(),
    "the answer cut short": truncated(),
    "500 after acting": http_error(500, accepted=True),
    "502 with a page": html(status=502),
    "200 with a page": html(accepted=True),
    "200 without a body": empty(accepted=True),
    "200 without a task": without_task_id(),
    "code 500 in a 200": code_in_200(500, accepted=True),
}
CERTAINLY_NOT = {
    "429 with Retry-After": too_often(retry_after=1),
    "429 without": too_often(),
    "405": too_often(status=405),
    "430": too_often(status=430),
    "maintenance": maintenance(),
}
REFUSED = {
    "400": http_error(400, code=400, message="continue_at is *wrong*"),
    "413": http_error(413, code=413, message="too many words"),
    "code 400 in a 200": code_in_200(400, "tags are <wrong>"),
}


@pytest.mark.parametrize("name", UNCLEAR)
async def test_an_unclear_outcome_is_never_sent_again_by_itself(shared: Play, name: str) -> None:
    shared.music.faults.add(Endpoint.EXTEND, UNCLEAR[name])
    before = shared.music.counts.submits
    call = await shared.extend(title=name)
    reply = await shared.shows(call, "Not clear whether it started")
    assert "I did not send it again, because that could cost twice" in text_of(reply)
    assert labels(reply) == ["Try again (may cost twice)"]
    await _the_next_one_goes_through(shared, f"after {name}")
    assert shared.music.counts.submits == before + 2


@pytest.mark.parametrize("name", CERTAINLY_NOT)
async def test_what_was_certainly_not_accepted_goes_back_in_line_and_is_sent_again(shared: Play, name: str) -> None:
    shared.music.faults.add(Endpoint.EXTEND, CERTAINLY_NOT[name])
    await shared.extend(title=name)
    await shared.result(title=name)
    assert [body["title"] for body in shared.submits(name)] == [name, name]
    refused, accepted = shared.music.counts.arrivals(Endpoint.EXTEND)[-2:]
    assert accepted - refused >= (1.0 if name == "429 with Retry-After" else SUBMIT_INTERVAL)


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refusal_is_final_and_quotes_the_provider_harmlessly(shared: Play, name: str) -> None:
    fault = REFUSED[name]
    shared.music.faults.add(Endpoint.EXTEND, fault)
    call = await shared.extend(title=name)
    reply = await shared.shows(call, "Nothing came of it")
    assert "It said: “" in text_of(reply)
    assert "*wrong*" not in text_of(reply).replace("\\*", "")
    assert reply.pinged == frozenset()
    assert labels(reply) == ["Change and try again"]
    form = (await shared.press(reply, "Change and try again")).modal
    await (await shared.world.mira.submit(form, {"title": f"{name} mended"})).answered()
    await shared.result(title=f"{name} mended")
    assert len(shared.submits(name)) == 1


@pytest.mark.parametrize("fault", [http_error(451, code=451, message="lyrics name an artist"), code_in_200(400, "sensitive words found")])
async def test_moderation_is_explained_to_the_requester_alone(shared: Play, fault: Fault) -> None:
    shared.music.faults.add(Endpoint.EXTEND, fault)
    call = await shared.extend(title="moderated")
    reply = await shared.shows(call, "Nothing came of it")
    private = await shared.room.wait_for(lambda message: message in call.followups, PATIENCE)
    assert private.is_ephemeral
    said = "artist" if fault.status == 451 else "sensitive words"
    assert said in private.content
    assert said not in text_of(reply)
    assert all(said not in text_of(message) for message in shared.room.messages if not message.is_ephemeral)
    assert said not in shared.bot.log, "nor has the log what is for the person alone"


async def test_try_again_is_a_new_request_of_its_person_alone(shared: Play) -> None:
    shared.may_submit_twice = True
    shared.music.faults.add(Endpoint.EXTEND, reset(accepted=True))
    call = await shared.extend(title="twice")
    reply = await shared.shows(call, "Not clear whether it started")
    again = "Try again (may cost twice)"
    assert "Only the person who asked" in privately(await shared.press(reply, again, shared.world.jo))
    second = await shared.press(reply, again)
    result = await shared.result(title="twice")
    assert result.reference is second.message
    assert shared.submits("twice") == [{**SAMPLE, "title": "twice"}] * 2


async def _the_next_one_goes_through(shared: Play, title: str) -> InteractionCall:
    call = await shared.extend(shared.world.jo, title=title)
    await shared.result(title=title)
    return call
