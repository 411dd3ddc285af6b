"""/settings and what it changes, as people see them in a simulated Discord: at once, after a restart, and when things are deleted."""

import asyncio
from dataclasses import replace
from pathlib import Path

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import InteractionResult, ResponseMessage

from bot.domain.actors import Actor
from bot.domain.guild_settings import GuildSettings, ResultsIn
from bot.ui import ids, settings_controls
from bot.ui.settings_card import TOPICS, Topic
from tests.discord.simcord_helpers import Sim, serve_with, simulated_bot
from tests.discord.test_simcord_bot import channel_without, delivered, shown, taken, text

pytestmark = pytest.mark.simcord(shard_count=1)

WHAT = ids.make("settings")


@pytest.fixture
def chief(sim: Sim) -> MemberActor:
    """Somebody with Manage Server."""
    return sim.person("chief", sim.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True)))


@pytest.fixture
def other(sim: Sim) -> MemberActor:
    """Somebody else with Manage Server."""
    return sim.person("other", sim.guild.create_role("Vice", permissions=discord.Permissions(manage_guild=True)))


async def opened(sim: Sim, who: MemberActor, topic: Topic, channel: ChannelHandle | None = None) -> ResponseMessage:
    """Open the card and choose what to change."""
    result = await who.slash(channel or sim.channel, "settings")
    assert shown(result).ephemeral
    await who.select(shown(result), [topic.value], custom_id=WHAT)
    return shown(result)


async def set_to(who: MemberActor, card: ResponseMessage, topic: Topic, *values: object) -> InteractionResult:
    return await who.select(card, values, custom_id=ids.make("settings-set", topic))


async def settings(sim: Sim) -> GuildSettings:
    return await sim.services.guilds.of(sim.guild.id)


async def test_the_card_is_private_and_for_managers_alone(sim: Sim, chief: MemberActor) -> None:
    result = await chief.slash(sim.channel, "settings")
    assert shown(result).ephemeral
    assert "**Where I can be used**: in every channel" in text(shown(result))
    assert sim.channel.history(viewer=sim.bob) == []


async def test_a_press_is_refused_once_the_permission_is_lost(sim: Sim) -> None:
    role = sim.guild.create_role("For a day", permissions=discord.Permissions(manage_guild=True))
    former = sim.person("former", role)
    card = await opened(sim, former, Topic.PINGS)
    sim.env.backend.remove_member_role(sim.guild.id, former.id, role.id)
    for attempt in (set_to(former, card, Topic.PINGS, "off"), former.select(card, [Topic.WORDS.value], custom_id=WHAT)):
        refused = await attempt
        assert "Only people with Manage Server" in shown(refused).content
    assert (await settings(sim)).pings


async def test_everything_can_be_set_and_is_shown_at_once(sim: Sim, chief: MemberActor) -> None:
    stage, role = sim.guild.create_text_channel("stage"), sim.guild.create_role("Members")
    for topic, values in (
        (Topic.CHANNELS, (sim.channel, stage)),
        (Topic.SPENDER, (role,)),
        (Topic.HOST, (role,)),
        (Topic.SHOWCASE, (stage,)),
        (Topic.LOG, (stage,)),
        (Topic.RESULTS, ("thread",)),
        (Topic.PINGS, ("off",)),
        (Topic.CREATING, ("on",)),
    ):
        card = await opened(sim, chief, topic)
        await set_to(chief, card, topic, *values)
    for topic, typed in (
        (Topic.LIMITS, {"daily_per_person": "5", "daily_per_server": ""}),
        (Topic.WORDS, {"words": "bad, worse*"}),
        (Topic.STARTERS, {"starters": "task-000001"}),
    ):
        card = await opened(sim, chief, topic)
        form = await chief.click(card, label="Edit")
        assert form.modal is not None
        await chief.submit_modal(form, typed)
    assert "each person 5; the server no limit of this server's own" in text(card)
    assert f"<@&{role.id}>" in text(card)
    assert replace(await settings(sim), revision=0) == GuildSettings(
        guild_id=sim.guild.id,
        channels=(sim.channel.id, stage.id),
        spender_role=role.id,
        host_role=role.id,
        results_in=ResultsIn.THREAD,
        showcase_channel=stage.id,
        log_channel=stage.id,
        pings=False,
        daily_per_person=5,
        creating=True,
        words=("bad", "worse*"),
        starters=("task-000001",),
    )
    for topic in Topic:
        card = await opened(sim, chief, topic)
        if TOPICS[topic].none:
            await chief.click(card, label=TOPICS[topic].none)
        if topic in (Topic.RESULTS, Topic.PINGS, Topic.CREATING):
            await set_to(chief, card, topic, {"results": "channel", "pings": "on", "creating": "off"}[topic])
    assert replace(await settings(sim), revision=0) == GuildSettings(guild_id=sim.guild.id)


