"""Puts the doctor's checks together from the settings: `python -m bot doctor`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final, TextIO

import aiohttp
from discord.http import HTTPClient

from bot.clock import SystemClock
from bot.domain.guild_keys import SealedKey
from bot.errors import SettingsError, StartupError, StoreUnavailable
from bot.music.client import MusicClient
from bot.ops.build import Build
from bot.ops.check_discord import check_discord
from bot.ops.check_machine import check_media, check_port
from bot.ops.check_music import check_music
from bot.ops.check_own_keys import of_own_keys
from bot.ops.discord_rest import DiscordRest
from bot.ops.doctor import Doctor
from bot.ops.findings import Check, Finding, Verdict, count, fail, look, ok
from bot.ops.logs import Redactor, configure_logging
from bot.services.sealing import Seal, SealBroken
from bot.settings import Settings, load_settings
from bot.store.inspection import Inspection, Schema, inspect

ENV_FILE: Final = Path(".env")
DOCUMENTED_MODELS: Final = frozenset({"v3.5"})
"""The provider's page "Extend Instrumental": only this one is supported for now."""
SUBMIT_INTERVAL, QUERIES_PER_SECOND = 4.0, 2.0
"""The provider's page "Rate Limiting and Status Code"."""


async def check_up(stream: TextIO) -> bool:
    """Look at everything that the bot needs, and write what was found; True if nothing has failed."""
    build = Build.here()
    title = f"Encore {build.version}, Python {build.python}, discord.py {build.discord_py}"
    try:
        settings = load_settings(ENV_FILE)
    except SettingsError as error:
        doctor = Doctor(stream, Redactor(()))
        doctor.say(f"{title}\n")
        for problem in error.problems:
            doctor.show(Finding(Verdict.FAIL, "settings", problem))
        doctor.say("\nThey are read from the environment and from .env in this folder.\nThe rest is looked at once they are right.")
        return doctor.conclude()
    # What goes wrong is said by the findings; the parts' own log lines would only come between them.
    configure_logging("DEBUG" if settings.log_level == "DEBUG" else "CRITICAL", settings.log_format, settings.secrets)
    doctor = Doctor(stream, Redactor(settings.secrets))
    doctor.say(f"{title}\n")
    async with aiohttp.ClientSession() as session, MusicClient(settings.music_api_url, settings.music_api_key) as music:
        await doctor.examine(_checks(settings, session, music))
    return doctor.conclude()


def _checks(settings: Settings, session: aiohttp.ClientSession, music: MusicClient) -> list[Check]:
    clock = SystemClock()
    rest = DiscordRest(
        session,
        api_url=settings.discord_api_url,
        token=settings.discord_token.get_secret_value(),
        user_agent=HTTPClient(asyncio.get_running_loop()).user_agent,
        clock=clock,
    )
    return [
        Check("settings", lambda: _check_settings(settings)),
        Check("database", lambda: _check_database(settings.database_url, settings.encryption_keys)),
        Check("media", lambda: check_media(settings.media_dir, settings.media_max_gb)),
        Check("ops port", lambda: check_port(settings.ops_host, settings.ops_port)),
        Check(
            "Discord",
            lambda: check_discord(rest, session, api_url=settings.discord_api_url, gateway_url=settings.discord_gateway_url),
        ),
        Check("music API", lambda: check_music(music, settings.music_api_url, clock)),
    ]


async def _check_settings(settings: Settings) -> AsyncIterator[Finding]:
    """Tell where they come from, and point out those that are allowed but seldom meant."""
    source = (
        "from .env in this folder and from the environment" if await asyncio.to_thread(ENV_FILE.is_file) else "from the environment alone"
    )
    yield ok("settings", f"Complete and well-formed, {source}: {count(len(settings.model_fields_set), 'variable')} set.")
    if undocumented := [model for model in settings.music_models if model not in DOCUMENTED_MODELS]:
        documented = ", ".join(DOCUMENTED_MODELS)
        yield look(
            "models",
            f"MUSIC_MODELS offers {', '.join(undocumented)}; the provider documents {documented} alone.",
            "See that your account has it: people are refused after their request has been in line.",
        )
    else:
        yield ok("models", f"On offer: {', '.join(settings.music_models)}.")
    if settings.music_submit_interval < SUBMIT_INTERVAL or settings.music_queries_per_second > QUERIES_PER_SECOND:
        yield look(
            "pace",
            f"MUSIC_SUBMIT_INTERVAL={settings.music_submit_interval:g} and MUSIC_QUERIES_PER_SECOND={settings.music_queries_per_second:g}:"
            f" the provider allows a submit in {SUBMIT_INTERVAL:g} s and {QUERIES_PER_SECOND:g} queries a second.",
            "Take both settings out, unless your account allows more.",
        )
    if settings.media_allow_private:
        advice = "Set it to false, unless this is a sandbox or audio comes through a proxy of yours."
        yield look("media", "MEDIA_ALLOW_PRIVATE=true lets audio come from this machine's own network.", advice)


async def _check_database(url: str, encryption_keys: Sequence[str]) -> AsyncIterator[Finding]:
    """Look whether it is there, at its schema, and whether it can be read; nothing is migrated, and a running bot is not disturbed."""
    try:
        found = await inspect(url)
    except StartupError as error:
        yield fail("database", str(error), "Set DATABASE_URL.")
        return
    except StoreUnavailable as error:
        advice = "Look at DATABASE_URL, whether the server runs and lets this user in, or who owns the file and its folder."
        yield fail("database", str(error), advice)
        return
    yield of_schema(found)
    if found.in_use:
        yield ok("lock", "A bot is running on this database. That is fine; a second one would refuse to start.")
    else:
        yield ok("lock", "No bot is running on this database.")
    if found.schema is Schema.CURRENT:
        yield of_own_keys(found.own_keys, _opens_with(Seal(encryption_keys)) if encryption_keys else None)


def _opens_with(seal: Seal) -> Callable[[SealedKey], bool]:
    def opens(key: SealedKey) -> bool:
        try:
            seal.open(key.sealed, key.guild_id)
        except SealBroken:
            return False
        return True

    return opens


def of_schema(found: Inspection) -> Finding:
    """Say what a schema means for the next start."""
    match found.schema:
        case Schema.CURRENT:
            return ok("database", f"{found.server} is reached, and its schema is this version's.")
        case Schema.NONE:
            return ok("database", f"{found.server}; nothing in it yet. The first start makes its tables.")
        case Schema.BEHIND:
            return look(
                "database",
                f"{found.server} is reached; its schema is {count(found.pending, 'migration')} behind.",
                "Take a backup, then start the bot, which migrates it, or run: python -m bot migrate",
            )
        case Schema.NEWER:
            advice = "Install that version again, or restore the backup that was made before it."
            return fail("database", f"{found.server} is reached, but a newer version of the bot wrote its schema.", advice)
