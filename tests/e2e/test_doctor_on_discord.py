"""What the doctor makes of an application, a clock, a gateway and permissions that are not as they should be."""

import json
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bot.ops.check_discord import check_discord
from bot.ops.discord_rest import DiscordRest, Reply
from bot.ops.findings import Finding, Verdict
from bot.sandbox.discord import LoopbackDiscord, Overwrite, OverwriteKind, Permission, SandboxWorld, build_sandbox_world
from bot.sandbox.discord.permissions import EVERYONE
from tests.fakes import FakeClock


class Altered(DiscordRest):
    """Asks the loopback, and reads what a test has put over its answers."""

    changes: dict[str, dict[str, object]]
    late: float | None

    async def ask(self, path: str) -> Reply:
        reply = await super().ask(path)
        date = None if self.late is None or reply.date is None else reply.here - self.late
        if path not in self.changes:
            return Reply(reply.body, date, reply.here)
        return Reply(json.dumps(json.loads(reply.body) | self.changes[path]).encode(), date, reply.here)


@dataclass(slots=True)
class Scene:
    """A loopback with the sandbox's world in it, and the doctor's way to it."""

    discord: LoopbackDiscord
    world: SandboxWorld
    session: aiohttp.ClientSession
    gateway_url: str | None = None
    late: float | None = 0.0
    changes: dict[str, dict[str, object]] = field(default_factory=dict[str, dict[str, object]])

    async def look(self) -> dict[str, list[Finding]]:
        """Look at everything; return what was found by subject."""
        url = self.discord.api_url
        rest = Altered(self.session, api_url=url, token=self.discord.token, user_agent="DiscordBot (test, 1)", clock=FakeClock())
        rest.changes, rest.late = self.changes, self.late
        found: dict[str, list[Finding]] = {}
        async for finding in check_discord(rest, self.session, api_url=url, gateway_url=self.gateway_url):
            found.setdefault(finding.subject, []).append(finding)
            assert finding.verdict is Verdict.OK or finding.mend
        return found

    async def worst(self, subject: str) -> Finding:
        """Look at everything; return the finding of a subject that is not ok."""
        (found,) = [finding for finding in (await self.look())[subject] if finding.verdict is not Verdict.OK]
        return found


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    record = os.environ.get("ENCORE_DISCORD_RECORD")
    async with LoopbackDiscord(record_path=Path(record) if record else None) as discord, aiohttp.ClientSession() as session:
        yield Scene(discord, build_sandbox_world(discord), session)
        assert discord.unknown_routes == []


async def test_all_is_well(scene: Scene) -> None:
    found = await scene.look()
    assert {finding.verdict for findings in found.values() for finding in findings} == {Verdict.OK}
    assert scene.discord.gateway.identifies == 0, "no session start was spent"


@pytest.mark.parametrize(
    ("late", "verdict", "words"),
    [
        (4.0, Verdict.OK, "agrees"),
        (20.0, Verdict.LOOK, "20 s ahead of Discord's"),
        (-400.0, Verdict.FAIL, "400 s behind Discord's"),
        (None, Verdict.LOOK, "no Date"),
    ],
)
async def test_the_clock(scene: Scene, late: float | None, verdict: Verdict, words: str) -> None:
    scene.late = late
    (clock,) = (await scene.look())["clock"]
    assert clock.verdict is verdict
    assert words in clock.found


async def test_interactions_that_go_elsewhere(scene: Scene) -> None:
    scene.changes["/applications/@me"] = {"interactions_endpoint_url": "https://elsewhere.example/interactions"}
    found = await scene.worst("application")
    assert found.verdict is Verdict.FAIL
    assert "never hear of a command" in found.found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bot_require_code_grant": True}, "code grant"),
        ({"integration_types_config": {"1": {}}}, "cannot be installed to servers"),
        (
            {"integration_types_config": {"0": {"oauth2_install_params": {"scopes": ["bot"], "permissions": "309237763072"}}}},
            "lacks: applications.commands.",
        ),
        (
            {
                "integration_types_config": {
                    "0": {"oauth2_install_params": {"scopes": ["bot", "applications.commands"], "permissions": "0"}}
                }
            },
            "lacks: View Channels, Send Messages",
        ),
    ],
)
async def test_an_application_that_is_installed_badly(scene: Scene, change: dict[str, object], words: str) -> None:
    scene.changes["/applications/@me"] = change
    found = await scene.worst("application")
    assert found.verdict is Verdict.LOOK
    assert words in found.found