async def test_what_is_typed_wrongly_is_refused_and_can_be_mended(sim: Sim, chief: MemberActor) -> None:
    card = await opened(sim, chief, Topic.LIMITS)
    form = await chief.click(card, label="Edit")
    refused = await chief.submit_modal(form, {"daily_per_person": "many", "daily_per_server": "50"})
    assert shown(refused).ephemeral
    assert "**Tracks a day for each person**" in shown(refused).content
    again = await chief.click(shown(refused), label="Fix")
    await chief.submit_modal(again, {"daily_per_person": "5", "daily_per_server": "50"})
    assert ((await settings(sim)).daily_per_person, (await settings(sim)).daily_per_server) == (5, 50)
    assert shown(refused).content == "", "the refusal does not stay above what is set now"
    assert "each person 5; the server 50" in text(shown(refused))


async def test_two_moderators_at_once_lose_nothing_of_each_other(sim: Sim, chief: MemberActor, other: MemberActor) -> None:
    one, two = await opened(sim, chief, Topic.PINGS), await opened(sim, other, Topic.CREATING)
    await set_to(chief, one, Topic.PINGS, "off")
    await set_to(other, two, Topic.CREATING, "on")
    assert "**Pings**: off" in text(two), "each sees the newest state"
    assert "**/create**: on" in text(two)
    now = await settings(sim)
    assert (now.pings, now.creating, now.revision) == (False, True, 2)


async def test_the_controls_work_after_a_restart(sim: Sim, chief: MemberActor, tmp_path: Path) -> None:
    card, words = await opened(sim, chief, Topic.PINGS), await opened(sim, chief, Topic.WORDS)
    restarted = simulated_bot(tmp_path)
    serve_with(restarted, sim.services)
    await sim.env.restart_bot(restarted)
    await set_to(chief, card, Topic.PINGS, "off")
    assert not (await settings(sim)).pings
    assert (await chief.click(words, label="Edit")).modal is not None


async def test_each_change_is_a_line_in_the_log(sim: Sim, chief: MemberActor) -> None:
    logged = sim.guild.create_text_channel("moderation")
    await set_to(chief, await opened(sim, chief, Topic.LOG), Topic.LOG, logged)
    await set_to(chief, await opened(sim, chief, Topic.PINGS), Topic.PINGS, "off")
    card = await opened(sim, chief, Topic.LOG)
    await chief.click(card, label="Log nowhere")
    lines = [message.content for message in logged.history()]
    assert len(lines) == 3
    assert all(line.startswith(f"<@{chief.id}> changed my settings. **") for line in lines)
    assert any("**Pings**: a finished track pings the person who asked → off" in line for line in lines)


async def test_a_log_channel_that_is_deleted_does_no_harm(sim: Sim, chief: MemberActor) -> None:
    logged = sim.guild.create_text_channel("moderation")
    await set_to(chief, await opened(sim, chief, Topic.LOG), Topic.LOG, logged)
    sim.env.backend.delete_channel(logged.id)
    await sim.env.settle()
    card = await opened(sim, chief, Topic.PINGS)
    await set_to(chief, card, Topic.PINGS, "off")
    assert "**Log of moderation**: ⚠ a channel that was deleted" in text(card)
    assert not (await settings(sim)).pings


