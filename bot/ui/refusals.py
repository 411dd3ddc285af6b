"""Words for what the rules forbid: which rule it is, and who can change it."""

from bot.errors import (
    AppElsewhere,
    Blocked,
    CreatingOff,
    DirectMessagesOff,
    MayNotHost,
    MayNotManage,
    MayNotSpend,
    NotAdmitted,
    RulesUnknown,
    ServerNotAllowed,
    TooNew,
    WrongChannel,
)
from bot.ui.times import when

SHOWN = 25
"""Channels that a refusal names at most: as many as can be chosen."""

MENDED_BY = "Someone with Manage Server can change that with /settings."

SET_BY_OPERATOR = "How long one must have been here is set by my operator."

FIXED: dict[type[NotAdmitted], str] = {
    AppElsewhere: (
        "I can't be used here, because I am not a member of this place: my operator allows me only on servers that I was added to. "
        "Only my operator can change that."
    ),
    DirectMessagesOff: (
        "I can't be used in direct messages: my operator has switched that off. Use me on a server that I am on; "
        "only my operator can change that."
    ),
    ServerNotAllowed: (
        "My operator has named the servers that I work on, and this is not one of them. Only my operator can add it; nothing was spent."
    ),
    Blocked: (
        "You can't use me here at the moment: a moderator of this server, or my operator, has switched me off for you. "
        "Nothing was spent. If you think that is a mistake, ask a moderator of this server."
    ),
    MayNotManage: "Only people with Manage Server can see and change my settings here.",
    RulesUnknown: "I can't look up right now what is allowed here, so nothing was done and nothing was sent. Please try again in a moment.",
}

BRIEF: dict[type[NotAdmitted], str] = {
    AppElsewhere: "I can't be used here: my operator allows only servers that I was added to.",
    DirectMessagesOff: "I can't be used in direct messages: my operator has switched that off.",
    ServerNotAllowed: "My operator has named the servers that I work on, and this is not one of them.",
    Blocked: "You can't use me here at the moment. Ask a moderator of this server.",
    MayNotManage: "Only people with Manage Server can use this.",
    RulesUnknown: "I can't look up right now what is allowed here. Please try again in a moment.",
    WrongChannel: "I can't be used in this channel. Send the command, and I tell you where.",
    MayNotSpend: "A role that you don't have is needed here. Send the command, and I tell you which.",
    MayNotHost: "A role that you don't have is needed here. Send the command, and I tell you which.",
    TooNew: "You are too new on this server. Send the command, and I tell you from when on you can use it.",
}
"""The same where there are 100 characters and no mentions: as the only suggestion of an autocomplete."""


def refusal(error: NotAdmitted) -> str | None:
    """Say at length which rule forbids it, and who can change it; None for what has words elsewhere."""
    match error:
        case WrongChannel(channels=[]):
            return f"I can't be used in any channel here: those that were chosen have been deleted. {MENDED_BY}"
        case WrongChannel():
            return f"On this server I can be used only in {_channels(error)}. {MENDED_BY}"
        case MayNotSpend():
            return f"{_spender_rule(error)} Nothing was spent. {MENDED_BY}"
        case MayNotHost(role=None):
            return f"Starting a session needs a role here that has been deleted, so only moderators can for now. {MENDED_BY}"
        case MayNotHost():
            return f"On this server you need the role <@&{error.role}>, or to be a moderator, to start a session. {MENDED_BY}"
        case TooNew():
            return f"{_too_new(error)} Nothing was spent. {SET_BY_OPERATOR}"
        case CreatingOff(by_operator=True):
            return "Making first tracks is switched off, since each one costs my credits. Nothing was spent. Only my operator can allow it."
        case CreatingOff():
            return f"Making first tracks is switched off on this server, since each one costs credits. Nothing was spent. {MENDED_BY}"
        case _:
            return FIXED.get(type(error))


def not_yet(error: MayNotSpend | TooNew) -> str:
    """Say the same to somebody who has only asked what can be done here."""
    return f"{_spender_rule(error)} {MENDED_BY}" if isinstance(error, MayNotSpend) else f"{_too_new(error)} {SET_BY_OPERATOR}"


def _spender_rule(error: MayNotSpend) -> str:
    if error.role is None:
        return "Asking for tracks needs a role here that has been deleted, so only people with Manage Server can for now."
    return f"On this server you need the role <@&{error.role}> to ask for tracks."


def _too_new(error: TooNew) -> str:
    return f"You joined this server too recently: you can ask for tracks {when(error.until)}."


def brief(error: NotAdmitted) -> str:
    """Say the same in at most 100 characters without mentions."""
    return BRIEF.get(type(error), "That is not possible here. Send the command, and I tell you why.")


def _channels(error: WrongChannel) -> str:
    *others, last = [f"<#{channel}>" for channel in error.channels[:SHOWN]]
    return f"{', '.join(others)} and {last}" if others else last
