"""The Discord side: the bot, what servers have set there, and the ways to people and to the operator."""

from dataclasses import dataclass

from bot.announcer import DiscordAnnouncer
from bot.app.ground import Ground
from bot.discord_bot import EncoreBot
from bot.domain.admission import OperatorRules
from bot.endpoints import use_endpoints
from bot.messages import Messages
from bot.names import DiscordNames
from bot.operator_line import OperatorLine
from bot.ops.counting import CountingAnnouncer
from bot.post_office import DiscordPostOffice
from bot.posted_audio import DiscordPosted
from bot.services.guilds import Guilds
from bot.services.journal import Journal
from bot.settings import Settings
from bot.store.guilds import GuildStore
from bot.venues import DiscordVenues

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSide:
    """What needs the bot, and only the ground beside it."""

    bot: EncoreBot
    announcer: CountingAnnouncer
    post_office: DiscordPostOffice
    names: DiscordNames
    posted: DiscordPosted
    venues: DiscordVenues
    guilds: Guilds
    journal: Journal
    operator_line: OperatorLine


def face_discord(ground: Ground) -> DiscordSide:
    """Make the bot, which is not logged in yet, and what stands around it."""
    settings, clock = ground.settings, ground.clock
    use_endpoints(settings.discord_api_url, settings.discord_gateway_url)
    bot = EncoreBot(
        media_path=ground.archive.path,
        memory=ground.memory,
        api_url=settings.discord_api_url,
        pinned_gateway=settings.discord_gateway_url is not None,
        http_trace=ground.trace,
        operator_server=settings.operator_server,
        operator_contact=settings.operator_contact or "",
    )
    announcer = DiscordAnnouncer(
        bot=bot, session=ground.session, api_url=settings.discord_api_url, media_path=ground.archive.path, clock=clock
    )
    guilds = Guilds(store=GuildStore(ground.database), rules=_operator_rules(settings), directory=bot, clock=clock)
    journal = Journal(guilds=guilds, notes=announcer)
    return DiscordSide(
        bot=bot,
        announcer=CountingAnnouncer(announcer, metrics=ground.metrics, sightings=ground.sightings, clock=clock),
        post_office=DiscordPostOffice(bot=bot, messages=Messages(bot=bot, media_path=ground.archive.path)),
        names=DiscordNames(bot=bot, clock=clock),
        posted=DiscordPosted(bot=bot),
        venues=DiscordVenues(bot=bot),
        guilds=guilds,
        journal=journal,
        operator_line=OperatorLine(bot=bot, journal=journal, channel_id=settings.operator_channel),
    )


def _operator_rules(settings: Settings) -> OperatorRules:
    return OperatorRules(
        servers=frozenset(settings.servers_allowed),
        direct_messages=settings.allow_direct_messages,
        user_install=settings.allow_user_install,
        membership=settings.membership_hours * HOUR,
    )
