"""What Discord refuses, the loopback refuses, with the same status and code."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.discord import LoopbackDiscord, Overwrite, OverwriteKind, Permission, Room, SandboxWorld

if TYPE_CHECKING:
    from tests.discord.conftest import Rest


def path_of(room: Room) -> str:
    return f"/channels/{room.id}/messages"


def deny(world: SandboxWorld, *rights: Permission) -> None:
    denied = Permission(0)
    for right in rights:
        denied |= right
    key = (OverwriteKind.ROLE, world.guild.id)
    world.music.channel.overwrites[key] = Overwrite(deny=denied)
    for role in world.guild.roles.values():
        if role.name == "Encore":
            role.permissions &= ~denied


def multipart(payload: dict[str, Any], *files: tuple[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    form.add_field("payload_json", json.dumps(payload))
    for index, (name, content) in enumerate(files):
        form.add_field(f"files[{index}]", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    return form


def button(**changes: object) -> dict[str, object]:
    return {"type": 2, "style": 1, "label": "b", "custom_id": "b"} | changes


def row(*items: dict[str, object]) -> dict[str, object]:
    return {"type": 1, "components": list(items)}


SELECT: dict[str, object] = {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}]}
V2 = 1 << 15


async def test_a_wrong_token_is_unauthorized(loopback: LoopbackDiscord) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{loopback.api_url}/users/@me", headers={"Authorization": "Bot x"}) as answer,
    ):
        assert answer.status == 401
        assert answer.headers["Content-Type"] == "application/json"
        assert await answer.json() == {"message": "401: Unauthorized", "code": 0}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": 5}, "content"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds"),
        ({"embeds": [{"description": "x" * 4000}] * 2}, "embeds"),
        ({"embeds": [{"fields": [{"name": "a", "value": ""}]}]}, "embeds"),
        ({"content": "a", "components": [row(button())] * 6}, "components"),
        ({"content": "a", "components": [row(*[button(custom_id=str(i)) for i in range(6)])]}, "components"),
        ({"content": "a", "components": [row(button(custom_id="x" * 101))]}, "components"),
        ({"content": "a", "components": [row(button(), button())]}, "components"),
        ({"content": "a", "components": [row(button(label="x" * 81))]}, "components"),
        ({"content": "a", "components": [row(button(style=5, url="https://a.example"))]}, "components"),
        ({"content": "a", "components": [row(SELECT, button())]}, "components"),
        ({"content": "a", "components": [row(SELECT | {"options": [{"label": "a", "value": str(i)} for i in range(26)]})]}, "components"),
        ({"content": "a", "components": [row(SELECT | {"options": [{"label": "a", "value": "a"}] * 2})]}, "components"),
        ({"content": "a", "components": [row()]}, "components"),
        ({"content": "a", "components": [button()]}, "components"),
        ({"components": [{"type": 10, "content": "a"}]}, "components"),
        ({"content": "a", "components": [{"type": 10, "content": "a"}], "flags": V2}, "content"),
        ({"components": [{"type": 10, "content": "a"}] * 41, "flags": V2}, "components"),
        ({"components": [{"type": 10, "content": "x" * 2001}] * 2, "flags": V2}, "components"),
        ({"components": [{"type": 13, "file": {"url": "attachment://no.mp3"}}], "flags": V2}, "components"),
        ({"components": [{"type": 9, "components": [{"type": 10, "content": "a"}]}], "flags": V2}, "components"),
        ({"content": "a", "attachments": [{"id": 0, "filename": "a"}]}, "attachments"),
        ({"content": "a", "nonce": "x" * 26}, "nonce"),
        ({"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"content": "a", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions"),
        ({"content": "a", "message_reference": {"message_id": "1"}}, "message_reference"),
    ],
)
async def test_an_invalid_message_names_its_field(world: SandboxWorld, rest: Rest, body: dict[str, Any], field: str) -> None:
    status, answer = await rest("POST", path_of(world.music), body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert list(answer["errors"]) == [field]
    assert world.music.messages == []


async def test_errors_are_nested_as_discord_nests_them(world: SandboxWorld, rest: Rest) -> None:
    _, answer = await rest("POST", path_of(world.music), {"content": "x" * 2001})
    complaint = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    assert answer["errors"] == {"content": {"_errors": [complaint]}}


async def test_layout_components_are_taken_with_their_flag(world: SandboxWorld, rest: Rest) -> None:
    inner = {"type": 17, "components": [{"type": 10, "content": "a"}, {"type": 14}, row(button())]}
    section = {"type": 9, "components": [{"type": 10, "content": "a"}], "accessory": button(custom_id="c")}
    form = multipart({"components": [inner, section, {"type": 13, "file": {"url": "attachment://a.mp3"}}], "flags": V2}, ("a.mp3", b"x"))
    status, answer = await rest("POST", path_of(world.music), data=form)
    assert status == 200
    assert [component["id"] for component in answer["components"]] == [1, 6, 9]
    assert answer["components"][2]["file"]["attachment_id"] == answer["attachments"][0]["id"]


async def test_messages_that_are_not_there(world: SandboxWorld, rest: Rest) -> None:
    assert await rest.refused("POST", path_of(world.music), {"content": ""}) == (400, 50006)
    assert await rest.refused("GET", f"{path_of(world.music)}/1") == (404, 10008)
    assert await rest.refused("POST", "/channels/1/messages", {"content": "a"}) == (404, 10003)
    assert await rest.refused("GET", "/channels/x") == (400, 50035)
    said = await world.mira.send(world.music, "mine")
    assert await rest.refused("PATCH", f"{path_of(world.music)}/{said.id}", {"content": "a"}) == (403, 50005)
    assert await rest.refused("DELETE", f"{path_of(world.music)}/{said.id}") == (403, 50013)


@pytest.mark.parametrize(
    ("right", "body", "files", "expected"),
    [
        (Permission.VIEW_CHANNEL, {"content": "a"}, (), (403, 50001)),
        (Permission.SEND_MESSAGES, {"content": "a"}, (), (403, 50013)),
        (Permission.EMBED_LINKS, {"embeds": [{"title": "a"}]}, (), (403, 50013)),
        (Permission.ATTACH_FILES, {"content": "a"}, (("a.mp3", b"x"),), (403, 50013)),
        (Permission.READ_MESSAGE_HISTORY, {"content": "a", "message_reference": {"message_id": "1"}}, (), (403, 160002)),
    ],
)
async def test_a_missing_permission(  # noqa: PLR0917 - parametrized
    world: SandboxWorld,
    rest: Rest,
    right: Permission,
    body: dict[str, Any],
    files: tuple[tuple[str, bytes], ...],
    expected: tuple[int, int],
) -> None:
    deny(world, right)
    assert await rest.refused("POST", path_of(world.music), data=multipart(body, *files)) == expected


async def test_without_history_there_is_none(world: SandboxWorld, rest: Rest) -> None:
    _, sent = await rest("POST", path_of(world.music), {"content": "a"})
    deny(world, Permission.READ_MESSAGE_HISTORY)
    assert await rest("GET", path_of(world.music)) == (200, [])
    assert await rest.refused("GET", f"{path_of(world.music)}/{sent['id']}") == (403, 50013)


async def test_threads_have_their_own_right_and_their_lock(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    thread = loopback.add_thread(world.music, "t", world.mira)
    assert (await rest("POST", path_of(thread), {"content": "a"}))[0] == 200
    thread.channel.locked = True
    assert await rest.refused("POST", path_of(thread), {"content": "a"}) == (400, 160005)
    deny(world, Permission.SEND_MESSAGES_IN_THREADS)
    assert await rest.refused("POST", path_of(thread), {"content": "a"}) == (403, 50013)
    assert await rest.refused("PATCH", f"/channels/{thread.id}", {"archived": True}) == (403, 50013)


async def test_guilds_without_the_bot_are_closed(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    guild = loopback.add_guild("Elsewhere", world.jo, with_bot=False)
    room = loopback.add_channel(guild, "talk")
    assert await rest.refused("POST", path_of(room), {"content": "a"}) == (403, 50001)
    assert await rest.refused("GET", f"/guilds/{guild.id}") == (403, 50001)
    assert await rest.refused("GET", "/guilds/1") == (404, 10004)
    assert await rest.refused("GET", f"/guilds/{world.guild.id}/members/{world.stranger.id}") == (404, 10007)


async def test_files_over_the_limits(world: SandboxWorld, rest: Rest) -> None:
    limit = 10 * 1024 * 1024
    ten = ("a.mp3", bytes(limit))
    assert (await rest("POST", path_of(world.music), data=multipart({}, ten)))[0] == 200
    assert await rest.refused("POST", path_of(world.music), data=multipart({}, ("a.mp3", bytes(limit + 1)))) == (413, 40005)
    assert await rest.refused("POST", path_of(world.music), data=multipart({}, ten, ten, ten)) == (413, 40005)
    small = [("a.mp3", b"x")] * 11
    assert await rest.refused("POST", path_of(world.music), data=multipart({}, *small)) == (400, 50035)


async def test_mentions_and_who_is_pinged(world: SandboxWorld, rest: Rest) -> None:
    text = f"{world.mira.mention} {world.stranger.mention} @everyone"
    _, free = await rest("POST", path_of(world.music), {"content": text})
    assert {user["id"] for user in free["mentions"]} == {str(world.mira.id), str(world.stranger.id)}
    assert free["mention_everyone"] is False
    assert world.music.messages[0].pinged == {world.mira.id}
    await rest("POST", path_of(world.music), {"content": text, "allowed_mentions": {"parse": []}})
    assert world.music.messages[1].pinged == frozenset()
    await rest("POST", path_of(world.music), {"content": text, "flags": 1 << 12})
    assert world.music.messages[2].pinged == frozenset()
    assert [user.id for user in world.music.messages[2].mentions] == [world.mira.id, world.stranger.id]
    _, edited = await rest("PATCH", f"{path_of(world.music)}/{world.music.messages[1].id}", {"content": text})
    assert len(edited["mentions"]) == 2
    assert world.music.messages[1].pinged == frozenset()


async def test_roles_ping_their_members_where_they_may(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    moderators = next(role for role in world.guild.roles.values() if role.name == "Moderator")
    quiet = loopback.add_role(world.guild, "Quiet", Permission(0))
    world.guild.members[world.jo.id].role_ids.add(quiet.id)
    await rest("POST", path_of(world.music), {"content": f"<@&{moderators.id}> <@&{quiet.id}>"})
    assert world.music.messages[0].pinged == {world.sam.id}


async def test_opening_direct_messages(world: SandboxWorld, rest: Rest) -> None:
    _, channel = await rest("POST", "/users/@me/channels", {"recipient_id": str(world.mira.id)})
    _, again = await rest("POST", "/users/@me/channels", {"recipient_id": world.mira.id})
    assert channel["id"] == again["id"]
    assert (channel["type"], [user["username"] for user in channel["recipients"]]) == (1, ["mira"])
    assert await rest.refused("POST", "/users/@me/channels", {"recipient_id": "1"}) == (404, 10013)


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Upper", "description": "a"},
        {"name": "a b", "description": "a"},
        {"name": "x" * 33, "description": "a"},
        {"name": "a", "description": "x" * 101},
        {"name": "a"},
        {"name": "a", "description": "a", "options": [{"type": 3, "name": str(i), "description": "a"} for i in range(26)]},
        {
            "name": "a",
            "description": "a",
            "options": [{"type": 3, "name": "a", "description": "a"}, {"type": 3, "name": "b", "description": "a", "required": True}],
        },
        {"name": "a", "description": "a", "options": [{"type": 3, "name": "a", "description": "a"}] * 2},
        {
            "name": "a",
            "description": "a",
            "options": [{"type": 3, "name": "a", "description": "a", "choices": [{"name": "a", "value": str(i)} for i in range(26)]}],
        },
        {
            "name": "a",
            "description": "a",
            "options": [
                {"type": 3, "name": f"o{n}", "description": "a", "choices": [{"name": "n" * 90, "value": "v" * 90}] * 2} for n in range(23)
            ],
        },
        {"name": "a", "type": 3, "description": "a"},
        {"name": "a", "description": "a", "type": 9},
    ],
)
async def test_an_invalid_command_is_not_registered(loopback: LoopbackDiscord, rest: Rest, command: dict[str, Any]) -> None:
    base = f"/applications/{loopback.application_id}/commands"
    assert await rest.refused("PUT", base, [command]) == (400, 50035)
    assert await rest.refused("POST", base, command) == (400, 50035)
    assert await rest("GET", base) == (200, [])


async def test_commands_keep_their_id_while_their_name_stays(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> None:
    base = f"/applications/{loopback.application_id}/commands"
    _, (first,) = await rest("PUT", base, [{"name": "a", "description": "one"}])
    _, (second,) = await rest("PUT", base, [{"name": "a", "description": "two"}])
    assert first["id"] == second["id"]
    assert first["version"] != second["version"]
    assert (await rest("PATCH", f"{base}/{first['id']}", {"description": "three"}))[1]["description"] == "three"
    assert (await rest("DELETE", f"{base}/{first['id']}"))[0] == 204
    assert await rest.refused("GET", f"{base}/{first['id']}") == (404, 10063)
    status, _ = await rest(
        "POST", f"/applications/{loopback.application_id}/guilds/{world.guild.id}/commands", {"name": "g", "description": "g"}
    )
    assert status == 201
