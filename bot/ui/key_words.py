"""Words about API keys: the servers' own, and those for whoever has to mend one that fails. Foreign text is given as `safe_text`."""

from bot.domain.guild_keys import KeyTrouble
from bot.domain.standing import LaneCondition
from bot.errors import LanePaused

MANAGERS = "Someone with Manage Server can mend that: /settings, API key"
NOTHING_LOST = "your place is kept."

OWN_LANE = {
    LaneCondition.KEY_REFUSED: f"The music service refuses this server's own key. {MANAGERS}; {NOTHING_LOST}",
    LaneCondition.NO_CREDITS: f"This server's own credits at the music service are used up. They have to be renewed there; {NOTHING_LOST}",
    LaneCondition.HELD: "The key that this runs on was removed from this server.",
}
"""What people in line on a server's own key are told."""

REFUSALS = {
    LaneCondition.KEY_REFUSED: "I can't take requests now: the music service refuses my key. My operator must mend that.",
    LaneCondition.NO_CREDITS: "I can't take requests now: my credits at the music service are used up. My operator must renew them.",
}

OWN_REFUSALS = {
    LaneCondition.KEY_REFUSED: f"I can't take requests here now: the music service refuses this server's own key. {MANAGERS}.",
    LaneCondition.NO_CREDITS: "I can't take requests here now: this server's own credits at the music service are used up. "
    "Whoever has the account there must renew them, or someone with Manage Server enter another key: /settings, API key.",
}

NOT_TAKEN = {
    KeyTrouble.OFF: "The operator of this bot has not enabled servers' own keys (ENCRYPTION_KEY is not set).",
    KeyTrouble.MALFORMED: "That does not look like an API key. Paste it in one piece, without quotation marks and without “Bearer”.",
    KeyTrouble.IN_USE: "That key is in use already, on another server or by this bot itself. The music service's limits are per key: "
    "make another one there.",
    KeyTrouble.REFUSED: "The music service refuses that key, so it was not kept.",
    KeyTrouble.AWAY: "The music service could not be asked whether it takes that key, so it was not kept. Try again in a minute.",
}


def held(why: str) -> str:
    """Say that the operator has paused the bot, and what they say of it."""
    return f"The operator has paused this bot: “{why}”." if why else "The operator has paused this bot for now."


def paused(error: LanePaused, why: str) -> str:
    """Refuse a request for which no key works."""
    condition = LaneCondition(error.reason)
    if condition is LaneCondition.HELD:
        return f"I can't take requests now. {held(why)}"
    return (OWN_REFUSALS if error.own_key else REFUSALS)[condition]


def not_taken(trouble: str, said: str) -> str:
    """Say why a key was not kept, and what the provider says of it."""
    return NOT_TAKEN[KeyTrouble(trouble)] + (f"\nIt says: “{said}”" if said else "")


_TROUBLE = {
    LaneCondition.UNREACHABLE: "the music service does not answer",
    LaneCondition.KEY_REFUSED: "the music service refuses {key}",
    LaneCondition.NO_CREDITS: "the credits of {key} at the music service are used up",
    LaneCondition.HELD: "the operator has paused it (/operator resume lets it go on)",
}


def trouble(condition: LaneCondition, key: str = "MUSIC_API_KEY") -> str:
    """Say to whoever has to mend it why a lane stands still."""
    return _TROUBLE[condition].format(key=key)


def alert(*, own_key: bool, condition: LaneCondition, said: str) -> str:
    """Tell whoever has to act that a lane is paused, and what to do; WORKING: that it is over."""
    key = "this server's own API key" if own_key else "MUSIC_API_KEY"
    if condition is LaneCondition.WORKING:
        return f"**Works again:** the music service takes requests with {key}. Those in line go on."
    said = f" It says: “{said}”" if said else ""
    act = "Enter it anew: /settings, API key." if own_key else "Look at the account there; a new key needs a restart."
    if condition is LaneCondition.NO_CREDITS:
        act = "Top the account up: the bot looks again by itself."
    return (
        f"**Needs you:** {trouble(condition, key)}.{said}\n{act} Whoever is in line keeps their place, nothing was spent, "
        "and new requests are refused. I say so once, and once more when it is over."
    )
