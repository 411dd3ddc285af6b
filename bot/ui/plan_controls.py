"""The private card on which a session is laid out, and what its controls do. The plan is a draft, so it outlives a restart."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import discord

from bot.domain.admission import Act
from bot.domain.sessions.plans import MAX_NAME, MAX_THEME, Mode
from bot.domain.sharing import Place
from bot.errors import NotFound
from bot.ui import ids, plan_card, words
from bot.ui.asking import DRAFT_LIFE, actor_of, chosen
from bot.ui.buttons import Pressed
from bot.ui.cards import Card
from bot.ui.client import services
from bot.ui.modals import Form, FormKind, Values
from bot.ui.plan_card import Draft
from bot.ui.sending import answer_privately, redraw
from bot.ui.sharing_controls import THREADS, place_of

WHAT = r"(?P<what>[a-z]{1,10})"
TO_OPEN_A_THREAD = ("create_public_threads", "send_messages_in_threads")
WITH_THREADS = (discord.ChannelType.text, discord.ChannelType.news)
"""Channels in which a thread can be opened under a message."""

Interaction = discord.Interaction[discord.Client]
Step = Callable[[Draft], Draft]


async def begin(interaction: Interaction, clip_id: str) -> None:
    """Answer privately with the card of a new session. Raises what `propose` does."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    proposal = await services(interaction).sessions.propose(clip_id, actor_of(interaction))
    await answer_privately(interaction, await _drawn(interaction, Draft.of(proposal)))


async def _drawn(interaction: Interaction, draft: Draft) -> Card:
    """Keep a plan as far as it can be started now, and draw it."""
    proposal = await services(interaction).sessions.propose(draft.clip_id, actor_of(interaction))
    within = draft.within(proposal)
    kept = await services(interaction).drafts.keep(interaction.user.id, within.to_fields(), life=DRAFT_LIFE)
    return plan_card.card(kept, within, proposal, in_thread=_in_thread(interaction))


def _in_thread(interaction: Interaction) -> bool:
    return interaction.channel is not None and interaction.channel.type in THREADS


def session_place(interaction: Interaction) -> Place:
    """Tell who may do what a session needs here: post, and outside of a thread, open one."""
    place = place_of(interaction)
    if _in_thread(interaction):
        return place
    kind = interaction.channel.type if interaction.channel is not None else None
    if kind is not None and kind not in WITH_THREADS:
        return replace(place, person_lacks=("a text channel or a thread",))
    lacks = (name for name in TO_OPEN_A_THREAD if not getattr(interaction.app_permissions, name))
    return replace(place, bot_lacks=(*place.bot_lacks, *lacks))


class OfPlan(Pressed, template="of-plan"):
    """A control of the card."""

    ACT: ClassVar[Act] = Act.HOST

    async def read(self, interaction: Interaction) -> Draft:
        """Read the plan that the card shows. Raises NotFound for one that is no longer kept."""
        return await read(interaction, self.about["draft"])

    async def change(self, interaction: Interaction, step: Step) -> None:
        """Change the plan, and draw the card anew."""
        await change(interaction, self.about["draft"], step)


async def read(interaction: Interaction, draft_id: str) -> Draft:
    """Read a plan. Raises NotFound for one that is no longer kept."""
    fields = await services(interaction).drafts.get(draft_id, interaction.user.id)
    if fields is None:
        msg = f"there is no draft {draft_id}"
        raise NotFound(msg)
    return Draft.from_fields(fields)


async def change(interaction: Interaction, draft_id: str, step: Step) -> None:
    """Change a plan, and draw its card anew."""
    await interaction.response.defer()
    await redraw(interaction, await _drawn(interaction, step(await read(interaction, draft_id))))


class Set(OfPlan, template=ids.template(plan_card.SET, ids.DRAFT, WHAT)):
    """Choose a value from a list."""

    async def act(self, interaction: Interaction) -> None:
        """Change the plan to it."""
        (value,) = chosen(interaction)
        await self.change(interaction, _step(self.about["what"], value))


