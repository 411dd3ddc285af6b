"""Posts: messages of ours that answer no request, each brought into its channel once, kept current, and taken down.

The post's row is the outbox: without a message it is owed one, with `announced < revision` an edit or, once removed, a deletion. One
task at a time writes for a post, always from the newest row, so a burst of votes becomes one edit.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from bot.domain.guild_settings import GuildSettings
from bot.domain.jobs import Job
from bot.domain.posts import Content, Post, PostKind
from bot.domain.quota import Quota
from bot.errors import DiscordError, DiscordUnavailable, EncoreError, ReplyGone, StoreUnavailable
from bot.services.mailing import REFUSALS, Mailing
from bot.services.pacing import slot_of
from bot.services.ports.outside import Clock, PostOffice
from bot.services.ports.stores import Clips, Posts
from bot.services.turns import Turns, pause_after

log = logging.getLogger(__name__)

BETWEEN_EDITS = 5.0
"""Seconds between two edits of a post: votes come in bursts, and Discord limits edits of one message."""

PATIENCE = 7 * 86_400.0
"""Seconds for which the showcase is tried that Discord refuses: nobody waits for it, and a permission may come back."""
REMEMBERED = 30 * 86_400.0
"""Seconds for which what the showcase never got is remembered, until somebody chooses its channel anew."""


@dataclass(slots=True)
class _Owed:
    """A post that may be owed something: when to look (monotonic seconds), and what was done in this process."""

    due: float
    failures: int = 0
    woken: bool = False
    """Something has changed since it was looked at."""
    message_id: int | None = None
    """The message that it was just posted as, until that is noted."""
    held_up: int | None = None
    """The server whose showcase does not take it, as long as that is tried again."""


class Posting:
    """Fulfils `services.ports.people.Posting`. `wake` tells it of a change, `step` does all that is due, `run` goes on doing so."""

    def __init__(
        self,
        *,
        posts: Posts,
        clips: Clips,
        office: PostOffice,
        clock: Clock,
        budget: Quota,
        read: Callable[[Post], Awaitable[Content | None]],
        settings_of: Callable[[int], Awaitable[GuildSettings]],
        on_end: Callable[[Post], None],
        on_refused: Callable[[Post, DiscordError], None],
    ) -> None:
        """Start with nothing owed; `recover` brings what an earlier process has left.

        `read` finds what a post shows now, None if that may not be shown; `budget` is that of edits, for the whole bot. `on_end` hears of
        each post that is there, or that is given up before it was; `on_refused` of what Discord does not take, and how it says so.
        """
        self._posts = posts
        self._clips = clips
        self._office = office
        self._clock = clock
        self._budget = budget
        self._read = read
        self._on_refused = on_refused
        self._settings_of = settings_of
        self._on_end = on_end
        self._owed: dict[str, _Owed] = {}
        self._shown_at: dict[str, float] = {}
        """When posts were last written to (monotonic seconds), while that is of interest."""
        self._mailing = Mailing(office=office, clock=clock)
        self._settled: dict[str, asyncio.Event] = {}
        self._turns = Turns(clock=clock, waiting=self._waiting, act=self._deliver)

    def wake(self, *post_ids: str) -> None:
        """Take note of posts whose rows have changed."""
        now = self._clock.monotonic()
        self._shown_at = {each: at for each, at in self._shown_at.items() if now < at + BETWEEN_EDITS}
        for post_id in post_ids:
            owed = self._owed.setdefault(post_id, _Owed(self._not_before(post_id)))
            owed.woken = True
        self._turns.moved()

    async def recover(self) -> int:
        """Take over what earlier processes have left, which may have done more than they could note. Raises StoreUnavailable."""
        owed = await self._posts.owed()
        for post in owed:
            if post.message_id is None:
                self._mailing.recover(post)
        self.wake(*(post.id for post in owed))
        return len(owed)

    async def run(self) -> None:
        """Post until `stop`."""
        await self._turns.run()

    def stop(self) -> None:
        """Begin nothing more; what is being sent is sent, then `run` returns."""
        self._turns.stop()

    async def step(self) -> None:
        """Do all that is due now, one after the other."""
        await self._turns.step()

    # What others ask for.

    async def add(self, post: Post) -> bool:
        """Take a post in, to be posted soon; False if there is one of this id already. Raises StoreUnavailable."""
        added = await self._posts.add(post)
        self.wake(post.id)
        return added

    async def publish(self, job: Job, channel_id: int | None = None) -> Post:
        """Show a result that was private until now, once however often this is called; None: in the channel of its request.

        Raises StoreUnavailable.
        """
        clips = await self._clips.of_task(job.task_id or "")
        post = Post(
            id=job.id,
            kind=PostKind.PUBLICATION,
            guild_id=job.origin.guild_id,
            channel_id=channel_id or job.origin.channel_id,
            user_id=job.origin.user_id,
            clip_id=clips[0].clip_id if clips else "",
            task_id=job.task_id or "",
            created_at=self._clock.now(),
        )
        return post if await self.add(post) else await self._posts.get(post.id) or post

    async def touch(self, post_id: str) -> None:
        """Show a post anew: what it shows has changed. Raises StoreUnavailable."""
        if await self._posts.touch(post_id):
            self.wake(post_id)

    async def renew(self, job: Job) -> None:
        """Show in its publication what a request has brought since; nothing where it has none. Raises StoreUnavailable."""
        if await self._posts.renew(job.id):
            self.wake(job.id)

    async def remove(self, task_id: str, guild_id: int | None, *, of_user: int | None = None) -> None:
        """Take down what shows a task in a server, with its votes there; or only what one person has posted. Raises StoreUnavailable."""
        self.wake(*await self._posts.remove(task_id, guild_id, of_user=of_user))

    async def unshare(self, post_id: str) -> bool:
        """Take one post down; False if it was already. Raises StoreUnavailable."""
        taken_down = await self._posts.take_down(post_id)
        if taken_down:
            self.wake(post_id)
        return taken_down

    def held_up(self, guild_id: int) -> int:
        """Tell how many tracks a server's showcase does not take, as far as this process has tried."""
        return sum(owed.held_up == guild_id for owed in self._owed.values())

    async def try_showcase(self, guild_id: int) -> None:
        """Try now what a server's showcase never got: its channel was chosen anew."""
        try:
            missing = await self._posts.revive_showcases(guild_id, since=self._clock.now() - REMEMBERED)
        except StoreUnavailable as error:
            log.warning("server %d: what its showcase lacks could not be read: %s", guild_id, error)
            return
        for post in missing:
            if (owed := self._owed.get(post.id)) is not None:
                owed.due, owed.failures = self._clock.monotonic(), 0
            else:
                self._mailing.recover(post)
        self.wake(*(post.id for post in missing))

    async def settled(self, post: Post, *, within: float) -> Post:
        """Wait until a post is up or given up, for so many seconds at most; return it as it is then. Raises StoreUnavailable."""
        event = self._settled.setdefault(post.id, asyncio.Event())
        until = self._clock.monotonic() + within
        try:
            while True:
                event.clear()
                current = await self._posts.get(post.id) or post
                if current.message_id is not None or current.given_up or current.removed:
                    return current
                async with asyncio.timeout(until - self._clock.monotonic()):
                    await event.wait()
        except TimeoutError:
            return await self._posts.get(post.id) or post
        finally:
            self._settled.pop(post.id, None)

    # One post.

    def _waiting(self) -> Iterator[tuple[float, str]]:
        return ((owed.due, post_id) for post_id, owed in self._owed.items())

    def _not_before(self, post_id: str) -> float:
        now = self._clock.monotonic()
        return max(now, self._shown_at[post_id] + BETWEEN_EDITS) if post_id in self._shown_at else now

    async def _deliver(self, post_id: str) -> None:
        """Bring one post's message up to date, and plan what comes next for it."""
        owed = self._owed[post_id]
        owed.woken = False
        try:
            await self._write(owed, post_id)
        except (DiscordUnavailable, StoreUnavailable) as error:
            self._later(post_id, error)
        except REFUSALS as error:
            # A removal is owed until it is done, and the showcase for as long as there is patience with it.
            self._later(post_id, error, refused=True)
        except Exception:
            log.exception("post %s: writing it broke off", post_id)
            self._later(post_id, None)
        else:
            self._plan(post_id)

    def _later(self, post_id: str, error: EncoreError | None, *, refused: bool = False) -> None:
        owed = self._owed[post_id]
        owed.failures += 1
        owed.due = self._clock.monotonic() + pause_after(owed.failures, refused=refused)
        if owed.failures == 1 and error is not None:
            log.warning("post %s could not be written, trying again: %s", post_id, error)

    def _plan(self, post_id: str) -> None:
        owed = self._owed[post_id]
        owed.failures, owed.held_up = 0, None
        owed.due = self._not_before(post_id)
        if not owed.woken:
            del self._owed[post_id]
        if post_id in self._settled:
            self._settled[post_id].set()

    async def _write(self, owed: _Owed, post_id: str) -> None:
        post = await self._posts.get(post_id)
        if post is None or not post.owed:
            return
        if post.removed:
            await self._take_down(owed, post)
            return
        content, addressed = await self._read(post), await self._addressed(post)
        if content is None or addressed is None:
            log.info("post %s: its track may not be shown there any more", post.id)
            await self._give_up(post)
        elif post.message_id is None:
            await self._post(owed, addressed, content)
        else:
            await self._edit(post, content)

    async def _addressed(self, post: Post) -> Post | None:
        """Address what goes into a showcase to the channel that this is now; None where there is none any more."""
        if post.kind is not PostKind.SHOWCASE or post.guild_id is None or post.message_id is not None:
            return post
        channel_id = (await self._settings_of(post.guild_id)).showcase_channel
        return None if channel_id is None else replace(post, channel_id=channel_id)

    async def _post(self, owed: _Owed, post: Post, content: Content) -> None:
        try:
            if owed.message_id is None:
                owed.message_id = await self._mailing.send(post, content)
        except REFUSALS as error:
            if post.kind is PostKind.SHOWCASE and self._clock.now() < post.created_at + PATIENCE:
                owed.held_up = post.guild_id
                raise
            log.info("post %s: Discord will not take it (%s: %s)", post.id, type(error).__name__, error)
            self._mailing.settle(post)
            await self._give_up(post)
            self._on_refused(post, error)
            return
        self._shown_at[post.id] = self._clock.monotonic()
        await self._posts.announced(post.id, post.revision, owed.message_id, channel_id=post.channel_id)
        self._mailing.settle(post)
        self._on_end(replace(post, message_id=owed.message_id))

    async def _give_up(self, post: Post) -> None:
        """Let go of a post, of which nobody hears if it has been there."""
        await self._posts.give_up(post.id)
        if post.message_id is None:
            self._on_end(replace(post, given_up=True))

    async def _edit(self, post: Post, content: Content) -> None:
        try:
            async with slot_of(self._budget, self._clock):
                await self._office.edit(post, content)
        except ReplyGone as error:
            log.info("post %s: its message was deleted", post.id)
            await self._posts.give_up(post.id)
            self._on_refused(post, error)
            return
        except REFUSALS as error:
            log.info("post %s: it cannot be edited (%s: %s)", post.id, type(error).__name__, error)
            self._on_refused(post, error)
        self._shown_at[post.id] = self._clock.monotonic()
        await self._posts.announced(post.id, post.revision)

    async def _take_down(self, owed: _Owed, post: Post) -> None:
        """Delete the message: owed until it is done, in whatever process."""
        message_id = post.message_id or owed.message_id
        if message_id is None:
            message_id = await self._mailing.find_to_delete(post)
        if message_id is not None:
            await self._office.delete(post, message_id)
        await self._posts.announced(post.id, post.revision, message_id)
        self._mailing.settle(post)
