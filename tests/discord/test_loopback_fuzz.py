"""Whatever a body holds, the loopback answers as Discord would: it never breaks."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.discord import LoopbackDiscord, build_sandbox_world, messages, refusals
from bot.sandbox.discord.calls import Call
from bot.sandbox.discord.interaction_model import CallbackType, Interaction, InteractionContext, InteractionType
from bot.sandbox.discord.server import ROUTES

SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 1 << 70) | st.floats(allow_nan=False) | st.text(max_size=5) | st.sampled_from(["1", "0"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6
)
PARTS = (
    "components",
    "component",
    "accessory",
    "items",
    "media",
    "file",
    "options",
    "custom_id",
    "label",
    "style",
    "url",
    "content",
    "id",
    "value",
)
LEAF: st.SearchStrategy[Any] = st.fixed_dictionaries({"type": st.integers(0, 24)}, optional=dict.fromkeys(PARTS, VALUES))
INNER: st.SearchStrategy[Any] = LEAF | st.lists(LEAF, max_size=2) | VALUES
TYPED: st.SearchStrategy[Any] = st.fixed_dictionaries({"type": st.integers(0, 24) | VALUES}, optional=dict.fromkeys(PARTS, INNER))
KEYS = [
    *("content", "embeds", "components", "attachments", "allowed_mentions", "message_reference", "nonce", "enforce_nonce", "flags"),
    *(
        "name",
        "description",
        "options",
        "type",
        "choices",
        "title",
        "custom_id",
        "archived",
        "auto_archive_duration",
        "recipient_id",
        "messages",
    ),
    *("contexts", "integration_types", "topic", "locked"),
]
BODIES: st.SearchStrategy[Any] = st.dictionaries(st.sampled_from(KEYS), VALUES | st.lists(TYPED, max_size=3) | TYPED, max_size=5)


@contextmanager
def fresh_discord() -> Generator[LoopbackDiscord]:
    discord = LoopbackDiscord()
    world = build_sandbox_world(discord)
    messages.post(discord.core, world.music.channel, discord.core.bot, messages.Draft(body={"content": "a"}))
    try:
        yield discord
    finally:
        discord.core.files.close()


def pending_interaction(discord: LoopbackDiscord, picks: Any) -> Interaction:  # noqa: ANN401 - a source of chance
    core = discord.core
    guild = next(iter(core.world.guilds.values()))
    channel = next(iter(guild.channels.values()))
    interaction = Interaction(
        id=core.snowflakes(),
        token=f"t{core.snowflakes()}",
        type=picks.choice(list(InteractionType)),
        user=core.world.users[guild.owner_id],
        channel=channel,
        guild=guild,
        context=InteractionContext.GUILD,
        owners={"0": guild.id},
        created_at=core.clock(),
        data={},
        source=picks.choice([None, *channel.messages.values()]),
        focused_type=3,
        callback=picks.choice([None, CallbackType.DEFERRED_UPDATE]),
    )
    core.interactions[interaction.id] = interaction
    core.interactions_by_token[interaction.token] = interaction
    return interaction


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=VALUES | BODIES | st.fixed_dictionaries({"type": st.integers(3, 10), "data": BODIES | VALUES}),
    picks=st.randoms(),
)
def test_any_body_is_taken_or_refused(body: Any, picks: Any) -> None:  # noqa: ANN401 - anything
    with fresh_discord() as discord:
        world = discord.core.world
        route = picks.choice([route for route in ROUTES if route.method in {"POST", "PATCH", "PUT"}])
        pending = pending_interaction(discord, picks)
        known: dict[str, list[Any]] = {
            "channel_id": [*world.channels],
            "guild_id": [*world.guilds],
            "application_id": [discord.application_id],
            "user_id": [*world.users, "@me"],
            "message_id": [*(m for c in world.channels.values() for m in c.messages), 1],
            "interaction_id": [pending.id],
            "token": [pending.token],
            "command_id": [*(c["id"] for c in discord.core.commands.listed(None)), "1"],
        }
        params = {name: str(picks.choice(known.get(name, ["1"]))) for name in ("emoji", *known)}
        try:
            reply = route.handler(discord.core, Call(method=route.method, path="", params=params, body=body))
        except refusals.Refusal as refusal:
            json.dumps(refusal.body())
        else:
            json.dumps(reply.body)
