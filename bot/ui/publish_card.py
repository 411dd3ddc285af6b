"""What *Publish* says. Pure, as the other cards."""

from bot.domain.jobs import Job
from bot.domain.posts import Post
from bot.ui.cards import Card, message_link

_WITHOUT_A_POST = (
    "Published: everybody on this server can find, play and continue it now. But nothing of it stands in {channel}: Discord would not "
    "take it, or somebody has deleted it. You can show it in another channel with /share."
)


def published(job: Job, post: Post, *, already: bool) -> Card:
    """Say where it is, or is about to be, or that it is known without a post."""
    if post.given_up or post.removed:
        return Card(content=_WITHOUT_A_POST.format(channel=f"<#{post.channel_id}>"))
    if post.message_id is None:
        where = f"it will be in <#{post.channel_id}> as soon as Discord takes it"
    else:
        where = f"[here it is]({message_link(job, post.message_id, post.channel_id)})"
    said = f"Already published: {where}." if already else f"Published: {where}. Everybody on this server can play and continue it now."
    return Card(content=said)
