"""The rules of interactions, played by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.discord import InteractionCall, InteractionState, LoopbackDiscord, SandboxWorld

if TYPE_CHECKING:
    from tests.discord.conftest import Rest

COMMANDS: list[dict[str, Any]] = [
    {"name": "play", "description": "p", "options": [{"type": 3, "name": "style", "description": "s", "autocomplete": True}]},
    {"name": "Save", "type": 3},
]


@dataclass(slots=True)
class Played:
    """A command of Mira's, and the addresses to answer it at."""

    discord: LoopbackDiscord
    rest: Rest
    call: InteractionCall

    @property
    def callback(self) -> str:
        return f"/interactions/{self.call.id}/{self.call.interaction.token}/callback"

    @property
    def webhook(self) -> str:
        return f"/webhooks/{self.discord.application_id}/{self.call.interaction.token}"

    @property
    def original(self) -> str:
        return f"{self.webhook}/messages/@original"


@pytest.fixture
async def played(loopback: LoopbackDiscord, world: SandboxWorld, rest: Rest) -> Played:
    await rest("PUT", f"/applications/{loopback.application_id}/commands", COMMANDS)
    return Played(loopback, rest, await world.mira.slash(world.music, "play", style="lofi"))


async def test_after_three_seconds_the_first_answer_is_unknown(played: Played) -> None:
    played.discord.advance(3.01)
    assert await played.rest.refused("POST", played.callback, {"type": 5}) == (404, 10062)
    assert played.call.failed == "The application did not respond"


async def test_a_second_first_answer_is_refused(played: Played) -> None:
    assert (await played.rest("POST", played.callback, {"type": 5}))[0] == 204
    assert await played.rest.refused("POST", played.callback, {"type": 4, "data": {"content": "a"}}) == (400, 40060)


async def test_the_callback_can_answer(played: Played) -> None:
    status, answer = await played.rest("POST", f"{played.callback}?with_response=1", {"type": 5, "data": {"flags": 64 | 4}})
    assert status == 200
    assert answer["interaction"]["response_message_loading"] is True
    assert answer["interaction"]["response_message_ephemeral"] is True
    assert answer["resource"]["type"] == 5
    assert answer["resource"]["message"]["flags"] == 64 | 128
    assert answer["interaction"]["response_message_id"] == answer["resource"]["message"]["id"]


async def test_after_fifteen_minutes_the_token_is_dead(played: Played) -> None:
    await played.rest("POST", played.callback, {"type": 5})
    played.discord.advance(15 * 60 - 1)
    assert (await played.rest("GET", played.original))[0] == 200
    played.discord.advance(2)
    for method, path in (("PATCH", played.original), ("GET", played.original), ("POST", played.webhook)):
        assert await played.rest.refused(method, path, {"content": "a"}) == (401, 50027)
    assert played.call.state is InteractionState.FAILED


async def test_the_bot_can_still_edit_its_public_answer_as_a_message(played: Played) -> None:
    await played.rest("POST", played.callback, {"type": 4, "data": {"content": "a"}})
    played.discord.advance(16 * 60)
    message = played.call.message
    path = f"/channels/{message.channel_id}/messages/{message.id}"
    assert (await played.rest("PATCH", path, {"content": "b"}))[0] == 200
    message.flags |= 64
    assert await played.rest.refused("PATCH", path, {"content": "c"}) == (404, 10008)


async def test_webhooks_that_are_not_there(played: Played) -> None:
    assert await played.rest.refused("PATCH", played.original, {"content": "early"}) == (404, 10015)
    assert await played.rest.refused("POST", f"/webhooks/{played.discord.application_id}/wrong", {"content": "a"}) == (404, 10015)
    await played.rest("POST", played.callback, {"type": 4, "data": {"content": "a"}})
    assert await played.rest.refused("PATCH", f"{played.webhook}/messages/1", {"content": "a"}) == (404, 10008)
    assert (await played.rest("DELETE", played.original))[0] == 204
    assert await played.rest.refused("PATCH", played.original, {"content": "a"}) == (404, 10008)


