"""A Discord on 127.0.0.1 for one real bot: REST, gateway, people and faults.

    async with LoopbackDiscord() as discord:
        world = build_sandbox_world(discord)
        ...  # start the bot with discord.api_url, discord.gateway_url, discord.token
        await discord.wait_ready()
        call = await world.mira.slash(world.music, "extend", continue_clip_id="…", continue_at="1:40", tags="lofi")
        await call.answered()

It refuses what Discord refuses, with Discord's statuses and codes, and fails on demand (`faults`, `gateway`).
"""

from bot.sandbox.discord.core import Limits
from bot.sandbox.discord.events import (
    BotReady,
    ChannelChanged,
    CommandsChanged,
    Event,
    InteractionChanged,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
    ModalOpened,
    RequestAnswered,
    Subscription,
    TypingStarted,
)
from bot.sandbox.discord.faults import Fault
from bot.sandbox.discord.files import Upload
from bot.sandbox.discord.interaction_call import ClientRefusal, InteractionCall
from bot.sandbox.discord.interaction_model import Choice, Interaction, InteractionState, Modal, ModalField
from bot.sandbox.discord.loopback import LoopbackDiscord
from bot.sandbox.discord.people import Person
from bot.sandbox.discord.permissions import OverwriteKind, Permission
from bot.sandbox.discord.record import RecordedRequest
from bot.sandbox.discord.rooms import Room
from bot.sandbox.discord.sandbox_world import SandboxWorld, build_sandbox_world
from bot.sandbox.discord.world import Attachment, ChannelType, Guild, Message, MessageFlag, Overwrite, Role, User

__all__ = [
    "Attachment",
    "BotReady",
    "ChannelChanged",
    "ChannelType",
    "Choice",
    "ClientRefusal",
    "CommandsChanged",
    "Event",
    "Fault",
    "Guild",
    "Interaction",
    "InteractionCall",
    "InteractionChanged",
    "InteractionState",
    "Limits",
    "LoopbackDiscord",
    "Message",
    "MessageCreated",
    "MessageDeleted",
    "MessageFlag",
    "MessageUpdated",
    "Modal",
    "ModalField",
    "ModalOpened",
    "Overwrite",
    "OverwriteKind",
    "Permission",
    "Person",
    "RecordedRequest",
    "RequestAnswered",
    "Role",
    "Room",
    "SandboxWorld",
    "Subscription",
    "TypingStarted",
    "Upload",
    "User",
    "build_sandbox_world",
]
