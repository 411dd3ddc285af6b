"""/settings: what a server has set, in plain words, and the control for one thing at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import discord

from bot.domain.guild_settings import GuildSettings, PostingRight, ResultsIn
from bot.ui import ids, key_card, mine_card
from bot.ui.cards import COLOUR, WARNING, Button, Card, Choose, Option, Select
from bot.ui.words import code, safe_text

MOST_CHANNELS = 25
"""Values that a select takes (Select Menus)."""
ON, OFF = "on", "off"
MAX_CHANGE = 900
"""Characters of one changed setting in the log: two of them, which one form can change, stay below a message's 2000."""

Gone = frozenset[int]
Closed = Mapping[int, PostingRight]
EVERYWHERE_OPEN: Final[Closed] = MappingProxyType({})

_BESIDE = (key_card.OPEN, mine_card.OPEN)
"""What leads to other settings."""


class Topic(StrEnum):
    """What can be changed, one at a time."""

    CHANNELS = "channels"
    SPENDER = "spender"
    HOST = "host"
    LIMITS = "limits"
    RESULTS = "results"
    PINGS = "pings"
    CREATING = "creating"
    STARTERS = "starters"
    SHOWCASE = "showcase"
    WORDS = "words"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class TopicText:
    """How a topic is named, what it is about (at most 100 characters), and how it stands."""

    label: str
    about: str
    shown: Callable[[GuildSettings, Gone], str]
    fields: tuple[str, ...]
    """The settings' fields that belong to it."""
    none: str
    """What the button says that clears it; empty: there is nothing to clear."""


def _channels(settings: GuildSettings, gone: Gone) -> str:
    if not settings.channels:
        return "in every channel"
    shown = ", ".join(f"<#{channel}>" for channel in settings.channels if channel not in gone)
    lost = len(gone.intersection(settings.channels))
    deleted = f"{lost} deleted channel{'s' if lost > 1 else ''}" if lost else ""
    if not shown:
        return f"⚠ nowhere: only {deleted} {'are' if lost > 1 else 'is'} left of those chosen. Choose others, or allow every channel"
    return f"{shown} ({deleted} left out)" if deleted else shown


def _spender(settings: GuildSettings, gone: Gone) -> str:
    if settings.spender_role is None:
        return "everybody"
    if settings.spender_role in gone:
        return "⚠ a role that was deleted: only people with Manage Server may, until you choose another, or everybody"
    return f"<@&{settings.spender_role}>"


def _host(settings: GuildSettings, gone: Gone) -> str:
    if settings.host_role is None:
        return "everybody who may ask for tracks"
    if settings.host_role in gone:
        return "⚠ a role that was deleted: only moderators may, until you choose another, or everybody"
    return f"<@&{settings.host_role}>, and moderators"


def _limits(settings: GuildSettings, _gone: Gone) -> str:
    if settings.daily_per_person is None and settings.daily_per_server is None:
        return "no limits of this server's own"
    person = "no limit of this server's own" if settings.daily_per_person is None else str(settings.daily_per_person)
    server = "no limit of this server's own" if settings.daily_per_server is None else str(settings.daily_per_server)
    return f"each person {person}; the server {server}"


def _channel(which: str, gone: Gone, channel: int | None) -> str:
    if channel is None:
        return which
    return "⚠ a channel that was deleted" if channel in gone else f"<#{channel}>"


def _showcase(settings: GuildSettings, gone: Gone) -> str:
    needed = settings.showcase_votes
    votes = f"from {needed} vote{'s' if needed > 1 else ''} on"
    return f"none; {votes}" if settings.showcase_channel is None else f"{votes}, in {_channel('', gone, settings.showcase_channel)}"


def _counted(number: int, what: str) -> str:
    """Count what the server has beside whatever the operator has set for everybody."""
    counted = "none" if not number else f"1 {what}" if number == 1 else f"{number} {what}s"
    return f"{counted} of this server's own"


