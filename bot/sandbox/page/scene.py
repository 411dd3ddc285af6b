"""Who is on the page and where they can be: the members of two servers, those who run things, and a stranger who brought the app along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.discord.people import Person

if TYPE_CHECKING:
    from bot.sandbox.discord.world import Guild, Message
    from bot.sandbox.stage import Stage

STARTER_PATIENCE = 60.0
"""Seconds for the first track: the bot asks for it once, and downloads it."""
SECOND_KEY = "sandbox-second-key"
"""What a server may enter as an API key of its own: the music service takes it, beside the operator's."""
WELCOME = (
    "Here is a first track to play with. Type `/extend` and pick it from the list, or press **Continue A** under it. "
    "`/jobs` shows what is under way."
)


@dataclass(slots=True, frozen=True, kw_only=True)
class Role:
    """Somebody whom the page can be used as."""

    person: Person
    note: str
    moderator: bool = False
    member: bool = True


@dataclass(slots=True, kw_only=True)
class Scene:
    """The cast by the name that stands in the page's address, and what each person has dismissed."""

    stage: Stage
    fresh: Guild
    """A second server, in which nobody has asked for anything yet."""
    cast: dict[str, Role]
    task_id: str
    hints: dict[int, str]
    dismissed: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def sees(self, person: Person, message: Message) -> bool:
        """Tell whether a message is on this person's screen."""
        channel = self.stage.discord.core.world.channels.get(message.channel_id)
        if channel is None or (person.id, message.id) in self.dismissed:
            return False
        return message in self.stage.discord.room(channel).messages_for(person)


def set_scene(stage: Stage) -> Scene:
    """Give the stranger the app, the server's owner a second server and a key, everybody a place to talk to the app, the bot a starter."""
    discord, world = stage.discord, stage.world
    discord.install_user(world.stranger)
    group = discord.add_group("Weekend band", world.stranger, world.jo)
    fresh = discord.add_guild("Fresh Server", world.owner)
    discord.add_member(fresh, world.mira)
    general = discord.add_channel(fresh, "general")
    task_id = next(iter(stage.music.tasks))
    stage.music.open_account(SECOND_KEY)
    # What the operator of a bot would set: whoever comes to a fresh server finds a track to begin with.
    stage.bot.environment = {**stage.bot.environment, "STARTER_TRACKS": task_id}
    hints = {
        world.lounge.id: "A second channel, to see that it stays apart. What Encore knows in #music, it knows here too.",
        world.off_topic.id: (
            "A third channel: try /settings as Olive, and leave it out of those where Encore may be used. "
            f"A key of the server's own that the music service takes is {SECOND_KEY}."
        ),
        general.id: "A second server that Encore has just joined: its library is empty. Begin with /help.",
        group.id: "A group that Encore is not in: Robin brought the app along, so answers can only be given where they were asked.",
    }
    cast = {
        "mira": Role(person=world.mira, note="Member, musician"),
        "jo": Role(person=world.jo, note="Member"),
        "sam": Role(person=world.sam, note="Moderator", moderator=True),
        "olive": Role(person=world.owner, note="Owns the server: Manage Server", moderator=True),
        "pat": Role(person=world.operator, note="Member; runs this bot"),
        "robin": Role(person=world.stranger, note="Not in the server; has the app", member=False),
    }
    for role in cast.values():
        room = discord.direct_message(role.person)
        hints[room.id] = "Direct messages with Encore: its commands work here too, and only the two of you see the answers."
    return Scene(stage=stage, fresh=fresh, cast=cast, task_id=task_id, hints=hints)


async def put_in_starter(scene: Scene) -> None:
    """Bring in a first track as the moderator would, by `/track` in #music, and say what it is for. Raises TimeoutError, ClientRefusal."""
    room, sam = scene.stage.world.music, scene.stage.world.sam
    await sam.slash(room, "track", task_id=scene.task_id)
    await room.wait_for(_has_audio, STARTER_PATIENCE)
    await sam.send(room, WELCOME)


def _has_audio(message: Message) -> bool:
    return any((attachment.content_type or "").startswith("audio/") for attachment in message.attachments)
