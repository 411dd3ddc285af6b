"""What *Publish* does: nothing more is asked where both the person and the bot may post."""

import discord

from bot.domain.admission import Act
from bot.domain.jobs import Job
from bot.errors import CannotPublish, PublishRefused
from bot.ui import ids, publish_card
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.sending import WAIT, answer_privately


class Publish(Pressed, template=ids.template("publish", ids.JOB)):
    """Post in the channel of the request what its person has kept to themselves."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Publish and wait until it is there, or say where that was done already."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        served = services(interaction)
        job = await served.publishing.own(self.about["job"], interaction.user.id)
        if job.private:
            await check_place(interaction, job)
        post = await served.posting.settled(await served.publishing.publish(job), within=WAIT)
        await answer_privately(interaction, publish_card.published(job, post, already=not job.private))


async def check_place(interaction: discord.Interaction[discord.Client], job: Job) -> None:
    """Let a result into the channel of its request, if its person and the bot may post there. Raises CannotPublish."""
    guild = interaction.client.get_guild(job.origin.guild_id or 0)
    if guild is None:
        raise CannotPublish(PublishRefused.NOT_A_SERVER if job.origin.guild_id is None else PublishRefused.NO_CHANNEL)
    channel = guild.get_channel_or_thread(job.origin.channel_id)
    if channel is None and interaction.channel_id == job.origin.channel_id:
        channel = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
    if channel is None:
        raise CannotPublish(PublishRefused.NO_CHANNEL)
    if not _may_post(channel, guild.me):
        raise CannotPublish(PublishRefused.BOT)
    if not _may_post(channel, await _member(interaction, guild)):
        raise CannotPublish(PublishRefused.PERSON)


async def _member(interaction: discord.Interaction[discord.Client], guild: discord.Guild) -> discord.Member | None:
    """Read who presses as a member of the server, which they may do from a direct message too."""
    if isinstance(interaction.user, discord.Member) and interaction.user.guild.id == guild.id:
        return interaction.user
    try:
        return await guild.fetch_member(interaction.user.id)
    except discord.NotFound:
        return None


def _may_post(channel: discord.abc.GuildChannel | discord.Thread, member: discord.Member | None) -> bool:
    if member is None:
        return False
    rights = channel.permissions_for(member)
    return rights.view_channel and (rights.send_messages_in_threads if isinstance(channel, discord.Thread) else rights.send_messages)


ALL: tuple[type[Pressed], ...] = (Publish,)
"""Every control here, to be registered at start-up."""
