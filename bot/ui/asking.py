"""From an interaction to an accepted job: the same way for a command, a modal and *Try again*."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import cast

import aiohttp
import discord

from bot.domain.actors import Actor, Arrival
from bot.domain.admission import Act
from bot.domain.jobs import Job, JobKind, Origin
from bot.domain.requests import Typed, TypedCreate
from bot.domain.viewing import Viewer
from bot.errors import BadOption, ForbiddenWord, RulesUnknown, StoreUnavailable, TooManyInFlight
from bot.ui import cards, help_card, ids, listing, words
from bot.ui.client import services
from bot.ui.safe import ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION
from bot.ui.sending import answer_privately, mentions_of, view_of

log = logging.getLogger(__name__)

TOKEN_LIFE = 15 * 60.0
"""Seconds for which an interaction's token works (Receiving and Responding)."""
DRAFT_LIFE = 24 * 3600.0
"""Seconds for which *Fix* brings back what was typed."""
ADMIT_WITHIN = 1.0
"""Seconds for reading the rules of a server where those are not at hand, as after a block: nearly always they are."""
LIST_WITHIN = 0.5
"""Seconds for reading what is under way; the refusal itself does not wait for longer."""
MOST_LISTED = 40
"""Requests that are read for it."""
KEEP_WITHIN = 1.0
"""Seconds for keeping it; the refusal itself does not wait for longer."""


async def admit(interaction: discord.Interaction[discord.Client], act: Act) -> None:
    """Let somebody do something here: the gate that every command, control and form goes through. Raises NotAdmitted."""
    try:
        async with asyncio.timeout(ADMIT_WITHIN):
            await services(interaction).guilds.admit(actor_of(interaction), act)
    except (StoreUnavailable, TimeoutError) as error:
        raise RulesUnknown from error


async def ask(interaction: discord.Interaction[discord.Client], typed: Typed) -> None:
    """Accept what was typed and show the reply; what cannot be taken is kept, and *Fix* brings it back. Raises UserError, Busy."""
    await admit(interaction, Act.SPEND)
    try:
        job = await services(interaction).accepting.accept(typed, origin_of(interaction), private=_privately(interaction))
    except (BadOption, ForbiddenWord) as error:
        await _refuse(interaction, draft_of(typed), error)
        return
    except TooManyInFlight as error:
        await _show_under_way(interaction, error)
        return
    await acknowledge(interaction, job)


async def ask_track(interaction: discord.Interaction[discord.Client], task_id: str) -> None:
    """Follow a task made elsewhere; *Fix* brings back what is none. Raises UserError, Busy."""
    try:
        job = await services(interaction).accepting.accept_track(task_id, origin_of(interaction), private=_privately(interaction))
    except BadOption as error:
        await _refuse(interaction, {"kind": JobKind.TRACK.value, "task_id": task_id}, error)
        return
    except TooManyInFlight as error:
        await _show_under_way(interaction, error)
        return
    await acknowledge(interaction, job)


def _privately(interaction: discord.Interaction[discord.Client]) -> bool:
    """Tell whether the person wants to be the only one who sees this request; in direct messages with the bot they are anyway."""
    return services(interaction).preferences.of(interaction.user.id).private_first and _arrival(interaction) is not Arrival.DIRECT


@dataclass(frozen=True, slots=True)
class _Reply:
    """What Discord shows: the reply's id, if it is known, whether only its person sees it, and whether it is the whole card."""

    message_id: int | None = None
    ephemeral: bool = False
    whole: bool = False


async def acknowledge(interaction: discord.Interaction[discord.Client], job: Job) -> None:
    """Show the reply and let the job go on; withdraw it if Discord no longer waits for an answer.

    What is private is shown to its person alone. Who has to wait in line sees at once where; who goes on at once sees "thinking", and
    soon more than could be said now.
    """
    accepting = services(interaction).accepting
    standing = accepting.expect(job)
    try:
        reply = await _answer(interaction, None if standing is None else cards.reply(job, standing), ephemeral=job.private)
    except Exception as error:
        await accepting.abandon(job)
        if isinstance(error, discord.HTTPException) and error.code == UNKNOWN_INTERACTION:
            log.info("job %s was withdrawn: its interaction was answered too late", job.id)
            return
        raise
    shown = standing if reply.whole else None
    await accepting.acknowledged(job, reply_id=reply.message_id, ephemeral=reply.ephemeral, shown=shown)


