"""Words for what is private, and for what becomes of it."""

from bot.errors import PublishRefused

PRIVATE_TRACK = (
    "That track is private: only the person who asked for it can use it, until they publish it. Nothing was sent and nothing was spent."
)
ONLY_YOU = "Only you see this, and its tracks are yours alone until you publish them."
"""Below what somebody keeps to themselves."""

_ELSEWHERE = "It stays private. With /share you can show it in a channel where both of us may post."
CANNOT_PUBLISH = {
    PublishRefused.NO_CHANNEL: f"The channel where you asked for it is not there, or I can't see it. {_ELSEWHERE}",
    PublishRefused.NOT_A_SERVER: f"You asked for it outside of a server, where I can't post by myself. {_ELSEWHERE}",
    PublishRefused.PERSON: f"You may not post in the channel where you asked for it. {_ELSEWHERE}",
    PublishRefused.BOT: f"I may not post in the channel where you asked for it. {_ELSEWHERE}",
}
