"""What only the operator may do, in direct messages with the bot or in a server of theirs; and that nobody else may."""

import asyncio
import re

import pytest

from bot.sandbox.discord import ClientRefusal, InteractionCall, Person
from bot.sandbox.music_faults import reset
from bot.sandbox.music_wire import Endpoint
from tests.e2e.play import ONE_LONG_DAY, Play, until
from tests.e2e.reading import labels, privately, text_of
from tests.e2e.test_private import asked, switch_on


def operator_of(play: Play) -> Person:
    """Bring the application's owner to where the bot is, without which Discord opens no direct messages."""
    owner = Person(play.discord.core, play.discord.application.owner)
    if owner.id not in play.world.guild.members:
        play.discord.add_member(play.world.guild, owner)
    return owner


async def operate(play: Play, command: str, person: Person | None = None, /, **options: str) -> InteractionCall:
    """Use a command of the operator's in direct messages, and wait for the answer."""
    who = person or operator_of(play)
    call = await who.slash(play.discord.direct_message(who), f"operator {command}", **options)
    return await call.settled()


async def test_a_pause_refuses_new_requests_keeps_the_line_and_survives_a_restart(hurried: Play) -> None:
    paused = await operate(hurried, "pause", reason="moving house")
    assert "People are told: “moving house”" in text_of(paused.message)
    assert not paused.message.is_ephemeral, "in direct messages it stays to be read again"
    refused = privately(await hurried.extend(title="too early"))
    assert "moving house" in refused
    await hurried.restart()
    assert "moving house" in privately(await hurried.extend(title="still too early"))
    assert "Paused by the operator" in text_of((await operate(hurried, "stats")).message)
    assert hurried.submits() == []
    await operate(hurried, "resume")
    await hurried.extend(title="at last")
    await hurried.result(title="at last")
    await hurried.restart()
    assert "Sending: Works" in text_of((await operate(hurried, "stats")).message)


async def test_those_in_line_wait_out_a_pause_and_the_buttons_work_after_a_restart(stage: Play) -> None:
    stage.hurry()
    stage.set(MUSIC_SUBMIT_INTERVAL="3600")
    await stage.start()
    await stage.extend(title="first")
    await stage.extend(title="in line")
    card = (await operate(stage, "stats")).message
    assert labels(card) == ["Refresh", "Pause"]
    stage.set(MUSIC_SUBMIT_INTERVAL="0.2")
    await _press(stage, "Pause")
    await stage.restart()
    refreshed = await _press(stage, "Resume")
    assert "Going on" in text_of(refreshed.message)
    await stage.result(title="in line")
    assert len(stage.submits("in line")) == 1


async def _press(play: Play, button: str) -> InteractionCall:
    """Press a button on the newest message of the operator's that has it."""
    who = operator_of(play)
    room = play.discord.direct_message(who)
    message = next(each for each in reversed(room.messages) if button in labels(each))
    before = text_of(message)
    call = await who.press(message, button)
    await until(lambda: text_of(message) != before)
    return call


async def unclear(play: Play, title: str) -> tuple[InteractionCall, str, str]:
    """Let a submit be accepted and its answer be lost; return the reply, the request's id, and the task's."""
    play.music.faults.add(Endpoint.EXTEND, reset(accepted=True))
    call = await play.extend(title=title)
    reply = await play.shows(call, "Not clear whether it started")
    (job_id,) = {part["custom_id"].split(":")[2] for row in reply.components for part in row["components"]}
    return call, job_id, play.music.counts.accepted[-1].task_id


async def test_a_lost_task_is_attached_once_and_its_track_delivered_once(hurried: Play) -> None:
    call, job_id, task_id = await unclear(hurried, "lost and found")
    both = await asyncio.gather(*(operate(hurried, "attach", job_id=job_id, task_id=task_id) for _ in range(2)))
    said = sorted(text_of(each.message) for each in both)
    assert sum("has task" in text for text in said) == 1
    assert sum("takes no task" in text for text in said) == 1
    await hurried.result(title="lost and found")
    await hurried.shows(call, "Finished")
    again = await operate(hurried, "attach", job_id=job_id, task_id=task_id)
    assert "takes no task: it is “Finished”" in text_of(again.message)
    assert len(hurried.submits("lost and found")) == 1
    assert len(hurried.results()) == 1


async def test_a_task_belongs_to_one_request_and_ids_are_checked(hurried: Play) -> None:
    _, first, task_id = await unclear(hurried, "one")
    _, second, _ = await unclear(hurried, "two")
    await operate(hurried, "attach", job_id=first, task_id=task_id)
    await hurried.result(title="one")
    other = await operate(hurried, "attach", job_id=second, task_id=task_id)
    assert f"`{first}`'s already" in text_of(other.message)
    assert "know no request with that id" in text_of((await operate(hurried, "attach", job_id="nosuchjob", task_id=task_id)).message)
    assert "For example" in text_of((await operate(hurried, "attach", job_id=second, task_id="no id")).message)
    assert len(hurried.submits()) == 2