async def test_a_private_application_for_servers_alone_is_fine(scene: Scene) -> None:
    scene.changes["/applications/@me"] = {"bot_public": False, "integration_types_config": {"0": {}}}
    (found,) = (await scene.look())["application"]
    assert "only its owner may invite it; people may not install it for themselves" in found.found


@pytest.mark.parametrize(("remaining", "verdict"), [(0, Verdict.FAIL), (5, Verdict.LOOK)])
async def test_session_starts_that_run_out(scene: Scene, remaining: int, verdict: Verdict) -> None:
    limit = {"total": 1000, "remaining": remaining, "reset_after": 7_200_000, "max_concurrency": 1}
    scene.changes["/gateway/bot"] = {"session_start_limit": limit}
    found = await scene.worst("gateway")
    assert found.verdict is verdict
    assert "2.0 h" in found.mend


async def test_a_gateway_that_lets_nobody_in(scene: Scene) -> None:
    scene.discord.gateway.refuse_connections(1)
    assert "does not greet (WSServerHandshakeError)" in (await scene.worst("gateway")).found


async def test_a_gateway_that_nobody_listens_at(scene: Scene) -> None:
    scene.gateway_url = "ws://127.0.0.1:1/"
    assert "does not greet (ClientConnectorError)" in (await scene.worst("gateway")).found


async def test_a_bot_in_no_server_gets_its_invitation(scene: Scene) -> None:
    scene.discord.uninstall_guild(scene.world.guild)
    found = await scene.look()
    (servers,) = found["servers"]
    assert f"client_id={scene.discord.application_id}&scope=bot+applications.commands&permissions=309237763072" in servers.mend
    assert "channels" not in found


async def test_a_server_that_lacks_something_is_named_and_not_looked_into(scene: Scene) -> None:
    owner = scene.world.owner
    poor = scene.discord.add_guild("Poor", owner)
    for role in poor.roles.values():
        role.permissions = Permission(int(EVERYONE) & ~int(Permission.ATTACH_FILES | Permission.EMBED_LINKS))
    scene.discord.add_channel(poor, "general")
    found = await scene.look()
    (servers,) = found["servers"]
    assert "In 2 servers; in 1 of them something is missing: “Poor” lacks Embed Links, Attach Files." in servers.found
    assert "of 1 server:" in found["channels"][0].found


async def test_a_channel_that_lacks_something_is_named_and_one_that_hides_is_not(scene: Scene) -> None:
    everyone = OverwriteKind.ROLE, scene.world.guild.id
    scene.world.lounge.channel.overwrites[everyone] = Overwrite(deny=Permission.SEND_MESSAGES)
    scene.world.music.channel.overwrites[everyone] = Overwrite(deny=Permission.VIEW_CHANNEL)
    (channels,) = (await scene.look())["channels"]
    assert channels.verdict is Verdict.LOOK
    assert "Looked at 2 channels of 1 server: “Encore Sandbox” #lounge lacks Send Messages." in channels.found


@pytest.mark.parametrize("route", ["/applications/@me", "/gateway/bot", "/users/@me/guilds"])
async def test_a_discord_that_stumbles_is_no_fault_of_the_settings(scene: Scene, route: str) -> None:
    scene.discord.faults.add(route=route, status=503)
    found = await scene.worst("Discord")
    assert found.verdict is Verdict.FAIL
    assert "HTTP 503" in found.found
    assert "again in a moment" in found.mend


async def test_a_discord_that_is_down(scene: Scene) -> None:
    scene.discord.faults.add(route="/users/@me", status=502)
    found = await scene.look()
    assert list(found) == ["Discord"]
    assert "DISCORD_API_URL" in found["Discord"][0].mend


async def test_the_number_of_requests_has_a_bound(scene: Scene) -> None:
    for number in range(30):
        scene.discord.add_guild(f"Server {number}", scene.world.owner)
    found = await scene.look()
    assert "In 31 servers" in found["servers"][0].found
    assert len(scene.discord.requests) == 15
