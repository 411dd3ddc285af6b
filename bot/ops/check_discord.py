"""What the doctor asks of Discord: the token, the application, the clock, the commands, the gateway."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import aiohttp

from bot.errors import DiscordError, DiscordUnavailable, RefusedByDiscord
from bot.ops.check_servers import check_servers
from bot.ops.discord_rest import Application, Command, DiscordRest, GatewayBot, InstallKind, User, parsed
from bot.ops.findings import Finding, count, fail, look, ok
from bot.ops.permissions import INVITATION, lacking

CLOCK_OK: Final = 5.0
CLOCK_BAD: Final = 60.0
"""Seconds off: a Date header is exact to one. A minute before an interaction's token ends, its reply gets its last words."""
SERVERS, PEOPLE = "0", "1"
"""Whom an application is installed to (Application Integration Types)."""
HELLO: Final = 10
"""The opcode with which the gateway greets (Gateway Opcodes)."""
GATEWAY_PATIENCE: Final = 15.0
"""Seconds until it must have greeted."""
FEW_STARTS: Final = 20
"""Sessions left for the day below which a bot that keeps restarting may be locked out."""


async def check_discord(
    rest: DiscordRest, session: aiohttp.ClientSession, *, api_url: str, gateway_url: str | None
) -> AsyncIterator[Finding]:
    """Look at all that hangs on the token; without one that Discord takes, at nothing more. At most 15 requests and a connection."""
    try:
        reply = await rest.ask("/users/@me")
        user = parsed(reply.body, User)
    except RefusedByDiscord as error:
        yield fail(
            "token",
            f"Discord refuses it ({error}); nothing else can be asked.",
            "Developer Portal, Bot, Reset Token; copy it into DISCORD_TOKEN.",
        )
        return
    except DiscordUnavailable as error:
        yield fail(
            "Discord",
            f"{api_url} gives no answer that could be used ({error}).",
            "Look at DISCORD_API_URL, at this machine's network, DNS and proxies, and at discordstatus.com.",
        )
        return
    yield ok("token", f"It is that of the bot {user.username} ({user.id}).")
    yield _of_clock(reply.here, reply.date)
    try:
        application = await rest.read("/applications/@me", Application)
        for finding in _of_application(application):
            yield finding
        yield _of_commands(await rest.read(f"/applications/{application.id}/commands", list[Command]))
        gateway = await rest.read("/gateway/bot", GatewayBot)
        yield _of_starts(gateway)
        yield await _of_gateway(session, gateway_url or gateway.url)
        async for finding in check_servers(rest, user_id=user.id, invitation=_invitation(application)):
            yield finding
    except DiscordError as error:
        yield fail("Discord", f"It broke off: {error}.", "Try again in a moment; see also discordstatus.com.")


def _of_clock(here: float, there: float | None) -> Finding:
    if there is None:
        return look(
            "clock", "Discord's answer has no Date to compare with.", "Something before Discord takes it out: see that this clock is right."
        )
    off = here - there
    words = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} Discord's."
    advice = "Let the system keep its time by NTP: interactions live for 15 minutes by Discord's clock."
    if abs(off) > CLOCK_BAD:
        return fail("clock", f"This machine's clock is {words}", advice)
    if abs(off) > CLOCK_OK:
        return look("clock", f"This machine's clock is {words}", advice)
    return ok("clock", "This machine's clock agrees with Discord's.")


def _of_application(application: Application) -> list[Finding]:
    name = f"{application.name} ({application.id})"
    if application.interactions_endpoint_url:
        return [
            fail(
                "application",
                f"{name} sends its interactions to {application.interactions_endpoint_url}, so this bot would never hear of a command.",
                "Developer Portal, General Information: empty Interactions Endpoint URL.",
            )
        ]
    found: list[Finding] = []
    if application.bot_require_code_grant:
        advice = "Developer Portal, Bot: switch Requires OAuth2 Code Grant off."
        found.append(look("application", "It requires a code grant, so README's invitation cannot be completed.", advice))
    kinds = {SERVERS: None, PEOPLE: None} if application.integration_types_config is None else application.integration_types_config
    if SERVERS not in kinds:
        advice = "Developer Portal, Installation: allow Guild Install."
        found.append(look("application", "It cannot be installed to servers, only by people for themselves.", advice))
    if missing := _missing_from_link(kinds.get(SERVERS)):
        advice = "Developer Portal, Installation, Default Install Settings: add them, or invite with README's address alone."
        found.append(look("application", f"The install link that Discord shows lacks: {', '.join(missing)}.", advice))
    public = "anyone may invite it" if application.bot_public else "only its owner may invite it"
    people = "people may install it for themselves" if PEOPLE in kinds else "people may not install it for themselves"
    return [ok("application", f"{name}: {public}; {people}. It needs no privileged intent."), *found]


def _missing_from_link(kind: InstallKind | None) -> list[str]:
    """Name what the application's own install link would not ask for; a link that is not set asks for nothing wrong."""
    link = kind.oauth2_install_params if kind else None
    if link is None:
        return []
    return [scope for scope in ("bot", "applications.commands") if scope not in link.scopes] + lacking(link.permissions)


def _of_commands(commands: list[Command]) -> Finding:
    names = ", ".join(sorted(f"/{command.name}" if command.type == 1 else f"“{command.name}”" for command in commands))
    return ok("commands", f"Registered: {names}." if names else "None yet: the bot registers them at its first start.")


def _of_starts(gateway: GatewayBot) -> Finding:
    limit = gateway.session_start_limit
    words = f"{count(gateway.shards, 'shard')} recommended; {limit.remaining} of {limit.total} session starts are left."
    hours = limit.reset_after / 3_600_000
    if limit.remaining < gateway.shards:
        return fail("gateway", words, f"Wait {hours:.1f} h, and see in the log why the bot has started so often.")
    if limit.remaining < FEW_STARTS + gateway.shards:
        return look("gateway", words, f"They are refilled in {hours:.1f} h. See in the log why the bot starts so often.")
    return ok("gateway", words)


async def _of_gateway(session: aiohttp.ClientSession, url: str) -> Finding:
    """Wait for the gateway's greeting, and leave: no session is begun by that."""
    try:
        async with asyncio.timeout(GATEWAY_PATIENCE), session.ws_connect(url, params={"v": "10", "encoding": "json"}) as socket:
            greeting: object = await socket.receive_json()
    except (aiohttp.ClientError, TimeoutError, OSError, TypeError, ValueError) as error:
        return fail(
            "gateway",
            f"{url} does not greet ({type(error).__name__}).",
            "Let websockets (wss, port 443) through firewall and proxy; look at DISCORD_GATEWAY_URL.",
        )
    if not isinstance(greeting, dict) or greeting.get("op") != HELLO:  # pyright: ignore[reportUnknownMemberType] - whatever it is, it is compared with a number
        return fail("gateway", f"{url} is a websocket, but not Discord's.", "Look at DISCORD_GATEWAY_URL.")
    return ok("gateway", f"{url} greets.")


def _invitation(application: Application) -> str:
    return f"https://discord.com/oauth2/authorize?client_id={application.id}&scope=bot+applications.commands&permissions={INVITATION}"
