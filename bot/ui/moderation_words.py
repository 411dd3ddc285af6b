"""Words for what moderators do, and for what is refused because of it."""

from collections.abc import Sequence

from bot.domain.jobs import Job
from bot.errors import BlockRefused, ForbiddenWord

REMOVED = "That track was removed, by a moderator or by the person who asked for it. It can't be shown or continued here any more."
NOT_A_TRACK = "That message shows no track of mine: use this on a track that I have posted, or on a reply of mine."
GONE = "The post is deleted in a moment; if Discord doesn't let me at once, I go on trying."

CANNOT_BLOCK = {
    BlockRefused.YOURSELF: "You can't block yourself.",
    BlockRefused.BOT: "That is a bot: bots can't use me anyway.",
    BlockRefused.MODERATOR: (
        "That is a moderator (Manage Messages), and moderators can't be blocked here. My operator can block anyone, "
        "and someone with Manage Roles can take the permission away."
    ),
}


def forbidden_word(error: ForbiddenWord, name: str) -> str:
    """Name the field, and not the word: a list is not to be guessed from its refusals, nor its words to be shown."""
    return (
        f"**{name}** (`{error.field}`): It has a word that may not be used here; please put it another way. "
        "Nothing was sent and nothing was spent.\nWhich words those are is decided by the managers of this server, and by my operator."
    )


def removed(job: Job) -> str:
    """Say that a job's track was taken down, and by whom."""
    by = "the person who asked for it" if job.removed_by == job.origin.user_id else "a moderator"
    return f"It was removed by {by}: it is not shown here any more, and it is in no list of mine."


def blocked(user_id: int) -> str:
    """Confirm a block, and say what it does not do."""
    return (
        f"<@{user_id}> is blocked: they can't use me on this server any more. What they have under way stays theirs and is "
        f"still posted; **Remove track** takes down what should not be. `/moderate unblock` lifts the block."
    )


def unblocked(user_id: int, *, was_blocked: bool) -> str:
    """Confirm that a block was lifted, or say that there was none."""
    if was_blocked:
        return f"<@{user_id}> is no longer blocked on this server."
    return f"<@{user_id}> is not blocked on this server. If I refuse them all the same, it was my operator who blocked them."


def block_list(user_ids: Sequence[int], *, most: int) -> str:
    """List who is blocked."""
    if not user_ids:
        return "Nobody is blocked on this server. `/moderate block` blocks somebody from using me."
    people = ", ".join(f"<@{user_id}>" for user_id in user_ids[:most])
    more = f", and {len(user_ids) - most} more" if len(user_ids) > most else ""
    return f"Blocked on this server: {people}{more}.\n`/moderate unblock` lifts a block."