async def test_a_channel_in_which_it_may_not_post_is_called_so_until_it_may(sim: Sim, chief: MemberActor) -> None:
    unseen, silent = channel_without(sim, "view_channel"), channel_without(sim, "send_messages")
    bare = channel_without(sim, "attach_files")
    card = await opened(sim, chief, Topic.SHOWCASE)
    await set_to(chief, card, Topic.SHOWCASE, unseen)
    await chief.select(card, [Topic.LOG.value], custom_id=WHAT)
    await set_to(chief, card, Topic.LOG, silent)
    for channel, missing in ((unseen, "View Channel"), (silent, "Send Messages")):
        assert f"<#{channel.id}> ⚠ I may not post there: I lack **{missing}** in that channel" in text(card)
    await chief.select(card, [Topic.SHOWCASE.value], custom_id=WHAT)
    await set_to(chief, card, Topic.SHOWCASE, bare)
    assert f"<#{bare.id}> ⚠ I may not post there: I lack **Attach Files** in that channel" in text(card)
    assert sim.bot.user is not None
    for channel in (bare, silent):
        sim.env.backend.delete_overwrite(channel.id, sim.bot.user.id)
    await sim.env.settle()
    assert "⚠" not in text(await opened(sim, chief, Topic.LOG))


# What it changes.


def thread_in(sim: Sim, channel: ChannelHandle) -> ChannelHandle:
    made = sim.env.backend.create_thread(channel.id, "a thread", sim.alice.id)
    return next(thread for thread in channel.threads if thread.id == made.id)


async def test_elsewhere_commands_suggestions_buttons_and_forms_are_refused_and_none_spends(sim: Sim, chief: MemberActor) -> None:
    message = await delivered(sim)
    form = await sim.bob.click(shown(await sim.bob.click(message, label="Continue A")), label="Change…")
    lounge = sim.guild.create_text_channel("lounge")
    await set_to(chief, await opened(sim, chief, Topic.CHANNELS), Topic.CHANNELS, lounge)
    submits = len(sim.music.submits)
    refusals = [
        await sim.extend(),
        await sim.bob.click(message, label="Continue B"),
        await sim.bob.click(message, label="More"),
        await sim.bob.submit_modal(form, {"continue_at": "end", "tags": "dub", "title": ""}),
        await sim.alice.slash(sim.channel, "jobs"),
    ]
    for refusal in refusals:
        assert shown(refusal).ephemeral
        assert f"only in <#{lounge.id}>" in shown(refusal).content
    (choice,) = await sim.alice.autocomplete(sim.channel, "extend", "continue_clip_id", "night")
    assert choice["name"] == "I can't be used in this channel. Send the command, and I tell you where."
    assert f"<#{lounge.id}>" in shown(await sim.extend(continue_clip_id=str(choice["value"]))).content
    assert await sim.services.jobs.unsettled() == []
    assert len(sim.music.submits) == submits
    assert taken(await sim.extend(channel=lounge))
    assert shown(await chief.slash(sim.channel, "settings")).embeds, "settings work everywhere"


async def test_what_is_in_line_can_be_taken_back_wherever_and_by_whomever(sim: Sim, chief: MemberActor) -> None:
    waiting = await sim.extend()
    await sim.announce()
    lounge = sim.guild.create_text_channel("lounge")
    await set_to(chief, await opened(sim, chief, Topic.CHANNELS), Topic.CHANNELS, lounge)
    await sim.services.guilds.block(sim.guild.id, sim.alice.id, by=chief.id)
    assert "nothing was spent" in shown(await sim.alice.click(shown(waiting), label="Cancel")).content


