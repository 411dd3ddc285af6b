"""What the controls of /settings do. Each press is checked anew, changes the newest settings, and shows them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import discord

from bot.domain.actors import Actor
from bot.domain.admission import Act, managed_by
from bot.domain.guild_settings import GuildSettings, ResultsIn
from bot.domain.sharing import NEEDED
from bot.domain.typed_settings import LONGEST_LIST, parse_daily, parse_starters, parse_votes, parse_words
from bot.errors import BadOption, NotFound
from bot.ui import cards, ids, settings_card, words
from bot.ui.asking import DRAFT_LIFE, actor_of, chosen
from bot.ui.buttons import Pressed
from bot.ui.client import services
from bot.ui.modals import Form, FormKind, Values
from bot.ui.sending import answer_privately, show_in_place
from bot.ui.settings_card import ON, Topic

Step = Callable[[GuildSettings], GuildSettings]


def manager(interaction: discord.Interaction[discord.Client]) -> tuple[Actor, int]:
    """Tell who acts, and in which server. Raises MayNotManage for somebody without Manage Server."""
    actor = actor_of(interaction)
    return actor, managed_by(actor)


async def newest(interaction: discord.Interaction[discord.Client], topic: Topic | None = None) -> cards.Card:
    """Show the settings as they are now. Raises MayNotManage."""
    _, guild_id = manager(interaction)
    rules = services(interaction).guilds
    settings = await rules.of(guild_id)
    waiting = services(interaction).posting.held_up(guild_id)
    return settings_card.card(settings, rules.gone(settings), topic, closed=rules.closed(settings), waiting=waiting)


async def change(interaction: discord.Interaction[discord.Client], topic: Topic, step: Step) -> None:
    """Change the newest settings, show them, and tell the log. Raises MayNotManage."""
    actor, guild_id = manager(interaction)
    served = services(interaction)
    before, after = await served.guilds.change(actor, step)
    gone = served.guilds.gone(before) | served.guilds.gone(after)
    waiting = served.posting.held_up(guild_id)
    await show_in_place(interaction, settings_card.card(after, gone, topic, closed=served.guilds.closed(after), waiting=waiting))
    if said := settings_card.changes(before, after, gone):
        await served.journal.note(guild_id, f"<@{actor.user_id}> changed my settings. {said}.", formerly_in=before.log_channel)
    if topic is Topic.SHOWCASE and after.showcase_channel is not None:
        await served.posting.try_showcase(guild_id)


class _Setting(Pressed, template="settings-any"):
    """A control of the settings, about a topic."""

    ACT = Act.MANAGE

    @property
    def topic(self) -> Topic:
        """The topic that the control is about. Raises NotFound for one that there is no longer."""
        return _topic(self.about["topic"])


class ChooseTopic(Pressed, template=ids.template("settings")):
    """Choose what to change."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the control for it."""
        (value,) = chosen(interaction)
        await show_in_place(interaction, await newest(interaction, _topic(value)))


class Set(_Setting, template=ids.template("settings-set", ids.TOPIC)):
    """Choose a value."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Change the setting to it."""
        await change(interaction, self.topic, step_of(self.topic, chosen(interaction)))


class Clear(_Setting, template=ids.template("settings-clear", ids.TOPIC)):
    """Take a rule back."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Change the setting to nothing."""
        topic = self.topic
        await change(interaction, topic, lambda settings: settings_card.cleared(settings, topic))


class Edit(_Setting, template=ids.template("settings-edit", ids.TOPIC)):
    """Type a value."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, filled in with what is set."""
        _, guild_id = manager(interaction)
        settings = await services(interaction).guilds.of(guild_id)
        await interaction.response.send_modal(form(self.topic, _as_typed(settings)))


