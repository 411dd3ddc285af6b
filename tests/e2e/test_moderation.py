"""Removing tracks, forbidden words, blocks: the real bot between the loopback provider and the loopback Discord."""

import pytest

from bot.sandbox.discord import ClientRefusal, Event, InteractionCall, Message, MessageUpdated, Overwrite, OverwriteKind, Permission, Person
from tests.e2e.play import PATIENCE, Play, until
from tests.e2e.reading import audio_of, labels, privately, text_of

REMOVE, BLOCK = "Remove track", "Block from Encore"


async def _ask_removal(play: Play, message: Message, person: Person) -> InteractionCall:
    call = await person.context_menu(play.room, REMOVE, message)
    return await call.settled(PATIENCE)


async def _remove(play: Play, message: Message, person: Person) -> InteractionCall:
    asked = await _ask_removal(play, message, person)
    assert "Remove this track?" in privately(asked)
    await person.press(asked.message, "Remove")
    await _says_removed(play, asked)
    return asked


async def _says_removed(play: Play, asked: InteractionCall) -> None:
    def says(message: Message) -> bool:
        return message is asked.message and "Removed" in text_of(message) and labels(message) == []

    await play.room.wait_for(says, PATIENCE)


async def _moderate(play: Play, what: str, person: Person, reason: str = "") -> str:
    given = {"reason": reason} if reason else {}
    call = await play.world.sam.slash(play.room, f"moderate {what}", person=person, **given)
    return privately(await call.settled(PATIENCE))


async def _delivered(play: Play) -> tuple[InteractionCall, Message]:
    call = await play.extend(title="crazy and wild")
    result = await play.result()
    await play.shows(call, f"/{result.id})")
    return call, result


async def _gone(play: Play, *messages: Message) -> None:
    await until(lambda: not any(message.id in play.room.channel.messages for message in messages))


async def test_a_moderator_removes_a_track_from_its_result_and_nothing_of_it_answers_any_more(hurried: Play) -> None:
    call, result = await _delivered(hurried)
    continuing = await hurried.continues(result, "A")
    await _remove(hurried, result, hurried.world.sam)
    await _gone(hurried, result)
    reply = await hurried.shows(call, "removed by a moderator")
    assert labels(reply) == []
    assert "crazy and wild" not in text_of(reply)
    clip = hurried.music.tasks[hurried.music.counts.accepted[0].task_id].clips[0]
    late = await (await hurried.world.mira.submit(continuing)).settled(PATIENCE)
    assert "was removed" in privately(late)
    typed = await hurried.extend(hurried.world.jo, continue_clip_id=clip.id)
    assert "was removed" in privately(typed)
    tracked = await hurried.use("track", hurried.world.jo, task_id=hurried.music.counts.accepted[0].task_id)
    assert "was removed" in privately(tracked)
    choices = await hurried.world.mira.autocomplete(hurried.room, "extend", focused="continue_clip_id", value="")
    assert clip.id not in [choice.value for choice in choices]
    await hurried.restart()
    again = await hurried.extend(hurried.world.jo, continue_clip_id=clip.id)
    assert "was removed" in privately(again)
    assert hurried.results() == []
    assert len(hurried.submits()) == 1


async def test_its_person_removes_it_from_the_reply_and_a_stranger_may_not(hurried: Play) -> None:
    call, result = await _delivered(hurried)
    refused = await _ask_removal(hurried, result, hurried.world.jo)
    assert "Only the person who asked" in privately(refused)
    await _remove(hurried, call.message, hurried.world.mira)
    await _gone(hurried, result)
    await hurried.shows(call, "removed by the person who asked")
    told = await _ask_removal(hurried, call.message, hurried.world.sam)
    assert "Removed" in privately(told)
    assert labels(told.message) == []


async def test_two_moderators_at_once_remove_it_once(hurried: Play) -> None:
    call, result = await _delivered(hurried)
    first, second = [await _ask_removal(hurried, result, person) for person in (hurried.world.sam, hurried.world.mira)]
    for person, asked in ((hurried.world.sam, first), (hurried.world.mira, second)):
        await person.press(asked.message, "Remove")
    for asked in (first, second):
        await _says_removed(hurried, asked)
    await hurried.shows(call, "was removed by")
    await _gone(hurried, result)
    assert [request.status for request in hurried.sent("DELETE", f"/messages/{result.id}")] == [204]


async def test_a_message_of_somebody_else_is_no_track(hurried: Play) -> None:
    message = await hurried.world.mira.send(hurried.room, "hello")
    assert "shows no track of mine" in privately(await _ask_removal(hurried, message, hurried.world.sam))
    jobs = await hurried.use("jobs")
    assert "shows no track of mine" in privately(await _ask_removal(hurried, jobs.message, hurried.world.mira))


async def test_a_removal_outlives_an_outage_of_discord_and_a_kill(hurried: Play) -> None:
    call, result = await _delivered(hurried)
    asked = await _ask_removal(hurried, result, hurried.world.sam)
    away = hurried.discord.faults.add(method="DELETE", route="/channels/{id}/messages/{id}", status=503)
    await (await hurried.world.sam.press(asked.message, "Remove")).settled(PATIENCE)
    await until(lambda: away.hits > 0)
    await hurried.kill()
    hurried.discord.faults.clear()
    await hurried.start()
    await _gone(hurried, result)
    await hurried.shows(call, "removed by a moderator")


