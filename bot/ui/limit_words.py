"""What the limits are called, and what people are told who meet one."""

from bot.domain.limits import Limit
from bot.errors import LimitReached
from bot.ui.times import when

_MET = {
    Limit.PERSON: "You have used up your **{tracks} for today**, which is what one person may ask for with this bot.",
    Limit.PERSON_HERE: "You have used up your **{tracks} for today**, which is what one person may ask for on this server.",
    Limit.SERVER: "This server has used up its **{tracks} for today**.",
    Limit.ALL: "This bot has used up its **{tracks} for today**, over all its servers.",
    Limit.LINE: "The line is full: **{requests} wait** already. Nothing was sent and nothing was spent; please try again in some minutes.",
}

_CHANGED_BY = {
    Limit.PERSON: "Only the bot's operator can change this limit.",
    Limit.PERSON_HERE: "Someone with Manage Server can change this limit with /settings.",
    Limit.SERVER: "Someone with Manage Server can change this limit with /settings, up to what the bot's operator allows.",
    Limit.ALL: "Only the bot's operator can change this limit.",
    Limit.LINE: "Only the bot's operator can change this limit.",
}


def limit_reached(error: LimitReached) -> str:
    """Say which limit is used up, when it is counted anew, and who can change it."""
    limit = Limit(error.limit)
    said = _MET[limit].format(tracks=_count(error.allowed, "track"), requests=_count(error.allowed, "request"))
    if error.resets_at is not None:
        said = f"{said} {counted_anew(error.resets_at)} What is cancelled before it is sent does not count. /usage shows what was used."
    return f"{said}\n{_CHANGED_BY[limit]}"


def counted_anew(at: float) -> str:
    """Say when a day's limits are counted anew (epoch seconds): where that is midnight, people need not know."""
    return f"It is counted anew {when(at)}, at <t:{int(at)}:t>."


def _count(number: int, of: str) -> str:
    return f"{number} {of}" if number == 1 else f"{number} {of}s"