async def _answer(interaction: discord.Interaction[discord.Client], card: cards.Card | None, *, ephemeral: bool) -> _Reply:
    """Answer with the card, or defer without one; tell what is shown, as Discord has it.

    discord.py does not repeat a request whose connection was reset, so this does: if the first one had arrived, the second
    meets 40060, which counts as acknowledged.
    """
    for last_try in (False, False, True):
        try:
            if card is None:
                shown = await interaction.response.defer(thinking=True, ephemeral=ephemeral)
            else:
                shown = await interaction.response.send_message(
                    embeds=list(card.embeds),
                    view=view_of(card) or discord.utils.MISSING,
                    ephemeral=ephemeral,
                    allowed_mentions=mentions_of(card),
                )
        except (aiohttp.ClientError, TimeoutError):
            if last_try:
                raise
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:
                raise
            return await _shown(interaction, ephemeral=ephemeral)
        else:
            return _Reply(shown.message_id, shown.is_ephemeral(), card is not None) if shown is not None else _Reply(ephemeral=ephemeral)
    msg = "unreachable: the last try returns or raises"
    raise AssertionError(msg)


async def _shown(interaction: discord.Interaction[discord.Client], *, ephemeral: bool) -> _Reply:
    """Read what Discord shows; where it does not say, it is as it was asked for."""
    try:
        message = await interaction.original_response()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        log.info("interaction %d is acknowledged, but its reply could not be read: %s", interaction.id, error)
        return _Reply(ephemeral=ephemeral)
    return _Reply(message.id, message.flags.ephemeral, bool(message.embeds))


def draft_of(typed: Typed) -> dict[str, str]:
    """Lay out what was typed as *Fix* brings it back, and which command it was for."""
    kind = JobKind.CREATE if isinstance(typed, TypedCreate) else JobKind.EXTEND
    return {"kind": kind.value, **asdict(typed)}


async def _refuse(interaction: discord.Interaction[discord.Client], typed: dict[str, str], error: BadOption | ForbiddenWord) -> None:
    rows = help_card.next_step(error)
    try:
        async with asyncio.timeout(KEEP_WITHIN):
            draft = await services(interaction).drafts.keep(interaction.user.id, typed, life=DRAFT_LIFE)
        fix = cards.Button(ids.make("fix", draft), "Fix", discord.ButtonStyle.primary)
        rows = ((fix, *(button for row in rows for button in row)),)
    except (StoreUnavailable, TimeoutError) as away:
        log.warning("interaction %d was refused without a way to mend it: %s", interaction.id, away or "the database is slow")
    await answer_privately(interaction, cards.Card(content=words.refusal(error) or "", rows=rows))


async def _show_under_way(interaction: discord.Interaction[discord.Client], error: TooManyInFlight) -> None:
    """Refuse, and show what is under way. Raises TooManyInFlight where that cannot be read in time: the words alone must do."""
    handling = services(interaction).handling
    try:
        async with asyncio.timeout(LIST_WITHIN):
            listed = [job for job in await handling.of_user(interaction.user.id, limit=MOST_LISTED) if job.in_flight]
    except (StoreUnavailable, TimeoutError):
        raise error from None
    log.info("interaction %d was refused: %s", interaction.id, error)
    await answer_privately(interaction, listing.under_way(listed, [handling.standing(job) for job in listed], limit=error.limit))


def origin_of(interaction: discord.Interaction[discord.Client]) -> Origin:
    """Read where an interaction came from and how its person can be reached."""
    return Origin(
        interaction_id=interaction.id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        can_post=_bot_is_there(interaction),
        upload_limit=interaction.filesize_limit,
        locale=interaction.locale.value,
        reply_token=interaction.token,
        token_expires_at=interaction.created_at.timestamp() + TOKEN_LIFE,
    )


def _bot_is_there(interaction: discord.Interaction[discord.Client]) -> bool:
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    return interaction.is_guild_integration() or interaction.client.get_guild(interaction.guild_id) is not None


def chosen(interaction: discord.Interaction[discord.Client]) -> list[str]:
    """Read what was chosen in a select, as Discord sends it: values of options, or ids."""
    data = cast("Mapping[str, Sequence[str]]", interaction.data or {})
    return list(data.get("values", ()))


def actor_of(interaction: discord.Interaction[discord.Client]) -> Actor:
    """Read who acts, and where; `permissions` are those of the person in the channel."""
    person, in_guild = interaction.user, interaction.guild_id is not None
    joined = person.joined_at if isinstance(person, discord.Member) else None
    return Actor(
        user_id=person.id,
        guild_id=interaction.guild_id,
        moderator=in_guild and interaction.permissions.manage_messages,
        manager=in_guild and interaction.permissions.manage_guild,
        arrival=_arrival(interaction),
        channel_id=interaction.channel_id or 0,
        parent_id=interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else None,
        role_ids=frozenset(role.id for role in person.roles) if isinstance(person, discord.Member) else frozenset(),
        joined_at=None if joined is None else joined.timestamp(),
    )


def viewer_of(interaction: discord.Interaction[discord.Client]) -> Viewer:
    """Read who looks at tracks, and where."""
    return Viewer(interaction.user.id, interaction.guild_id)


def _arrival(interaction: discord.Interaction[discord.Client]) -> Arrival:
    if _bot_is_there(interaction):
        return Arrival.DIRECT if interaction.guild_id is None else Arrival.SERVER
    return Arrival.USER_INSTALL