async def test_a_removal_waits_for_the_permission_that_it_needs(hurried: Play) -> None:
    call, result = await _delivered(hurried)
    asked = await _ask_removal(hurried, result, hurried.world.sam)
    key = (OverwriteKind.MEMBER, hurried.discord.application_id)
    hurried.room.channel.overwrites[key] = Overwrite(deny=Permission.VIEW_CHANNEL)
    await (await hurried.world.sam.press(asked.message, "Remove")).settled(PATIENCE)
    await until(lambda: bool(hurried.sent("DELETE", f"/messages/{result.id}")))
    assert hurried.results() == [result]
    del hurried.room.channel.overwrites[key]
    await _gone(hurried, result)
    await hurried.shows(call, "removed by a moderator")


async def test_a_late_sibling_of_a_removed_track_is_never_posted(hurried: Play) -> None:
    hurried.next_is_late(1)
    hurried.shorten({"bot.domain.settling.SIBLING_WAIT": 0.5, "bot.services.delivery.SETTLE": 0.3, "bot.domain.polling.RETRY_AFTER": 0.5})
    await hurried.restart()
    call = await hurried.extend()
    result = await hurried.result()
    assert len(audio_of(result)) == 1
    await _remove(hurried, result, hurried.world.sam)
    await hurried.shows(call, "removed by a moderator")
    hurried.finish_late()
    await hurried.restart()
    await hurried.nothing_under_way()
    assert hurried.results() == []


async def test_removed_while_it_is_being_made_it_is_never_posted(hurried: Play) -> None:
    hurried.next_is_late()
    call = await hurried.extend()
    reply = await hurried.shows(call, "Being made")
    asked = await _ask_removal(hurried, reply, hurried.world.mira)
    assert "may cost" in privately(asked)
    await (await hurried.world.mira.press(asked.message, "Remove")).settled(PATIENCE)
    await hurried.shows(call, "removed by the person")
    hurried.finish_late()
    await hurried.nothing_under_way()
    assert hurried.results() == []
    assert len(hurried.submits()) == 1


async def test_deleted_by_hand_before_a_kill_was_over_it_stays_deleted(hurried: Play) -> None:
    def points(event: Event) -> bool:
        return isinstance(event, MessageUpdated) and "The track is here" in text_of(event.message)

    async with hurried.killed_at(points):
        await hurried.extend()
    (result,) = hurried.results()
    await hurried.world.sam.delete(result)
    await hurried.start()
    await hurried.nothing_under_way()
    assert hurried.results() == []
    assert len(hurried.sent("POST", f"/channels/{hurried.room.id}/messages")) == 1


async def test_a_forbidden_word_is_refused_privately_and_fix_brings_back_what_was_typed(stage: Play) -> None:
    stage.hurry()
    stage.set(FORBIDDEN_WORDS="badword,worse*")
    await stage.start()
    refused = await stage.extend(tags="wave, b.4.d.w0rd", title="Night Train")
    text = privately(refused)
    assert "Styles" in text
    assert "bad" not in text.lower()
    fixing = await stage.press(refused.message, "Fix")
    assert fixing.modal is not None
    assert {field.custom_id: field.value for field in fixing.modal.fields}["tags"] == "wave, b.4.d.w0rd"
    titled = await (await stage.world.mira.submit(fixing.modal, {"tags": "wave", "title": "W O R S E N S"})).settled(PATIENCE)
    assert "Title" in privately(titled)
    assert stage.submits() == []
    assert "b.4.d" not in stage.bot.log


async def test_a_block_refuses_everything_until_it_is_lifted(hurried: Play) -> None:
    hurried.next_is_late()
    call = await hurried.extend()
    await hurried.shows(call, "Being made")
    sam, mira = hurried.world.sam, hurried.world.mira
    done = await (await sam.context_menu(hurried.room, BLOCK, mira)).settled(PATIENCE)
    assert "is blocked" in privately(done)
    assert mira.mention in privately(await hurried.use("moderate blocked", sam))
    assert "can't use me" in privately(await hurried.extend())
    hurried.finish_late()
    assert await hurried.result()
    assert "no longer blocked" in await _moderate(hurried, "unblock", mira)
    assert "can't use me" not in text_of((await hurried.extend(title="once more")).message)
    assert len(hurried.submits("once more")) <= 1


@pytest.mark.asyncio(loop_scope="module")
async def test_some_people_cannot_be_blocked_and_only_moderators_are_offered_it(shared: Play) -> None:
    sam, mira = shared.world.sam, shared.world.mira
    for person, words in ((sam, "yourself"), (shared.world.owner, "is a moderator")):
        assert words in await _moderate(shared, "block", person, "*why* not")
    with pytest.raises(ClientRefusal):
        await mira.context_menu(shared.room, BLOCK, sam)
    with pytest.raises(ClientRefusal):
        await mira.slash(shared.room, "moderate blocked")
