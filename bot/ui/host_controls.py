"""What the host's controls do: below a round, and on the private panel. Each press is checked anew by the service."""

from collections.abc import Mapping
from typing import Any, cast

import discord

from bot.domain.sessions.hosting import HostAct, check_host
from bot.domain.sessions.model import Session
from bot.domain.sessions.posts import seq_of, session_of
from bot.errors import CannotTakePart, NotFound, SessionRefused
from bot.ui import host_card, ids, round_buttons
from bot.ui.asking import actor_of, chosen
from bot.ui.buttons import Pressed
from bot.ui.cards import Card
from bot.ui.client import services
from bot.ui.sending import answer_privately, promptly, redraw
from bot.ui.session_controls import OfRound, check_round

ACT = r"(?P<act>[a-z]{2,10})"
ABOUT = r"(?P<about>[a-z0-9_]{1,20})"
ANOTHER_ROUND = frozenset({HostAct.SKIP, HostAct.UNDO, HostAct.DECIDE, HostAct.RETRY, HostAct.NEXT_BEST, HostAct.MORE_TIME})
"""Acts that are meant for the round they were offered in, and for no later one."""

Interaction = discord.Interaction[discord.Client]


def _act(value: str) -> HostAct:
    try:
        return HostAct(value)
    except ValueError as error:
        msg = f"a host cannot {value!r}"
        raise NotFound(msg) from error


async def show_panel(interaction: Interaction, session: Session) -> None:
    """Answer privately with what the host can do. Raises CannotTakePart for who may not."""
    actor = actor_of(interaction)
    check_host(session, actor.user_id, moderator=actor.moderator)
    await answer_privately(interaction, host_card.panel(session, moderator=actor.moderator))


async def do(interaction: Interaction, post_id: str, act: HostAct, about: str) -> Session:
    """Do it, unless it was meant for a round or a step that is over. Raises CannotTakePart."""
    sessions, actor = services(interaction).sessions, actor_of(interaction)
    if act in ANOTHER_ROUND:
        session = await sessions.get(session_of(post_id), actor)
        check_round(session, seq_of(post_id))
        if not about.isdigit() and about != session.phase:
            raise CannotTakePart(SessionRefused.STEP_OVER)
    number = int(about) if about.isdigit() else 0
    return await sessions.host(session_of(post_id), actor, act, number=number)


def _after(interaction: Interaction, session: Session, act: HostAct) -> Card:
    """Show the panel to who may still use it, and what was done to who no longer may."""
    actor = actor_of(interaction)
    try:
        check_host(session, actor.user_id, moderator=actor.moderator)
    except CannotTakePart:
        return Card(content=host_card.DONE[act])
    return host_card.panel(session, moderator=actor.moderator, done=act)


async def _in_place(interaction: Interaction, post_id: str, act: HostAct, about: str) -> None:
    """Act, and draw the panel anew; below a round, which everybody sees, answer beside it."""
    if _is_private(interaction):
        await interaction.response.defer()
        await redraw(interaction, _after(interaction, await do(interaction, post_id, act, about), act))
        return

    async def work() -> Card:
        await do(interaction, post_id, act, about)
        return Card(content=host_card.DONE[act])

    await promptly(interaction, work())


def _is_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


class Host(OfRound, template=ids.template(round_buttons.HOST, ids.POST)):
    """Show what the host can do."""

    async def act(self, interaction: Interaction) -> None:
        """Answer privately with the panel."""
        session = await services(interaction).sessions.get(self.session_id, actor_of(interaction))
        await show_panel(interaction, session)


class Steer(OfRound, template=ids.template(round_buttons.ROUND_ACT, ids.POST, ACT, ABOUT)):
    """Do what the button says."""

    async def act(self, interaction: Interaction) -> None:
        """Act, and show the session as it is then."""
        await _in_place(interaction, self.about["post"], _act(self.about["act"]), self.about["about"])


class Decide(OfRound, template=ids.template(round_buttons.DECIDE, ids.POST)):
    """Choose an idea, as the host."""

    async def act(self, interaction: Interaction) -> None:
        """Let it be made."""
        (number,) = chosen(interaction)
        await _in_place(interaction, self.about["post"], HostAct.DECIDE, number)


class ChoosePerson(OfRound, template=ids.template(host_card.PERSON, ids.POST, ACT)):
    """Take a person out, or hand the session over to one."""

    async def act(self, interaction: Interaction) -> None:
        """Act on the person who was chosen."""
        (user_id,) = chosen(interaction)
        act = _act(self.about["act"])
        if act is HostAct.HAND_OVER and _is_bot(interaction, user_id):
            raise CannotTakePart(SessionRefused.NOT_TAKING_PART)
        await _in_place(interaction, self.about["post"], act, user_id)


def _is_bot(interaction: Interaction, user_id: str) -> bool:
    """Tell whether Discord says that somebody who was chosen is a bot."""
    resolved = cast("Mapping[str, Mapping[str, Mapping[str, Any]]]", (interaction.data or {}).get("resolved", {}))
    return bool(resolved.get("users", {}).get(user_id, {}).get("bot"))


class AskEnd(OfRound, template=ids.template(host_card.ASK_END, ids.POST)):
    """Ask once more before the session ends."""

    async def act(self, interaction: Interaction) -> None:
        """Show the question in place of the panel."""
        await _redrawn(interaction, self.session_id, ends=True)


class Back(OfRound, template=ids.template(host_card.BACK, ids.POST)):
    """Go back to the panel."""

    async def act(self, interaction: Interaction) -> None:
        """Show the panel in place of the question."""
        await _redrawn(interaction, self.session_id, ends=False)


async def _redrawn(interaction: Interaction, session_id: str, *, ends: bool) -> None:
    await interaction.response.defer()
    actor = actor_of(interaction)
    session = await services(interaction).sessions.get(session_id, actor)
    check_host(session, actor.user_id, moderator=actor.moderator)
    await redraw(interaction, host_card.ask_end(session) if ends else host_card.panel(session, moderator=actor.moderator))


ALL: tuple[type[Pressed], ...] = (Host, Steer, Decide, ChoosePerson, AskEnd, Back)
"""Every control of the host, to be registered at start-up."""
