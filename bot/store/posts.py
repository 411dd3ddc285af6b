"""Messages of ours that answer no request: each row is the outbox of its message.

Every change is one statement about its own columns, so that nobody overwrites what another one has noted meanwhile.
"""

from dataclasses import fields

from sqlalchemy import ColumnElement, Executable, RowMapping, Update, case, delete, exists, or_, select, update

from bot.domain.posts import Post, PostKind
from bot.store.database import Database
from bot.store.tables import IS_OWED, IS_PRIVATE, IS_SHOWCASE, clips, jobs, posts, votes

_POST = tuple(field.name for field in fields(Post))


class Posts:
    """Fulfils `services.ports.stores.Posts`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def add(self, post: Post) -> bool:
        """Insert a post; False if there is one of this id, or this track has been in this server's showcase before."""
        async with self._database.write_one() as connection:
            return await connection.scalar(insert_post(self._database, post)) is not None

    async def get(self, post_id: str) -> Post | None:
        """Read one post."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(posts).where(posts.c.id == post_id))).mappings().one_or_none()
        return None if row is None else to_post(row)

    async def showing(self, clip_id: str, task_id: str) -> list[Post]:
        """Read the posts that are up and show a track of this task, newest first: its own, and those of all that a request has brought."""
        shows = or_(posts.c.clip_id == clip_id, posts.c.kind == PostKind.PUBLICATION)
        is_up = (posts.c.message_id.is_not(None), posts.c.removed.is_(False), posts.c.given_up.is_(False))
        query = select(posts).where(posts.c.task_id == task_id, shows, *is_up).order_by(posts.c.created_at.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [to_post(row) for row in rows]

    async def owed(self) -> list[Post]:
        """Read every post of which Discord still has to be told something, oldest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(posts).where(IS_OWED).order_by(posts.c.created_at))).mappings().all()
        return [to_post(row) for row in rows]

    async def announced(self, post_id: str, revision: int, message_id: int | None = None, *, channel_id: int | None = None) -> None:
        """Note what a message shows, which one it is, and in which channel if that is another one now; nothing goes back."""
        latest = case((posts.c.announced < revision, revision), else_=posts.c.announced)
        found = {name: each for name, each in (("message_id", message_id), ("channel_id", channel_id)) if each is not None}
        await self._write(update(posts).where(posts.c.id == post_id).values(announced=latest, **found))

    async def revive_showcases(self, guild_id: int, *, since: float) -> list[Post]:
        """Owe a server's showcase again what it never got since then (epoch seconds), given up or not; return all of it."""
        missing = (IS_SHOWCASE, posts.c.guild_id == guild_id, posts.c.message_id.is_(None), ~posts.c.removed, posts.c.created_at >= since)
        async with self._database.write_one() as connection:
            owed = await connection.execute(update(posts).where(*missing).values(given_up=False).returning(posts))
            return [to_post(row) for row in owed.mappings().all()]

    async def give_up(self, post_id: str) -> None:
        """Note that Discord will never take this: nothing is owed any more, unless it is removed later."""
        given_up = update(posts).where(posts.c.id == post_id, posts.c.removed.is_(False))
        await self._write(given_up.values(given_up=True, announced=posts.c.revision))

    async def remove(self, task_id: str, guild_id: int | None, *, of_user: int | None = None) -> list[str]:
        """Take down the posts of a task in a server, or those of one person; return their ids.

        With everybody's, the votes for its tracks there go too, in the same transaction. Doing so twice is the same as once.
        """
        here = posts.c.guild_id.is_(None) if guild_id is None else posts.c.guild_id == guild_id
        removing = update(posts).where(posts.c.task_id == task_id, here, posts.c.removed.is_(False))
        if of_user is not None:
            removing = removing.where(posts.c.user_id == of_user)
        async with self._database.write() as connection:
            removed = await connection.scalars(removing.values(removed=True, revision=posts.c.revision + 1).returning(posts.c.id))
            ids = list(removed.all())
            if of_user is None and guild_id is not None:
                its_tracks = select(clips.c.clip_id).where(clips.c.task_id == task_id)
                await connection.execute(delete(votes).where(votes.c.guild_id == guild_id, votes.c.clip_id.in_(its_tracks)))
        return ids

    async def touch(self, post_id: str) -> bool:
        """Owe a post an edit: what it shows has changed; False if it is neither up nor about to be."""
        return await self._owe_an_edit(posts.c.id == post_id)

    async def take_down(self, post_id: str) -> bool:
        """Take one post down, and nothing else of its track; False if there is none that is not taken down already."""
        removing = update(posts).where(posts.c.id == post_id, posts.c.removed.is_(False))
        async with self._database.write_one() as connection:
            return (await connection.execute(removing.values(removed=True, revision=posts.c.revision + 1))).rowcount > 0

    async def renew(self, post_id: str) -> bool:
        """Owe a publication an edit: its request has brought more; False if there is none that is up or about to be."""
        return await self._owe_an_edit(posts.c.id == post_id, posts.c.kind == PostKind.PUBLICATION)

    async def _owe_an_edit(self, *which: ColumnElement[bool]) -> bool:
        there = (*which, posts.c.removed.is_(False), posts.c.given_up.is_(False))
        async with self._database.write_one() as connection:
            return (await connection.execute(update(posts).where(*there).values(revision=posts.c.revision + 1))).rowcount > 0

    async def make_published_known(self) -> int:
        """Let servers know the tracks whose publication is owed or there; return how many requests were private all the same."""
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

    async def _write(self, statement: Update) -> None:
        async with self._database.write_one() as connection:
            await connection.execute(statement)


def insert_post(database: Database, post: Post) -> Executable:
    """Write the insert of a post, which returns its id unless there is one of this id, or a showcase of this track, already."""
    row = {name: getattr(post, name) for name in _POST}
    return database.insert(posts).values(**row).on_conflict_do_nothing().returning(posts.c.id)


def to_post(row: RowMapping) -> Post:
    """Read a post off its row."""
    return Post(**{name: row[name] for name in _POST})
