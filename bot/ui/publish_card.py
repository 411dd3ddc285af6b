"""What *Publish* says. Pure, as the other cards."""

from bot.domain.jobs import Job
from bot.domain.posts import Post
from bot.ui.cards import Card, message_link


def published(job: Job, post: Post, *, already: bool) -> Card:
    """Say where it is, or is about to be."""
    if post.message_id is None:
        where = f"it is posted in <#{post.channel_id}> in a moment"
    else:
        where = f"[here it is]({message_link(job, post.message_id, post.channel_id)})"
    said = f"Already published: {where}." if already else f"Published: {where}. Everybody on this server can play and continue it now."
    return Card(content=said)
