"""Taking one share down again: its post alone goes, and the track stays what it is."""

from bot.domain.actors import Actor
from bot.domain.posts import Post, PostKind
from bot.errors import NotFound, NotYourShare
from bot.services.ports.servers import Journal
from bot.services.ports.stores import Clips, Posts
from bot.services.posting import Posting


class Unsharing:
    """Fulfils `services.ports.people.Unsharing`; what moderators do is in the server's moderation log."""

    def __init__(self, *, posts: Posts, clips: Clips, posting: Posting, journal: Journal) -> None:
        """Let `posting` delete the message, however long that takes."""
        self._posts = posts
        self._clips = clips
        self._posting = posting
        self._journal = journal

    async def theirs(self, post_id: str, actor: Actor) -> Post | None:
        """Read a share that is not taken down yet, if the actor may do that; else None. Raises StoreUnavailable."""
        try:
            post = await self.find(post_id, actor)
        except (NotFound, NotYourShare):
            return None
        return None if post.removed else post

    async def find(self, post_id: str, actor: Actor) -> Post:
        """Read a share that the actor may take down. Raises NotFound, NotYourShare, StoreUnavailable."""
        post = await self._posts.get(post_id)
        if post is None or post.kind is not PostKind.SHARE or post.guild_id != actor.guild_id:
            msg = f"there is no share {post_id} here"
            raise NotFound(msg)
        if post.user_id == actor.user_id or actor.moderator:
            return post
        clip = await self._clips.get(post.clip_id)
        if clip is None or clip.user_id != actor.user_id:
            raise NotYourShare
        return post

    async def unshare(self, post_id: str, actor: Actor) -> Post:
        """Take a share down; doing so twice is the same as once. Raises NotFound, NotYourShare, StoreUnavailable.

        Votes are for the track, wherever it is posted: they stay.
        """
        post = await self.find(post_id, actor)
        if await self._posting.unshare(post.id) and post.guild_id is not None and actor.user_id != post.user_id:
            told = f"<@{actor.user_id}> took down what <@{post.user_id}> had shared in <#{post.channel_id}>."
            await self._journal.note(post.guild_id, told)
        return post