TOPICS: dict[Topic, TopicText] = {
    Topic.CHANNELS: TopicText(
        "Where I can be used", "Channels; threads in them count as well", _channels, ("channels",), "Allow every channel"
    ),
    Topic.SPENDER: TopicText(
        "Who may ask for tracks", "A role without which nobody can spend anything here", _spender, ("spender_role",), "Allow everybody"
    ),
    Topic.HOST: TopicText("Who may start sessions", "A role for that; moderators always may", _host, ("host_role",), "Allow everybody"),
    Topic.LIMITS: TopicText(
        "Tracks a day",
        "For each person, and for the whole server; my operator's limits stay",
        _limits,
        ("daily_per_person", "daily_per_server"),
        "No limits of our own",
    ),
    Topic.RESULTS: TopicText(
        "Where finished tracks are posted",
        "In the channel, or in a thread under the request",
        lambda settings, _: "in the channel" if settings.results_in is ResultsIn.CHANNEL else "in a thread under the request",
        ("results_in",),
        "",
    ),
    Topic.PINGS: TopicText(
        "Pings",
        "Whether a finished track pings the person who asked for it",
        lambda settings, _: "a finished track pings the person who asked" if settings.pings else "off",
        ("pings",),
        "",
    ),
    Topic.CREATING: TopicText(
        "/create",
        "First tracks from styles alone; each is spent like any other",
        lambda settings, _: "on" if settings.creating else "off",
        ("creating",),
        "",
    ),
    Topic.STARTERS: TopicText(
        "Starter tracks",
        "Tracks that everybody here may continue",
        lambda settings, _: _counted(len(settings.starters), "track"),
        ("starters",),
        "Remove all",
    ),
    Topic.SHOWCASE: TopicText(
        "Showcase",
        "The channel for what is liked here, and the votes that bring a track there",
        _showcase,
        ("showcase_channel", "showcase_votes"),
        "No showcase",
    ),
    Topic.WORDS: TopicText(
        "Forbidden words",
        "Words that may not be in styles, titles, notes and names",
        lambda settings, _: _counted(len(settings.words), "word"),
        ("words",),
        "Remove all",
    ),
    Topic.LOG: TopicText(
        "Log of moderation",
        "The channel that hears of each change here, and of what moderators do",
        lambda settings, gone: _channel("nowhere", gone, settings.log_channel),
        ("log_channel",),
        "Log nowhere",
    ),
}


def card(settings: GuildSettings, gone: Gone, topic: Topic | None = None, *, closed: Closed = EVERYWHERE_OPEN, waiting: int = 0) -> Card:
    """Show what is set, and the control for one topic.

    `closed` are channels in which the bot may not post, with what it lacks there; `waiting` tracks were refused by the showcase.
    """
    lines = [f"**{text.label}**: {text.shown(settings, gone)}{_warning(each, settings, closed)}" for each, text in TOPICS.items()]
    if waiting:
        lines.insert(list(TOPICS).index(Topic.SHOWCASE) + 1, _held_up(waiting))
    embed = discord.Embed(
        title="Settings of this server",
        description="\n".join(lines),
        colour=WARNING if waiting or gone.intersection(settings.named) or closed.keys() & settings.written_to else COLOUR,
    )
    embed.set_footer(text="Changes take effect at once. Only you see this.")
    what = Select(
        custom_id=ids.make("settings"),
        placeholder="What to change",
        options=tuple(Option(each, text.label, text.about) for each, text in TOPICS.items()),
        chosen=() if topic is None else (topic,),
    )
    if topic is None:
        return Card(embeds=(embed,), selects=(what,), rows=(_BESIDE,))
    embed.add_field(name=TOPICS[topic].label, value=f"{TOPICS[topic].about}.", inline=False)
    control = _control(topic, settings, gone)
    return Card(embeds=(embed,), selects=(what, *control), rows=(*_buttons(topic, settings), _BESIDE))


def _warning(topic: Topic, settings: GuildSettings, closed: Closed) -> str:
    """Say what keeps the bot from posting in a topic's channel; empty where nothing does."""
    channel = {Topic.SHOWCASE: settings.showcase_channel, Topic.LOG: settings.log_channel}.get(topic)
    missing = None if channel is None else closed.get(channel)
    if missing is None or (topic is Topic.LOG and not missing.is_for_text):
        return ""
    return f" ⚠ I may not post there: I lack **{missing}** in that channel"


def _held_up(waiting: int) -> str:
    what, them = ("1 track waits", "it") if waiting == 1 else (f"{waiting} tracks wait", "them")
    return f"⚠ {what} for the showcase: I can't post {them} there. I try again for a week, and at once when you choose its channel"


