"""Private first, Publish and /privacy, as people see them in a simulated Discord."""

from pathlib import Path

import discord
import pytest

from bot.domain.jobs import JobState
from bot.domain.reports import Stage
from bot.ui import ids, mine_card, privacy_card
from tests.discord.simcord_helpers import Sim, serve_with, simulated_bot
from tests.discord.test_simcord_bot import TASK, labels, shown, text

pytestmark = pytest.mark.simcord(shard_count=1)


async def switch_on(sim: Sim) -> None:
    card = shown(await sim.alice.slash(sim.channel, "settings"))
    assert card.ephemeral
    await sim.alice.click(card, custom_id=ids.make(mine_card.PRIVATE, "on"))
    assert sim.services.preferences.of(sim.alice.id).private_first


async def made(sim: Sim) -> None:
    await sim.submit()
    sim.music.made(TASK, Stage.DONE, Stage.DONE)
    await sim.query()
    await sim.announce()


async def test_a_member_sees_their_own_settings_and_a_manager_both(sim: Sim) -> None:
    chief = sim.person("chief", sim.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True)))
    theirs = shown(await sim.alice.slash(sim.channel, "settings"))
    assert "Private first: off" in text(theirs)
    servers = shown(await chief.slash(sim.channel, "settings"))
    assert "Settings of this server" in text(servers)
    own = await chief.click(servers, label="Mine…")
    assert "Private first: off" in text(shown(own))
    assert shown(own).ephemeral


async def test_from_the_request_to_publish_nobody_else_sees_anything(sim: Sim) -> None:
    await switch_on(sim)
    asked = await sim.extend(title="Night Train")
    assert shown(asked).ephemeral
    await made(sim)
    assert sim.channel.history(viewer=sim.bob) == []
    assert labels(shown(asked)) == ["Continue A", "Continue B", "More", "Publish"]
    assert "Only you see this" in text(shown(asked))
    assert "Night" not in str(await sim.bob.autocomplete(sim.channel, "extend", "continue_clip_id", "night"))
    published = await sim.alice.click(shown(asked), label="Publish")
    assert "Published: it will be in" in text(shown(published))
    assert shown(published).ephemeral
    await sim.announce()
    assert labels(shown(asked)) == ["Continue A", "Continue B", "More"]
    assert len(await sim.bob.autocomplete(sim.channel, "extend", "continue_clip_id", "night")) == 2


@pytest.mark.parametrize("missing", ["person", "bot"])
async def test_publish_says_who_may_not_post_there(sim: Sim, missing: str) -> None:
    await switch_on(sim)
    who = sim.alice if missing == "person" else sim.guild.me
    assert who is not None
    closed = sim.guild.create_text_channel("closed", overwrites={who: discord.PermissionOverwrite(send_messages=False)})
    asked = await sim.extend(channel=closed, title="Night Train")
    await made(sim)
    refused = await sim.alice.click(shown(asked), label="Publish")
    assert ("You may not post" if missing == "person" else "I may not post") in text(shown(refused))
    (job,) = await sim.services.jobs.of_task(TASK)
    assert job.private


async def test_publish_works_after_a_restart_and_answers_twice(sim: Sim, tmp_path: Path) -> None:
    await switch_on(sim)
    asked = await sim.extend(title="Night Train")
    await made(sim)
    bot = simulated_bot(tmp_path)
    serve_with(bot, sim.services)
    await sim.env.restart_bot(bot)
    card = shown(asked)
    assert "Published" in text(shown(await sim.alice.click(card, label="Publish")))
    assert "Already published" in text(shown(await sim.alice.click(card, label="Publish")))


async def test_privacy_says_what_is_kept_exports_and_deletes_after_a_second_press(sim: Sim) -> None:
    await sim.extend(title="Night Train")
    await made(sim)
    card = shown(await sim.alice.slash(sim.channel, "privacy"))
    assert card.ephemeral
    assert "Your requests" in text(card)
    exported = await sim.alice.click(card, custom_id=ids.make(privacy_card.EXPORT))
    assert [each.filename for each in shown(exported).attachments] == ["my-data.json"]
    asked = await sim.alice.click(card, custom_id=ids.make(privacy_card.ASK))
    assert "What remains" in text(shown(asked))
    assert await sim.services.erasing.step() is False, "nothing has happened yet"
    done = await sim.alice.click(card, custom_id=ids.make(privacy_card.DELETE))
    assert "is being deleted" in text(shown(done))
    assert await sim.services.erasing.step()
    await sim.announce()
    (job,) = await sim.services.jobs.of_task(TASK)
    assert (job.removed, job.state) == (True, JobState.DELIVERED)
    assert all("Night Train" not in text(message) for message in sim.channel.history(viewer=sim.bob))


async def test_privacy_is_there_for_whoever_is_blocked(sim: Sim) -> None:
    await sim.services.guilds.block(sim.guild.id, sim.alice.id, by=1)
    assert "switched me off for you" in text(shown(await sim.extend()))
    assert "Who runs this bot" in text(shown(await sim.alice.slash(sim.channel, "privacy")))
