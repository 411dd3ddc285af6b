"""A post's way into its channel, once: what may have arrived without an answer is looked for before it is sent again."""

import logging

from bot.domain.posts import Content, Post
from bot.errors import CannotPost, DiscordError, DiscordUnavailable, RefusedByDiscord, TokenExpired
from bot.services.ports.outside import Clock, PostOffice
from bot.services.tries import Look, Tries

log = logging.getLogger(__name__)

REFUSALS = (CannotPost, RefusedByDiscord, TokenExpired)
"""What Discord answers where it will not take something, however often it is asked."""


class Mailing:
    """Sends posts, and finds what was sent; it remembers which were tried."""

    def __init__(self, *, office: PostOffice, clock: Clock) -> None:
        """Start with nothing tried."""
        self._office = office
        self._tries = Tries(clock)

    def recover(self, post: Post) -> None:
        """Take note that an earlier process may have sent this."""
        self._tries.recover(post.id, post.created_at)

    def settle(self, post: Post) -> None:
        """Let go of a post that is there, or never will be."""
        self._tries.forget(post.id)

    async def send(self, post: Post, content: Content) -> int:
        """Send it, unless an earlier try has arrived; return the message's id. Raises DiscordError."""
        look = self._tries.look(post.id)
        if look is not Look.NOT and (found := await self._look(post, surely=look is Look.SURELY)) is not None:
            return found
        is_first = not self._tries.may_be_there(post.id)
        self._tries.begin(post.id, look)
        try:
            return await self._office.post(post, content)
        except REFUSALS:
            if is_first:
                # Nothing can have arrived: the next try has nothing to look for.
                self._tries.forget(post.id)
            raise

    async def _look(self, post: Post, *, surely: bool) -> int | None:
        """Look for an earlier try; where that cannot be read, the nonce decides, and past its window CannotPost does."""
        try:
            return await self._office.find(post)
        except CannotPost:
            if surely:
                raise
            return None

    async def find_to_delete(self, post: Post) -> int | None:
        """Find what was posted without an answer; None where there is nothing, or it cannot be told. Raises DiscordUnavailable."""
        if not self._tries.may_be_there(post.id):
            return None
        try:
            return await self._office.find(post)
        except DiscordUnavailable:
            raise
        except DiscordError as error:
            log.info("post %s: whether it was posted cannot be told (%s: %s)", post.id, type(error).__name__, error)
            return None
