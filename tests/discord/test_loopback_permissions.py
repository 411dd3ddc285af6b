"""Permissions add up as on Discord."""

from __future__ import annotations

import pytest

from bot.sandbox.discord import LoopbackDiscord, Overwrite, OverwriteKind, Permission, SandboxWorld

SEND, VIEW, FILES = Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL, Permission.ATTACH_FILES


@pytest.mark.parametrize(
    ("everyone", "role", "member", "may"),
    [
        (None, None, None, True),
        (Overwrite(deny=SEND), None, None, False),
        (Overwrite(deny=SEND), Overwrite(allow=SEND), None, True),
        (None, Overwrite(deny=SEND), Overwrite(allow=SEND), True),
        (Overwrite(allow=SEND), Overwrite(allow=SEND), Overwrite(deny=SEND), False),
        (Overwrite(deny=VIEW), None, Overwrite(allow=SEND), False),
    ],
)
def test_overwrites_apply_from_everyone_to_the_member(
    loopback: LoopbackDiscord,
    world: SandboxWorld,
    everyone: Overwrite | None,
    role: Overwrite | None,
    member: Overwrite | None,
    *,
    may: bool,
) -> None:
    made = loopback.add_role(world.guild, "Made", Permission(1 << 52))
    world.guild.members[world.mira.id].role_ids.add(made.id)
    keys = ((OverwriteKind.ROLE, world.guild.id), (OverwriteKind.ROLE, made.id), (OverwriteKind.MEMBER, world.mira.id))
    for key, overwrite in zip(keys, (everyone, role, member), strict=True):
        if overwrite is not None:
            world.music.channel.overwrites[key] = overwrite
    rights = loopback.core.world.permissions_of(world.mira.user, world.music.channel)
    assert (SEND in rights) is may
    assert (FILES in rights) is may
    assert bool(rights & 1 << 52) is (VIEW in rights)


def test_owners_and_administrators_may_everything(loopback: LoopbackDiscord, world: SandboxWorld) -> None:
    world.music.channel.overwrites[OverwriteKind.ROLE, world.guild.id] = Overwrite(deny=VIEW)
    admin = loopback.add_role(world.guild, "Admin", Permission.ADMINISTRATOR)
    world.guild.members[world.jo.id].role_ids.add(admin.id)
    for person in (world.owner, world.jo):
        assert Permission.MANAGE_MESSAGES in loopback.core.world.permissions_of(person.user, world.music.channel)
    assert not loopback.core.world.permissions_of(world.mira.user, world.music.channel)
    assert world.music.messages_for(world.stranger) == []
