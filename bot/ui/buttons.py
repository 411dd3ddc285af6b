"""What the buttons do. Each is found by its custom_id, so it works in whatever process is running, after any restart."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

import discord

from bot.domain.admission import Act
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobKind
from bot.domain.posts import Post
from bot.errors import NotAllowed, NotFound
from bot.ui import cards, ids, listing, modals, share_card
from bot.ui.asking import actor_of, admit, ask, draft_of
from bot.ui.client import encore, services
from bot.ui.safe import guarded
from bot.ui.sending import answer_privately, show_in_place

TOO_LARGE = 413
"""HTTP status: the attachments are above the upload limit."""

LISTED = 40
"""Jobs that /jobs reads at most."""


class Pressed(discord.ui.DynamicItem[discord.ui.Item[Any]], template="pressed"):
    """A guarded button or select: who may not do what `ACT` says is refused, `act` does the work, and whatever it raises is answered."""

    ACT: ClassVar[Act] = Act.HOST
    """What a press amounts to, as the rules see it; what says nothing of itself is under the strictest."""

    def __init__(self, item: discord.ui.Item[Any], match: re.Match[str]) -> None:
        """Wrap the control as it was sent."""
        super().__init__(item)
        self.about: dict[str, str] = match.groupdict()

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[discord.Client], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button anew from what was pressed."""
        return cls(item, match)

    async def callback(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer a press."""
        await guarded(interaction, self._act_if_admitted(interaction))

    async def _act_if_admitted(self, interaction: discord.Interaction[discord.Client]) -> None:
        await admit(interaction, self.ACT)
        await self.act(interaction)

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Do what the button says. Raises EncoreError."""
        raise NotImplementedError


class Cancel(Pressed, template=ids.template("cancel", ids.JOB)):
    """Take a job out of the line."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Cancel; the reply itself is edited by delivery."""
        await services(interaction).handling.cancel(self.about["job"], actor_of(interaction))
        await _say(interaction, "Cancelled: it was not sent, and nothing was spent.")


class Hide(Pressed, template=ids.template("hide", ids.JOB)):
    """Show nothing more of a job."""

    ACT = Act.WITHDRAW

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Hide, and say what hiding cannot undo."""
        await services(interaction).handling.hide(self.about["job"], actor_of(interaction))
        await _say(
            interaction,
            "Hidden: nothing more is posted. What was sent to the music service goes on there and may cost; "
            "when it is finished, the tracks are in the list of /extend.",
        )


class Again(Pressed, template=ids.template("again", ids.JOB)):
    """Ask for the same once more, as a new request of this interaction."""

    ACT = Act.SPEND

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Repeat, on the account of whoever presses: the person whose request it was, or a moderator."""
        await ask(interaction, await services(interaction).handling.repeat(self.about["job"], actor_of(interaction)))


class Mend(Pressed, template=ids.template("mend", ids.JOB)):
    """Open a refused request as a form."""

    ACT = Act.SPEND

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, filled in."""
        typed = await services(interaction).handling.repeat(self.about["job"], actor_of(interaction))
        await interaction.response.send_modal(modals.fix_form(draft_of(typed)))


class Fix(Pressed, template=ids.template("fix", ids.DRAFT)):
    """Open what was typed and refused."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, filled in; one that leads to a request only to whoever may ask for one."""
        draft = await services(interaction).drafts.get(self.about["draft"], interaction.user.id)
        if draft is None:
            msg = f"there is no draft {self.about['draft']}"
            raise NotFound(msg)
        if draft.get("kind") != JobKind.TRACK:
            await admit(interaction, Act.SPEND)
        await interaction.response.send_modal(modals.fix_form(draft))


class More(Pressed, template=ids.template("more", ids.JOB)):
    """Show ids and links to whoever asks."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately."""
        job, clips = await services(interaction).handling.tracks(self.about["job"], interaction.user.id)
        card = cards.more(job, clips)
        if interaction.message is not None and (share := await share_of(interaction, interaction.message)) is not None:
            card = replace(card, rows=(*card.rows, (share_card.unshare_button(share),)))
        await answer_privately(interaction, card)


class Copy(Pressed, template=ids.template("copy", ids.JOB, ids.VARIANT)):
    """Answer with a bare id, which a phone can copy."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately with nothing but the id."""
        _, clip = await track_of(interaction, self.about["job"], self.about["variant"])
        await answer_privately(interaction, cards.Card(content=clip.clip_id))


class Fetch(Pressed, template=ids.template("fetch", ids.JOB)):
    """Give a person the result that could not reach them."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Answer privately with the tracks."""
        client = encore(interaction)
        job, clips = await client.services.handling.tracks(self.about["job"], interaction.user.id)
        if job.origin.user_id != interaction.user.id:
            msg = f"job {job.id} is somebody else's"
            raise NotAllowed(msg)
        await interaction.response.defer(ephemeral=True, thinking=True)
        card = cards.result(job, clips, upload_limit=interaction.filesize_limit, mention=False)
        try:
            await answer_privately(interaction, card, client.media_path)
        except discord.HTTPException as error:
            if error.status != TOO_LARGE:
                raise
            linked = cards.result(job, clips, upload_limit=0, attach=False, mention=False)
            await answer_privately(interaction, linked, client.media_path)
        await client.services.handling.fetched(job, None)


class TurnPage(Pressed, template=ids.template("jobs", ids.PAGE)):
    """Turn a page of /jobs."""

    ACT = Act.LOOK

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the page in place of the one before."""
        await show_in_place(interaction, await jobs_card(interaction, page=int(self.about["page"])))


ALL: tuple[type[Pressed], ...] = (Cancel, Hide, Again, Mend, Fix, More, Copy, Fetch, TurnPage)
"""Every button, to be registered at start-up."""


async def jobs_card(interaction: discord.Interaction[discord.Client], *, page: int) -> cards.Card:
    """List what is under way for whoever asks."""
    handling = services(interaction).handling
    listed = await handling.of_user(interaction.user.id, limit=LISTED)
    last_page = max(0, (len(listed) - 1) // listing.PAGE)
    return listing.jobs(listed, [handling.standing(job) for job in listed], page=min(page, last_page))


async def _say(interaction: discord.Interaction[discord.Client], text: str) -> None:
    await answer_privately(interaction, cards.Card(content=text))


def custom_ids_of(message: discord.Message) -> Iterator[str]:
    """Read the custom_ids of a message's buttons, in their order."""
    for row in message.components:
        for part in row.children if isinstance(row, discord.ActionRow) else ():
            if isinstance(part, discord.Button) and part.custom_id:
                yield part.custom_id


async def share_of(interaction: discord.Interaction[discord.Client], message: discord.Message) -> Post | None:
    """Find the share that a message is, if whoever acts may take it down; else None. Raises StoreUnavailable."""
    found = next(filter(None, map(ids.post_of, custom_ids_of(message))), None)
    return None if found is None else await services(interaction).unsharing.theirs(found, actor_of(interaction))


async def track_of(interaction: discord.Interaction[discord.Client], job_id: str, variant: str) -> tuple[Job, Clip]:
    """Find a version of a job's track. Raises NotFound, Removed, StoreUnavailable."""
    job, clips = await services(interaction).handling.tracks(job_id, interaction.user.id)
    for clip in clips:
        if clip.variant == variant:
            return job, clip
    msg = f"job {job_id} has no track {variant}"
    raise NotFound(msg)
