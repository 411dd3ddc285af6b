"""Results that were private until their person published them, as rows of the posts' outbox."""

from collections.abc import Callable
from dataclasses import asdict, fields

from sqlalchemy import exists, func, select, update

from bot.domain.jobs import Job
from bot.domain.posts import Post, PostKind
from bot.errors import NotFound
from bot.store.database import Database
from bot.store.tables import IS_PRIVATE, clips, jobs, posts

_POST = tuple(field.name for field in fields(Post))


class Publications:
    """Fulfils `services.ports.people.Posting`, as far as owing the message: who sends what is owed finds it in the table."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        """Use this database; `now` tells the time in seconds since the Unix epoch."""
        self._database = database
        self._now = now

    async def publish(self, job: Job, channel_id: int) -> Post:
        """Owe a channel one message with a job's tracks; return its row, which is the same each time. Raises NotFound, StoreUnavailable."""
        async with self._database.read() as connection:
            of_task = select(clips.c.clip_id).where(clips.c.task_id == job.task_id)
            first = await connection.scalar(of_task.order_by(func.length(clips.c.variant), clips.c.variant).limit(1))
        if first is None or job.task_id is None:
            msg = f"job {job.id} has no tracks"
            raise NotFound(msg)
        post = Post(
            id=f"p{job.id}",
            kind=PostKind.PUBLICATION,
            guild_id=job.origin.guild_id,
            channel_id=channel_id,
            user_id=job.origin.user_id,
            clip_id=first,
            task_id=job.task_id,
            created_at=self._now(),
        )
        insert = self._database.insert(posts).values(asdict(post)).on_conflict_do_nothing(index_elements=[posts.c.id])
        async with self._database.write_one() as connection:
            await connection.execute(insert)
        async with self._database.read() as connection:
            row = (await connection.execute(select(posts).where(posts.c.id == post.id))).mappings().one()
        return Post(**{name: row[name] for name in _POST})

    async def mend(self) -> int:
        """Let servers know the tracks whose post is owed or there; return how many that a process that ended had left private."""
        its_post = exists().where(
            posts.c.task_id == jobs.c.task_id,
            posts.c.kind == PostKind.PUBLICATION,
            posts.c.user_id == jobs.c.user_id,
            posts.c.guild_id == jobs.c.guild_id,
            ~posts.c.removed,
        )
        statement = update(jobs).where(IS_PRIVATE, its_post).values(private=False, revision=jobs.c.revision + 1)
        async with self._database.write_one() as connection:
            return (await connection.execute(statement)).rowcount