async def test_a_thread_of_an_allowed_channel_is_allowed(sim: Sim, chief: MemberActor) -> None:
    lounge = sim.guild.create_text_channel("lounge")
    await set_to(chief, await opened(sim, chief, Topic.CHANNELS), Topic.CHANNELS, lounge)
    assert taken(await sim.extend(channel=thread_in(sim, lounge)))
    assert f"only in <#{lounge.id}>" in shown(await sim.extend(sim.bob, channel=thread_in(sim, sim.channel))).content


async def test_the_channels_that_are_deleted_are_left_out_until_none_is_left(sim: Sim, chief: MemberActor) -> None:
    one, two = sim.guild.create_text_channel("one"), sim.guild.create_text_channel("two")
    await set_to(chief, await opened(sim, chief, Topic.CHANNELS), Topic.CHANNELS, one, two)
    sim.env.backend.delete_channel(one.id)
    await sim.env.settle()
    refused = await sim.extend()
    assert f"only in <#{two.id}>." in shown(refused).content
    sim.env.backend.delete_channel(two.id)
    await sim.env.settle()
    refused = await sim.extend()
    assert "have been deleted" in shown(refused).content
    assert "Manage Server" in shown(refused).content
    card = await opened(sim, chief, Topic.CHANNELS)
    assert "nowhere: only 2 deleted channels are left" in text(card)
    await chief.click(card, label="Allow every channel")
    assert taken(await sim.extend())


async def test_only_the_role_may_spend_and_if_it_is_deleted_only_managers(sim: Sim, chief: MemberActor) -> None:
    role = sim.guild.create_role("Members")
    member = sim.person("member", role)
    await set_to(chief, await opened(sim, chief, Topic.SPENDER), Topic.SPENDER, role)
    assert f"<@&{role.id}>" in shown(await sim.extend()).content
    assert f"<@&{role.id}>" in shown(await sim.extend(chief)).content, "Manage Server is not the role"
    assert taken(await sim.extend(member))
    assert (await sim.alice.slash(sim.channel, "jobs")).response is not None, "looking is not spending"
    sim.env.backend.delete_role(sim.guild.id, role.id)
    await sim.env.settle()
    assert "has been deleted" in shown(await sim.extend(sim.bob)).content
    assert "has been deleted" in shown(await sim.extend(member)).content
    assert taken(await sim.extend(chief))
    assert "only people with Manage Server may" in text(await opened(sim, chief, Topic.SPENDER))


async def test_everyone_is_no_rule(sim: Sim, chief: MemberActor) -> None:
    actor = Actor(user_id=chief.id, guild_id=sim.guild.id, moderator=False, manager=True)
    step = settings_controls.step_of(Topic.SPENDER, [str(sim.guild.id)])
    await sim.services.guilds.change(actor, lambda now: replace(now, spender_role=7))
    await sim.services.guilds.change(actor, step)
    assert (await settings(sim)).spender_role is None


async def test_a_blocked_persons_open_form_spends_nothing(sim: Sim, chief: MemberActor) -> None:
    message = await delivered(sim)
    form = await sim.bob.click(shown(await sim.bob.click(message, label="Continue A")), label="Change…")
    await sim.services.guilds.block(sim.guild.id, sim.bob.id, by=chief.id)
    refused = await sim.bob.submit_modal(form, {"continue_at": "end", "tags": "dub", "title": ""})
    assert shown(refused).ephemeral
    assert "You can't use me here at the moment" in shown(refused).content
    assert await sim.services.jobs.unsettled() == []
    await sim.services.guilds.unblock(sim.guild.id, sim.bob.id)
    assert taken(await sim.extend(sim.bob))


async def test_a_server_that_is_left_and_joined_again_has_kept_its_settings(sim: Sim, chief: MemberActor) -> None:
    await set_to(chief, await opened(sim, chief, Topic.PINGS), Topic.PINGS, "off")
    sim.env.backend.remove_guild(sim.guild.id)
    await asyncio.wait_for(sim.env.settle(), 30)
    assert sim.bot.gone(sim.guild.id, {1, 2}) == frozenset()
    assert not (await settings(sim)).pings