def _step(what: str, value: str) -> Step:
    match what:
        case plan_card.MODE:
            return lambda draft: _with(draft, mode=Mode(value))
        case plan_card.MANY:
            return lambda draft: _with(draft, rounds=int(value))
        case plan_card.LENGTH:
            return lambda draft: _with(draft, round_seconds=float(value))
        case plan_card.BUDGET:
            return lambda draft: replace(_with(draft, budget=int(value)), own_budget=True)
        case _:
            msg = f"a plan has no {what!r}"
            raise NotFound(msg)


def _with(draft: Draft, **given: Any) -> Draft:  # noqa: ANN401 - any field of a plan
    return replace(draft, plan=replace(draft.plan, **given))


class Pings(OfPlan, template=ids.template(plan_card.PINGS, ids.DRAFT)):
    """Notify whoever is up, or nobody."""

    async def act(self, interaction: Interaction) -> None:
        """Change it to the other."""
        await self.change(interaction, lambda draft: _with(draft, pings=not draft.plan.pings))


class Who(OfPlan, template=ids.template(plan_card.WHO, ids.DRAFT)):
    """Say who may take part."""

    async def act(self, interaction: Interaction) -> None:
        """Show the roles in place of the card."""
        await interaction.response.defer()
        draft = await self.read(interaction)
        await redraw(interaction, plan_card.who(self.about["draft"], draft.plan))


class Role(OfPlan, template=ids.template(plan_card.ROLE, ids.DRAFT)):
    """Choose the role of those who may take part."""

    async def act(self, interaction: Interaction) -> None:
        """Change it; @everyone, whose id is the server's, is no rule at all."""
        (role_id,) = map(int, chosen(interaction))
        await self.change(interaction, lambda draft: _with(draft, role_id=None if role_id == interaction.guild_id else role_id))


class Everybody(OfPlan, template=ids.template(plan_card.EVERYBODY, ids.DRAFT)):
    """Let everybody take part."""

    async def act(self, interaction: Interaction) -> None:
        """Change it."""
        await self.change(interaction, lambda draft: _with(draft, role_id=None))


class Back(OfPlan, template=ids.template(plan_card.BACK, ids.DRAFT)):
    """Go back to the card."""

    async def act(self, interaction: Interaction) -> None:
        """Show the plan as it is."""
        await self.change(interaction, lambda draft: draft)


class Name(OfPlan, template=ids.template(plan_card.NAME, ids.DRAFT)):
    """Type a name and a theme."""

    async def act(self, interaction: Interaction) -> None:
        """Show the form, filled in."""
        plan = (await self.read(interaction)).plan
        form = Form("Name and theme", "plan-form", self.about["draft"])
        form.ask("name", "Name", value=plan.name, limit=MAX_NAME, hint="The thread is called so.")
        hint = "What it is about, for everybody to read."
        form.ask("theme", "Theme", value=plan.theme, limit=MAX_THEME, required=False, hint=hint, long=True)
        await interaction.response.send_modal(form)


class Start(OfPlan, template=ids.template(plan_card.START, ids.DRAFT)):
    """Let the session begin."""

    async def act(self, interaction: Interaction) -> None:
        """Start it, and say where it is in place of the card."""
        await interaction.response.defer()
        draft = await self.read(interaction)
        place, in_thread = session_place(interaction), _in_thread(interaction)
        session = await services(interaction).sessions.start(
            draft.plan, draft.clip_id, actor_of(interaction), place, in_thread=in_thread, once=self.about["draft"]
        )
        await redraw(interaction, plan_card.started(session))


ALL: tuple[type[Pressed], ...] = (Set, Pings, Who, Role, Everybody, Back, Name, Start)
"""Every control of the card, to be registered at start-up."""


async def _named(interaction: Interaction, about: re.Match[str], values: Values) -> None:
    def named(draft: Draft) -> Draft:
        name = words.bare_text(values.get("name", ""), MAX_NAME) or draft.plan.name
        return _with(draft, name=name, theme=words.bare_text(values.get("theme", ""), MAX_THEME))

    await change(interaction, about["draft"], named)


FORMS = (FormKind(re.compile(ids.template("plan-form", ids.DRAFT, ids.NONCE)), Act.HOST, _named),)
"""The form of a name and a theme."""