async def test_the_first_follow_up_after_a_defer_edits_the_original(played: Played) -> None:
    await played.rest("POST", played.callback, {"type": 5, "data": {"flags": 64}})
    _, first = await played.rest("POST", played.webhook, {"content": "first"})
    _, second = await played.rest("POST", played.webhook, {"content": "second"})
    assert first["id"] == str(played.call.message.id)
    assert first["flags"] == 64
    assert second["id"] != first["id"]
    assert second["message_reference"]["message_id"] == first["id"]


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 99, None])
async def test_a_command_takes_only_its_kinds_of_answer(played: Played, kind: int | None) -> None:
    assert await played.rest.refused("POST", played.callback, {"type": kind}) == (400, 50035)
    assert played.call.state is InteractionState.PENDING


MODAL_INPUT: dict[str, Any] = {"type": 4, "custom_id": "i", "style": 1, "label": "l"}


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x" * 46},
        {"custom_id": "x" * 101},
        {"components": []},
        {"components": [{"type": 1, "components": [MODAL_INPUT | {"custom_id": str(i)}]} for i in range(6)]},
        {"components": [{"type": 1, "components": [MODAL_INPUT | {"value": "abc", "max_length": 2}]}]},
        {"components": [{"type": 1, "components": [MODAL_INPUT | {"value": "abc", "min_length": 4}]}]},
        {"components": [{"type": 18, "label": "l"}]},
        {"components": [{"type": 1, "components": [{"type": 2}]}]},
    ],
)
async def test_an_invalid_modal_is_refused(played: Played, changes: dict[str, Any]) -> None:
    data = {"title": "t", "custom_id": "m", "components": [{"type": 1, "components": [MODAL_INPUT]}]}
    assert await played.rest.refused("POST", played.callback, {"type": 9, "data": data | changes}) == (400, 50035)
    assert (await played.rest("POST", played.callback, {"type": 9, "data": data}))[0] == 204
    assert played.call.modal.title == "t"


@pytest.mark.parametrize(
    "choices",
    [
        [{"name": "a", "value": "a"}] * 26,
        [{"name": "x" * 101, "value": "a"}],
        [{"name": "a", "value": "x" * 101}],
        [{"name": "a", "value": 1}],
    ],
)
async def test_invalid_choices_are_refused(played: Played, world: SandboxWorld, choices: list[dict[str, Any]]) -> None:
    typing = asyncio.create_task(world.jo.autocomplete(world.music, "play", focused="style", value="l"))
    await asyncio.sleep(0)
    interaction = list(played.discord.core.interactions.values())[-1]
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    assert await played.rest.refused("POST", path, {"type": 8, "data": {"choices": choices}}) == (400, 50035)
    assert (await played.rest("POST", path, {"type": 8, "data": {"choices": []}}))[0] == 204
    assert await typing == []


async def test_a_layout_answer_needs_its_flag_and_keeps_it(played: Played) -> None:
    text = {"type": 10, "content": "a"}
    await played.rest("POST", played.callback, {"type": 5})
    assert await played.rest.refused("PATCH", played.original, {"components": [text]}) == (400, 50035)
    assert (await played.rest("PATCH", played.original, {"components": [text], "flags": 1 << 15}))[0] == 200
    assert await played.rest.refused("PATCH", played.original, {"content": "a"}) == (400, 50035)
    assert await played.rest.refused("PATCH", played.original, {"content": "a", "flags": 0}) == (400, 50035)


async def test_a_context_menu_target_and_no_token_in_the_answers(played: Played, world: SandboxWorld) -> None:
    said = await world.jo.send(world.music, "tune")
    call = await world.mira.context_menu(world.music, "Save", said)
    assert call.interaction.data["target_id"] == str(said.id)
    assert call.interaction.data["resolved"]["messages"][str(said.id)]["content"] == "tune"


async def test_an_expired_attachment_address_is_gone(played: Played) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"type": 4, "data": {"content": "a", "attachments": [{"id": 0, "description": "d"}]}}')
    form.add_field("files[0]", b"bytes", filename="a.mp3")
    assert (await played.rest("POST", played.callback, data=form))[0] == 204
    _, message = await played.rest("GET", played.original)
    url = message["attachments"][0]["url"]
    async with aiohttp.ClientSession() as session:
        assert await (await session.get(url)).read() == b"bytes"
        played.discord.advance(25 * 3600)
        assert (await session.get(url)).status == 404