class Fix(Pressed, template=ids.template("settings-fix", ids.DRAFT)):
    """Open what was typed and refused."""

    ACT = Act.MANAGE

    async def act(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Show the form, filled in with what was typed."""
        manager(interaction)
        draft = await services(interaction).drafts.get(self.about["draft"], interaction.user.id)
        if draft is None:
            msg = f"there is no draft {self.about['draft']}"
            raise NotFound(msg)
        await interaction.response.send_modal(form(_topic(draft["topic"]), draft))


ALL: tuple[type[Pressed], ...] = (ChooseTopic, Set, Clear, Edit, Fix)
"""Every control of the settings, to be registered at start-up."""


def form(topic: Topic, typed: Mapping[str, str]) -> Form:
    """Ask for what is typed rather than chosen; `typed` fills it in. Raises NotFound for a topic that has no form."""
    asked = Form(settings_card.TOPICS[topic].label, "settings-form", topic)
    match topic:
        case Topic.LIMITS:
            hint = "Empty: no limit of this server's own. My operator's limits stay."
            for name in ("daily_per_person", "daily_per_server"):
                asked.ask(name, words.FIELD_NAMES[name], value=typed.get(name, ""), limit=10, required=False, hint=hint)
        case Topic.WORDS:
            hint = "Separated by commas or lines. word* stands for all words that begin so. My operator's list stays."
            asked.ask("words", "Forbidden words", value=typed.get("words", ""), limit=LONGEST_LIST, required=False, hint=hint, long=True)
        case Topic.STARTERS:
            hint = "Ids or links of tracks or tasks, separated by commas or lines."
            asked.ask(
                "starters", "Starter tracks", value=typed.get("starters", ""), limit=LONGEST_LIST, required=False, hint=hint, long=True
            )
        case Topic.SHOWCASE:
            hint = f"A track that has as many is posted in the showcase, once. Empty: {NEEDED}."
            asked.ask(
                "showcase_votes",
                words.FIELD_NAMES["showcase_votes"],
                value=typed.get("showcase_votes", ""),
                limit=10,
                required=False,
                hint=hint,
            )
        case _:
            msg = f"{topic} has no form"
            raise NotFound(msg)
    return asked


def _as_typed(settings: GuildSettings) -> dict[str, str]:
    return {
        "daily_per_person": str(settings.daily_per_person or ""),
        "daily_per_server": str(settings.daily_per_server or ""),
        "words": ", ".join(settings.words),
        "starters": "\n".join(settings.starters),
        "showcase_votes": str(settings.showcase_votes),
    }


async def _typed(interaction: discord.Interaction[discord.Client], about: re.Match[str], values: Values) -> None:
    topic = _topic(about["topic"])
    try:
        step = _typed_step(topic, values)
    except BadOption as error:
        manager(interaction)
        kept = {**values, "topic": topic.value}
        draft = await services(interaction).drafts.keep(interaction.user.id, kept, life=DRAFT_LIFE)
        fix = cards.Button(ids.make("settings-fix", draft), "Fix", discord.ButtonStyle.primary)
        await answer_privately(interaction, cards.Card(content=words.refusal(error) or "", rows=((fix,),)))
        return
    await change(interaction, topic, step)


FORMS = (FormKind(re.compile(ids.template("settings-form", ids.TOPIC, r"[A-Za-z0-9_-]+")), Act.MANAGE, _typed),)
"""The forms that change settings."""


def _typed_step(topic: Topic, values: Values) -> Step:
    match topic:
        case Topic.LIMITS:
            person = parse_daily("daily_per_person", values.get("daily_per_person", ""))
            server = parse_daily("daily_per_server", values.get("daily_per_server", ""))
            return lambda settings: replace(settings, daily_per_person=person, daily_per_server=server)
        case Topic.WORDS:
            listed = parse_words(values.get("words", ""))
            return lambda settings: replace(settings, words=listed)
        case Topic.STARTERS:
            starters = parse_starters(values.get("starters", ""))
            return lambda settings: replace(settings, starters=starters)
        case Topic.SHOWCASE:
            needed = parse_votes(values.get("showcase_votes", ""))
            return lambda settings: replace(settings, showcase_votes=needed)
        case _:
            msg = f"{topic} has no form"
            raise NotFound(msg)


def step_of(topic: Topic, chosen: list[str]) -> Step:
    """Make the change that a select asks for; nothing chosen clears the setting."""
    if not chosen:
        return lambda settings: settings_card.cleared(settings, topic)
    match topic:
        case Topic.CHANNELS:
            return lambda settings: replace(settings, channels=tuple(map(int, chosen)))
        case Topic.SPENDER:
            return lambda settings: replace(settings, spender_role=_role(settings, chosen[0]))
        case Topic.HOST:
            return lambda settings: replace(settings, host_role=_role(settings, chosen[0]))
        case Topic.SHOWCASE:
            return lambda settings: replace(settings, showcase_channel=int(chosen[0]))
        case Topic.LOG:
            return lambda settings: replace(settings, log_channel=int(chosen[0]))
        case Topic.RESULTS:
            return lambda settings: replace(settings, results_in=ResultsIn(chosen[0]))
        case Topic.PINGS:
            return lambda settings: replace(settings, pings=chosen[0] == ON)
        case Topic.CREATING:
            return lambda settings: replace(settings, creating=chosen[0] == ON)
        case _:
            msg = f"{topic} is not chosen from a list"
            raise NotFound(msg)


def _role(settings: GuildSettings, chosen: str) -> int | None:
    """Read a role; @everyone, whose id is the server's, is no rule at all."""
    return None if int(chosen) == settings.guild_id else int(chosen)


def _topic(value: str) -> Topic:
    try:
        return Topic(value)
    except ValueError as error:
        msg = f"there is no setting {value!r}"
        raise NotFound(msg) from error