async def test_a_stranger_is_refused_privately_and_learns_nothing(live: Play) -> None:
    for command in ("stats", "resume", "pause", "errors", "blocked"):
        said = privately(await operate(live, command, live.world.mira))
        assert said == "Only the operator of this bot can do that."
    await live.extend(title="goes on")
    await live.result(title="goes on")
    with pytest.raises(ClientRefusal, match="not offered"):
        await operator_of(live).slash(live.room, "operator stats")


async def test_whoever_is_blocked_is_blocked_everywhere_until_that_is_lifted(live: Play) -> None:
    mira = live.world.mira
    assert f"<@{mira.id}>" in text_of((await operate(live, "block", person=mira.mention)).message)
    assert str(mira.id) in text_of((await operate(live, "blocked")).message)
    for room in (live.room, live.discord.direct_message(mira)):
        assert "can't use me here" in privately(await live.extend(mira, room))
    assert "no longer" in text_of((await operate(live, "unblock", person=str(mira.id))).message)
    assert "was not blocked" in text_of((await operate(live, "unblock", person=str(mira.id))).message)
    assert "For example" in text_of((await operate(live, "block", person="Mira")).message)
    await live.extend(mira, title="again")
    await live.result(title="again")


async def test_the_operator_is_not_locked_out_of_direct_messages(stage: Play) -> None:
    stage.set(ALLOW_DIRECT_MESSAGES="false")
    await stage.start()
    operator = operator_of(stage)
    await operate(stage, "block", person=operator.mention)
    assert "Servers: 1" in text_of((await operate(stage, "stats")).message)
    room = stage.discord.direct_message(operator)
    assert "direct messages" in privately(await stage.extend(operator, room))


async def test_a_provoked_error_is_found_by_its_reference(live: Play) -> None:
    assert "No error was met" in text_of((await operate(live, "errors")).message)
    live.may_log_tracebacks = True
    live.discord.faults.add(method="POST", route="/interactions/{id}/{token}/callback", status=400, code=50035)
    found = re.search(r"`([0-9a-f]{8})`", privately(await live.use("jobs")))
    assert found is not None
    reference = found[1]
    for shown in (await operate(live, "errors"), await operate(live, "errors", reference=reference)):
        said = text_of(shown.message)
        assert reference in said
        assert "/jobs" in said
        assert "50035" in said
    assert "no longer know" in text_of((await operate(live, "errors", reference="0badf00d")).message)


async def test_stats_tell_how_the_bot_stands(stage: Play) -> None:
    stage.shorten(ONE_LONG_DAY)
    await stage.start()
    await stage.extend(title="counted")
    await stage.result(title="counted")
    await stage.nothing_under_way()
    said = text_of((await operate(stage, "stats")).message)
    for expected in ("Sending: Works", "In line: 0", "Submits today: 1 ", "Servers: 1", "for the one track", "KiB", "version"):
        assert expected in said


async def test_no_card_of_the_operator_s_names_a_private_track(live: Play) -> None:
    await switch_on(live)
    result = await asked(live, title="Hush hush")
    more = privately(await (await live.press(result.message, "More")).settled())
    (job_id,) = {part["custom_id"].split(":")[2] for row in result.message.components for part in row["components"]}
    task_id = live.music.counts.accepted[-1].task_id
    assert "Hush hush" in more, "its own person sees it"
    live.may_log_tracebacks = True
    live.discord.faults.add(method="POST", route="/interactions/{id}/{token}/callback", status=400, code=50035)
    await live.extend(title="Hush again")
    shown = [await operate(live, "stats"), await operate(live, "errors"), await operate(live, "attach", job_id=job_id, task_id=task_id)]
    operator = operator_of(live)
    shown.append(await live.use("usage", operator, live.discord.direct_message(operator), of="all"))
    said = [text_of(call.message) for call in shown]
    assert "/extend" in said[1]
    assert "takes no task" in said[2]
    assert task_id in said[3], "the request itself is listed"
    assert not [text for text in said if "hush" in text.lower()]


async def test_a_server_of_the_operators_has_the_commands_as_long_as_the_setting_says_so(stage: Play) -> None:
    commands = stage.discord.core.commands
    guild = stage.world.guild
    stage.set(OPERATOR_SERVER=str(guild.id))
    await stage.start()
    assert "operator" not in {command["name"] for command in commands.listed(None)}
    assert [command["name"] for command in commands.listed(guild.id)] == ["operator"]
    operator = operator_of(stage)
    assert "Sending: Works" in privately(await stage.use("operator stats", operator))
    assert "Only the operator" in privately(await stage.use("operator stats", stage.world.sam))
    synced = len(stage.sent("PUT", "/commands"))
    await stage.restart()
    assert len(stage.sent("PUT", "/commands")) == synced, "nothing has changed"
    stage.set(OPERATOR_SERVER="")
    await stage.restart()
    assert commands.listed(guild.id) == []
    assert "operator" in {command["name"] for command in commands.listed(None)}


async def test_a_server_where_the_bot_is_not_does_not_keep_it_from_starting(stage: Play) -> None:
    stage.set(OPERATOR_SERVER="1199900000000000009")
    await stage.start()
    await stage.extend(title="works all the same")
    await stage.result(title="works all the same")
    assert "cannot be registered" in stage.bot.log
