"""Option values that cannot be taken: a private answer that says what is wrong and how to write it, and nothing sent."""

import pytest

from bot.sandbox.discord import ClientRefusal, InteractionCall, Message
from bot.sandbox.discord.component_types import Component, walk
from tests.e2e.play import SAMPLE, TYPED, Play
from tests.e2e.reading import labels, privately

pytestmark = pytest.mark.asyncio(loop_scope="module")

BAD = {
    "a word for a track": ("continue_clip_id", "Track to continue", "night train"),
    "a link without an id": ("continue_clip_id", "Track to continue", "https://suno.com/song/"),
    "blanks for a track": ("continue_clip_id", "Track to continue", "   "),
    "a word for a start point": ("continue_at", "Start point", "later"),
    "a start point before the track": ("continue_at", "Start point", "-5"),
    "the very beginning": ("continue_at", "Start point", "0:00"),
    "seventy seconds": ("continue_at", "Start point", "1:70"),
    "more than a day": ("continue_at", "Start point", "100000"),
    "a long-winded start point": ("continue_at", "Start point", "one hundred seconds after the start"),
    "the end of a track that is not known": ("continue_at", "Start point", "end"),
    "commas for styles": ("tags", "Styles", " , ,, "),
    "too many styles": ("tags", "Styles", ", ".join(f"style number {number}" for number in range(40))),
    "a long title": ("title", "Title", "la " * 90 + "la"),
    "another model": ("model", "Model", "v9"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_bad_option_is_refused_privately_with_an_example_and_a_way_to_mend_it(shared: Play, case: str) -> None:
    option, name, value = BAD[case]
    before = len(shared.submits())
    call = await shared.extend(**{option: value})
    said = privately(call)
    assert said.startswith(f"**{name}** (`{option}`): ")
    assert "\nFor example: `" in said
    assert labels(call.message) == ["Fix", *(["Show me how"] if option == "continue_clip_id" else [])]
    form = (await shared.press(call.message, "Fix")).modal
    assert {field.custom_id: field.value for field in form.fields} == {**TYPED, option: value}
    assert len(shared.submits()) == before


async def test_a_mended_request_goes_on_and_its_form_is_new_each_time(shared: Play) -> None:
    refused = await shared.extend(continue_at="later", title="mended")
    again = await _submitted(shared, refused.message, continue_at="soon")
    assert "`continue_at`" in privately(again)
    call = await _submitted(shared, again.message, continue_at="1:40")
    await shared.result(title="mended")
    assert shared.submits("mended") == [{**SAMPLE, "title": "mended"}]
    assert not call.message.is_ephemeral


async def test_the_example_of_each_refusal_works(shared: Play) -> None:
    for option, value in (("continue_clip_id", "?"), ("continue_at", "?"), ("tags", ",")):
        title = f"example {option.replace('_', ' ')}"
        refused = await shared.extend(**{option: value, "title": title})
        example = refused.message.content.rpartition("For example: ")[2].strip("`")
        await _submitted(shared, refused.message, **{option: example})
        await shared.result(title=title)
        assert shared.submits(title) == [{**SAMPLE, "title": title}]


async def _submitted(shared: Play, refusal: Message, **values: str) -> InteractionCall:
    form = (await shared.press(refusal, "Fix")).modal
    return await (await shared.world.mira.submit(form, values)).answered()


async def test_a_draft_opens_for_the_person_who_typed_it_alone(shared: Play) -> None:
    refused = await shared.extend(continue_at="later")
    with pytest.raises(ClientRefusal):
        await shared.world.jo.press(refused.message, "Fix")
    # Discord shows a private answer to nobody else; a forged press is refused by the bot itself.
    button = next(part for part in walk(refused.message.components) if part.get("type") == Component.BUTTON)
    result = await _a_result(shared)
    button_on_result = next(part for part in walk(result.components) if part.get("label") == "More")
    button_on_result["custom_id"] = button["custom_id"]
    assert "no longer kept" in privately(await shared.press(result, "More", shared.world.jo))


async def test_a_task_id_in_place_of_a_track_is_explained(shared: Play) -> None:
    await _a_result(shared)
    task = shared.music.tasks[shared.music.counts.accepted[-1].task_id]
    said = privately(await shared.extend(continue_clip_id=task.id))
    assert "a task has two tracks" in said
    assert task.clips[0].id in said


async def test_a_start_point_past_the_end_of_a_known_track_is_refused(shared: Play) -> None:
    await _a_result(shared)
    clip = shared.music.tasks[shared.music.counts.accepted[-1].task_id].clips[0]
    said = privately(await shared.extend(continue_clip_id=clip.id, continue_at="0:20"))
    assert "0:12 long" in said
    assert "For example: `0:11`" in said


async def _a_result(shared: Play) -> Message:
    number = len(shared.submits())
    await shared.extend(title=f"number {number}")
    return await shared.result(title=f"number {number}")
