"""From a message to the track that it shows, and the button that removes it."""

import discord

from bot.domain.actors import Person
from bot.domain.admission import Act
from bot.errors import NotAllowed, NotATrack
from bot.ui import ids, moderation_card, share_card
from bot.ui.asking import actor_of
from bot.ui.buttons import Pressed, custom_ids_of, share_of
from bot.ui.client import services
from bot.ui.sending import answer_privately


async def ask_removal(interaction: discord.Interaction[discord.Client], message: discord.Message) -> None:
    """Ask privately whether a message's track is to be removed; whoever may take down no more than the share is asked about that.

    Raises NotATrack, NotAllowed, StoreUnavailable.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    if interaction.client.user is None or message.author.id != interaction.client.user.id:
        raise NotATrack
    answers = message.interaction_metadata
    jobs = list(filter(None, map(ids.job_of, custom_ids_of(message))))
    share = await share_of(interaction, message)
    try:
        found = await services(interaction).moderation.find(jobs, answers.id if answers else None, actor_of(interaction))
    except NotAllowed:
        if share is None:
            raise
        await answer_privately(interaction, share_card.ask_unshare(share))
        return
    await answer_privately(interaction, moderation_card.removed(found) if found.removed else moderation_card.ask_removal(found, share))


class Remove(Pressed, template=ids.template("remove", ids.JOB)):
    """Take a track down: its person may, and a moderator."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Remove it; delivery deletes the post."""
        await interaction.response.defer()
        removed = await services(interaction).moderation.remove(self.about["job"], actor_of(interaction))
        card = moderation_card.removed(removed)
        await interaction.edit_original_response(embeds=list(card.embeds), view=None)


ALL: tuple[type[Pressed], ...] = (Remove,)


def person_of(user: discord.User | discord.Member) -> Person:
    """Read whom a moderator acts on; `resolved_permissions` are what the interaction says of a member."""
    rights = user.resolved_permissions if isinstance(user, discord.Member) else None
    return Person(user_id=user.id, moderator=rights is not None and (rights.manage_messages or rights.administrator), bot=user.bot)
