"""/help: what Encore does and what to do next, by example. Pure, as the other cards."""

from dataclasses import dataclass

import discord

from bot.domain.guild_settings import GuildSettings
from bot.domain.limits import Limits, narrower
from bot.domain.requests import EXAMPLE_AT, EXAMPLE_TAGS
from bot.errors import BadOption, CreatingOff, EncoreError, MayNotSpend, NoTrackYet, TooNew
from bot.ui import ids, refusals, words
from bot.ui.cards import COLOUR, Button, Card

BEGIN, FIRST, TAKE_IN, HELP = "begin", "first", "take-in", "help"
"""Names of the controls (`ui/first_steps.py`)."""

TOGETHER = "`/session start` opens a thread in which everybody here grows one track: ideas, a vote, and on from the winner, round by round."
"""What sessions are, in a sentence."""
SHOW_ME_HOW = Button(ids.make(HELP), "Show me how")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where somebody asks for help: what there is to begin with, and the rules of the place."""

    track: str = ""
    """The track that is there to be continued, as people know it ("A · Night Train"); empty: there is none."""
    is_starter: bool = False
    creating_off: CreatingOff | None = None
    """Why no first track can be made here; None: it can."""
    guild: GuildSettings | None = None
    gone: frozenset[int] = frozenset()
    """Roles and channels of these settings that have been deleted."""
    barred: MayNotSpend | TooNew | None = None
    """Why this person may not ask for tracks here; None: they may."""
    limits: Limits
    """What one person may ask for here."""


def card(situation: Situation) -> Card:
    """Explain, and offer what can be begun here and now."""
    embed = discord.Embed(title="How to make music here", colour=COLOUR)
    embed.description = (
        "I continue instrumentals. You pick a track, say from where to go on, and name styles. A few minutes later two new versions, "
        "**A** and **B**, are here to be played, each with a button to go on from there."
    )
    example = f"`/extend` · Track to continue: *from the list* · Start point: `{EXAMPLE_AT}` · Styles: `{EXAMPLE_TAGS}`"
    embed.add_field(name="For example", value=example, inline=False)
    embed.add_field(name="Your next step", value="\n".join(_steps(situation)), inline=False)
    if situation.guild is not None:
        embed.add_field(name="Together", value=TOGETHER, inline=False)
    embed.add_field(name="What it costs", value=_cost(situation.limits), inline=False)
    if where := _where(situation):
        embed.add_field(name="Who and where", value=where, inline=False)
    embed.set_footer(text="/jobs shows what of yours is under way.")
    return Card(embeds=(embed,), rows=(_buttons(situation),))


def next_step(error: EncoreError) -> tuple[tuple[Button, ...], ...]:
    """Offer help where a refusal leaves a newcomer without a track."""
    no_track = isinstance(error, BadOption) and error.field in ("continue_clip_id", "task_id", "track")
    lost = no_track or isinstance(error, NoTrackYet | CreatingOff)
    return ((SHOW_ME_HOW,),) if lost else ()


def _steps(situation: Situation) -> list[str]:
    take_in = "**Take in a task** that was made elsewhere at the music service, by its task id, as `/track` does."
    if situation.barred is not None:
        return [refusals.not_yet(situation.barred), take_in]
    steps: list[str] = []
    if situation.track:
        steps.append(
            f"**{_begin_label(situation)}**: {words.safe_text(situation.track, 80)}. The form is filled in; you only need to send it."
        )
    if situation.creating_off is None:
        steps.append("**Make a first track** from styles alone, as `/create` does.")
    if not situation.track:
        steps += _without_tracks(situation.creating_off)
    return [*steps, take_in]


def _without_tracks(creating_off: CreatingOff | None) -> list[str]:
    """Say whom to ask where a newcomer finds nothing to begin with."""
    if creating_off is None:
        return []
    if creating_off.by_operator:
        who = "This bot's operator can name starter tracks for everybody, or allow `/create`"
        return [f"There is no track here yet. {who}; people with Manage Server can name starter tracks under `/settings`."]
    return [
        "There is no track here yet. People with Manage Server can name starter tracks or switch `/create` on, under `/settings`: ask one."
    ]


def _begin_label(situation: Situation) -> str:
    return "Extend a starter track" if situation.is_starter else "Extend a track"


def _cost(limits: Limits) -> str:
    allowed = [f"{limits.in_flight} under way at a time"] if limits.in_flight is not None else []
    if (daily := narrower(limits.person, limits.person_here)) is not None:
        allowed.append(f"{daily} a day")
    so_many = f" One person may have {' and '.join(allowed)}." if allowed else ""
    return f"Nothing for you: each request is paid with credits at the music service.{so_many}"


def _where(situation: Situation) -> str:
    guild, gone = situation.guild, situation.gone
    if guild is None:
        return ""
    said: list[str] = []
    if channels := [channel for channel in guild.channels if channel not in gone]:
        said.append(f"I may be used in {', '.join(f'<#{channel}>' for channel in channels[:20])}.")
    if guild.spender_role is not None and guild.spender_role not in gone and situation.barred is None:
        said.append(f"Tracks are made for people with <@&{guild.spender_role}>.")
    return " ".join(said)


def _buttons(situation: Situation) -> tuple[Button, ...]:
    take_in = Button(ids.make(TAKE_IN), "Take in a task")
    if situation.barred is not None:
        return (take_in,)
    buttons: list[Button] = []
    if situation.track:
        buttons.append(Button(ids.make(BEGIN), _begin_label(situation), discord.ButtonStyle.primary))
    if situation.creating_off is None:
        buttons.append(Button(ids.make(FIRST), "Make a first track", discord.ButtonStyle.primary))
    return (*buttons, take_in)