def _control(topic: Topic, settings: GuildSettings, gone: Gone) -> tuple[Select, ...]:
    custom_id = ids.make("settings-set", topic)
    match topic:
        case Topic.CHANNELS:
            return (_entities(custom_id, "Channels", Choose.PLACES, settings.channels, gone, most=MOST_CHANNELS),)
        case Topic.SPENDER:
            return (_entities(custom_id, "The role that may ask for tracks", Choose.ROLES, (settings.spender_role,), gone),)
        case Topic.HOST:
            return (_entities(custom_id, "The role that may start sessions", Choose.ROLES, (settings.host_role,), gone),)
        case Topic.SHOWCASE:
            return (_entities(custom_id, "The showcase", Choose.TEXT_CHANNELS, (settings.showcase_channel,), gone),)
        case Topic.LOG:
            return (_entities(custom_id, "The channel of the log", Choose.TEXT_CHANNELS, (settings.log_channel,), gone),)
        case Topic.RESULTS:
            options = (Option(ResultsIn.CHANNEL, "In the channel"), Option(ResultsIn.THREAD, "In a thread under the request"))
            return (Select(custom_id=custom_id, placeholder="Where", options=options, chosen=(settings.results_in,)),)
        case Topic.PINGS:
            return (_switch(custom_id, "Ping whoever asked", "Ping nobody", on=settings.pings),)
        case Topic.CREATING:
            return (_switch(custom_id, "/create is on", "/create is off", on=settings.creating),)
        case Topic.LIMITS | Topic.WORDS | Topic.STARTERS:
            return ()


def _entities(custom_id: str, placeholder: str, choose: Choose, chosen: tuple[int | None, ...], gone: Gone, *, most: int = 1) -> Select:
    there = tuple(str(each) for each in chosen if each is not None and each not in gone)
    return Select(custom_id=custom_id, placeholder=placeholder, choose=choose, chosen=there, least=0, most=most)


def _switch(custom_id: str, yes: str, no: str, *, on: bool) -> Select:
    return Select(custom_id=custom_id, placeholder="On or off", options=(Option(ON, yes), Option(OFF, no)), chosen=(ON if on else OFF,))


def _buttons(topic: Topic, settings: GuildSettings) -> tuple[tuple[Button, ...], ...]:
    row: list[Button] = []
    if topic in FORMS:
        row.append(Button(ids.make("settings-edit", topic), "Edit", discord.ButtonStyle.primary))
    if TOPICS[topic].none and cleared(settings, topic) != settings:
        row.append(Button(ids.make("settings-clear", topic), TOPICS[topic].none))
    return (tuple(row),) if row else ()


FORMS = frozenset((Topic.LIMITS, Topic.WORDS, Topic.STARTERS, Topic.SHOWCASE))
"""What is typed, of the showcase beside what is chosen."""


def cleared(settings: GuildSettings, topic: Topic) -> GuildSettings:
    """Take a topic's settings back to what they are where nothing has been set."""
    untouched = GuildSettings(guild_id=settings.guild_id)
    return replace(settings, **{field: getattr(untouched, field) for field in TOPICS[topic].fields})


def changes(before: GuildSettings, after: GuildSettings, gone: Gone) -> str:
    """Say for the log what was changed, from what to what; empty where nothing was."""
    changed = (topic for topic, text in TOPICS.items() if any(getattr(before, name) != getattr(after, name) for name in text.fields))
    return "; ".join(_change(topic, before, after, gone) for topic in changed)


def _change(topic: Topic, before: GuildSettings, after: GuildSettings, gone: Gone) -> str:
    text = TOPICS[topic]
    match topic:
        case Topic.WORDS:
            said = _difference(before.words, after.words, lambda word: f"||{safe_text(word)}||")
        case Topic.STARTERS:
            said = _difference(before.starters, after.starters, code)
        case _:
            said = f"{text.shown(before, gone)} → {text.shown(after, gone)}"
    short = said if len(said) <= MAX_CHANGE else f"{text.shown(before, gone)} → {text.shown(after, gone)}"
    return f"**{text.label}**: {short}"


def _difference(before: tuple[str, ...], after: tuple[str, ...], shown: Callable[[str], str]) -> str:
    added = [shown(each) for each in after if each not in before]
    removed = [shown(each) for each in before if each not in after]
    parts = [f"{what} {', '.join(them)}" for what, them in (("added", added), ("removed", removed)) if them]
    return "; ".join(parts) or "put in another order"
