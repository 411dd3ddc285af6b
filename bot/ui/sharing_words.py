"""Words for what people share and vote for, and for what is refused there."""

from bot.domain.posts import Post, Vote
from bot.errors import CannotShare

ONLY_IN_SERVERS = "Sharing and voting belong to a server: use this on one that I am on."
NOT_PUBLIC_YET = "Only you know this track so far. Sharing makes it public: everybody here can see it, play it and continue it."
OWN_TRACK = "That is a track of your own: the votes for it are for the others to give."

NOT_YOUR_SHARE = "Only whoever shared this, whoever made the track, or a moderator can take it down."
UNSHARING = "Only this post goes. The track stays in the library and wherever else it is posted, and keeps its votes."


def shared(post: Post, link: str) -> str:
    """Say what became of a share: it is there (`link`: where), it is on its way, or Discord will not have it."""
    if post.given_up or post.removed:
        return (
            f"It could not be posted in <#{post.channel_id}>: Discord does not let me, or the track was taken down meanwhile. "
            "Nothing is shown there; you can share it in another channel."
        )
    if not link:
        return f"It will be in <#{post.channel_id}> as soon as Discord takes it."
    return f"Shared in <#{post.channel_id}>. {link}"


def voted(vote: Vote) -> str:
    """Confirm a vote, or that it was taken back."""
    if vote.counts:
        return f"Your vote counts: {vote.total}. Press again to take it back."
    return f"Your vote is taken back: {vote.total}."


def cannot_share(error: CannotShare) -> str:
    """Say who lacks what in the channel."""
    where = f"in <#{error.channel_id}>"
    person = f"you can't post there yourself ({_named(error.person_lacks)})" if error.person_lacks else ""
    bot = f"I lack {_named(error.bot_lacks)} there" if error.bot_lacks else ""
    why = ", and ".join(part for part in (person, bot) if part)
    mend = "Choose another channel" + (", or ask someone with Manage Channels to allow it to me." if error.bot_lacks else ".")
    return f"It can't be shared {where}: {why}. Nothing was posted. {mend}"


def not_from_here(code: str) -> str:
    """Say how a track of one's own comes to a server that does not know it."""
    return f"You made that track elsewhere, so nobody here knows it. Bring it here first: `/track` with its task {code}, then share it."


def _named(permissions: tuple[str, ...]) -> str:
    return ", ".join(name.replace("_", " ").title() for name in permissions)
