"""/library: its pages, its entries, and what is done to one."""

import re
from dataclasses import replace
from typing import ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.library import LAST_PAGE, Entry, OpenEntry, View
from bot.domain.requests import MAX_TITLE
from bot.errors import ListGone
from bot.ui import ids, library_card, moderation_card
from bot.ui.asking import DRAFT_LIFE, actor_of, chosen, viewer_of
from bot.ui.buttons import TOO_LARGE, Pressed
from bot.ui.cards import Card
from bot.ui.client import encore, services
from bot.ui.modals import Form, FormKind, Values
from bot.ui.sending import answer_privately, redraw

Interaction = discord.Interaction[discord.Client]


class TurnLibrary(Pressed, template=ids.template("library", ids.DRAFT, ids.PAGE)):
    """Turn a page."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Show the page in place of the one before. Raises ListGone."""
        await interaction.response.defer()
        draft = self.about["draft"]
        fields = await services(interaction).drafts.get(draft, interaction.user.id)
        if fields is None:
            raise ListGone
        shown = await _page(interaction, View.from_fields(fields), int(self.about["page"]), draft)
        await redraw(interaction, shown, encore(interaction).media_path)


class Entries(Pressed, template=ids.template("entries")):
    """Open the track that was chosen from a list."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Answer privately."""
        for clip_id in chosen(interaction):
            await open_entry(interaction, clip_id)


class OpenOne(Pressed, template=ids.template("entry", ids.CLIP)):
    """Open a track."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Answer privately."""
        await open_entry(interaction, self.about["clip"])


class Play(Pressed, template=ids.template("play", ids.CLIP)):
    """Hear a track."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with its audio, or a link where Discord finds that too large."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        clip = await services(interaction).library.play(self.about["clip"], viewer_of(interaction))
        media_path = encore(interaction).media_path
        try:
            await answer_privately(interaction, library_card.play(clip, upload_limit=interaction.filesize_limit), media_path)
        except discord.HTTPException as error:
            if error.status != TOO_LARGE:
                raise
            await answer_privately(interaction, library_card.play(clip, upload_limit=0), media_path)


class Favourite(Pressed, template=ids.template("favourite", ids.CLIP)):
    """Make a track a favourite, or let it be one no longer."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Show the entry as it is now."""
        await interaction.response.defer()
        opened = await services(interaction).library.toggle_favourite(self.about["clip"], actor_of(interaction))
        await redraw(interaction, _entry(interaction, opened), encore(interaction).media_path)


class Rename(Pressed, template=ids.template("rename", ids.CLIP)):
    """Give one's own track another title."""

    ACT: ClassVar[Act] = Act.LOOK

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        opened = await services(interaction).library.open(self.about["clip"], actor_of(interaction))
        form = Form("Rename this track", "rename-form", self.about["clip"])
        form.ask("title", "Title", value=opened.entry.clip.title, limit=MAX_TITLE, hint="Posts keep the title that they were made with.")
        await interaction.response.send_modal(form)


class Delete(Pressed, template=ids.template("delete", ids.JOB)):
    """Ask whether a track is to be removed: its person may, and a moderator."""

    ACT: ClassVar[Act] = Act.WITHDRAW

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with what goes; the button there removes it, as *Remove track* does."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        job = await services(interaction).moderation.find([self.about["job"]], None, actor_of(interaction))
        await answer_privately(interaction, moderation_card.removed(job) if job.removed else moderation_card.ask_removal(job))


ALL: tuple[type[Pressed], ...] = (TurnLibrary, Entries, OpenOne, Play, Favourite, Rename, Delete)
"""Every control here, to be registered at start-up."""


async def show_library(interaction: Interaction, view: View) -> None:
    """Answer privately with the first page. Raises StoreUnavailable."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await answer_privately(interaction, await _page(interaction, view, 0, ""), encore(interaction).media_path)


async def open_entry(interaction: Interaction, clip_id: str) -> None:
    """Answer privately with a track and what can be done with it. Raises UnknownTrack, Removed, StoreUnavailable."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    opened = await services(interaction).library.open(clip_id, actor_of(interaction))
    await answer_privately(interaction, _entry(interaction, opened), encore(interaction).media_path)


async def _page(interaction: Interaction, view: View, number: int, draft: str) -> Card:
    """Make the card of a page; what it is looked at by is kept as soon as there is more than one."""
    served = services(interaction)
    shown = await served.library.page(view, min(number, LAST_PAGE), viewer_of(interaction))
    if shown.more and not draft:
        draft = await served.drafts.keep(interaction.user.id, view.to_fields(), life=DRAFT_LIFE)
    shown = replace(shown, entries=tuple(_at_hand(interaction, entry) for entry in shown.entries))
    in_server, now = interaction.guild_id is not None, interaction.created_at.timestamp()
    return library_card.page(view, shown, draft=draft, in_server=in_server, now=now)


def _entry(interaction: Interaction, opened: OpenEntry) -> Card:
    return library_card.entry(replace(opened, entry=_at_hand(interaction, opened.entry)))


def _at_hand(interaction: Interaction, entry: Entry) -> Entry:
    """Leave a cover out that the archive has no more: a backup may come without its files."""
    name = entry.clip.image_name
    if name is None or encore(interaction).media_path(name).exists():
        return entry
    return replace(entry, clip=replace(entry.clip, image_name=None))


async def _rename(interaction: Interaction, about: re.Match[str], values: Values) -> None:
    await interaction.response.defer()
    opened = await services(interaction).library.rename(about["clip"], values.get("title", ""), actor_of(interaction))
    await redraw(interaction, _entry(interaction, opened), encore(interaction).media_path)


FORMS = (FormKind(re.compile(ids.template("rename-form", ids.CLIP, ids.NONCE)), Act.LOOK, _rename),)
"""The form of a track's title."""
