"""Who votes for which track of a server: one vote of a person for a track, wherever it is posted there."""

from sqlalchemy import Select, and_, delete, desc, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.actors import NOBODY
from bot.domain.posts import Post, PostKind, TopTrack, Vote
from bot.domain.viewing import Viewer
from bot.store.clips import to_clip
from bot.store.database import Database
from bot.store.posts import insert_post, to_post
from bot.store.tables import clips, posts, votes
from bot.store.visibility import known_to

_SHOW_VOTES = (PostKind.SHARE, PostKind.SHOWCASE)


class Votes:
    """Fulfils `services.ports.stores.Votes`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    async def toggle(self, post: Post, user_id: int, *, at: float, showcase: Post | None, needed: int) -> tuple[Vote, list[str]] | None:
        """Let a person's vote for a post's track count, or take it back; owe its posts an edit, all in one transaction.

        Adds the `showcase` if the votes have reached what is `needed` and the track has not been there. Returns the ids of the posts that
        are owed something; None, and no vote changes, if the post is no longer up.
        """
        shown = and_(posts.c.clip_id == post.clip_id, posts.c.guild_id == post.guild_id, posts.c.kind.in_(_SHOW_VOTES))
        owed = update(posts).where(shown, posts.c.removed.is_(False), posts.c.given_up.is_(False)).values(revision=posts.c.revision + 1)
        async with self._database.write() as connection:
            # First, since this locks the rows: presses on the same track come one after the other.
            ids = list((await connection.scalars(owed.returning(posts.c.id))).all())
            if post.id not in ids:
                return None
            counts = await self._turn(connection, post, user_id, at)
            total = await connection.scalar(_count(post.guild_id, post.clip_id)) or 0
            if showcase is not None and counts and total >= needed:
                ids += (await connection.scalars(insert_post(self._database, showcase))).all()
        return Vote(counts=counts, total=total), ids

    async def _turn(self, connection: AsyncConnection, post: Post, user_id: int, at: float) -> bool:
        """Take the vote back, or else let it count; tell which."""
        mine = (votes.c.guild_id == post.guild_id, votes.c.clip_id == post.clip_id, votes.c.user_id == user_id)
        if (await connection.execute(delete(votes).where(*mine))).rowcount:
            return False
        new = self._database.insert(votes).values(guild_id=post.guild_id, clip_id=post.clip_id, user_id=user_id, created_at=at)
        await connection.execute(new.on_conflict_do_nothing())
        return True

    async def count(self, guild_id: int | None, clip_id: str) -> int:
        """Count a track's votes."""
        async with self._database.read() as connection:
            return await connection.scalar(_count(guild_id, clip_id)) or 0

    async def top(self, viewer: Viewer, *, since: float, limit: int) -> list[TopTrack]:
        """Read the tracks of the viewer's server with the most votes since then (epoch seconds) that the viewer may see.

        Of as many votes, the track whose last one is older comes first: it had them earlier.
        """
        number, last = func.count().label("number"), func.max(votes.c.created_at).label("last")
        recent = (votes.c.guild_id == viewer.guild_id, votes.c.created_at >= since)
        counted = select(votes.c.clip_id, number, last).where(*recent).group_by(votes.c.clip_id).subquery()
        query = (
            select(clips, counted.c.number)
            .join_from(counted, clips, clips.c.clip_id == counted.c.clip_id)
            .where(or_(clips.c.user_id == NOBODY, known_to(viewer)))
            .order_by(desc(counted.c.number), counted.c.last, clips.c.clip_id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            up = (await connection.execute(_up(viewer.guild_id, [row["clip_id"] for row in rows]))).mappings().all()
        newest = {post.clip_id: post for post in map(to_post, up)}
        return [TopTrack(clip=to_clip(row), votes=row["number"], post=newest.get(row["clip_id"])) for row in rows]


def _count(guild_id: int | None, clip_id: str) -> Select[int]:
    return select(func.count()).select_from(votes).where(votes.c.guild_id == guild_id, votes.c.clip_id == clip_id)


def _up(guild_id: int | None, clip_ids: list[str]) -> Select[object]:
    """Read what of these tracks is up, oldest first."""
    up = (posts.c.message_id.is_not(None), posts.c.removed.is_(False), posts.c.given_up.is_(False))
    here = (posts.c.guild_id == guild_id, posts.c.clip_id.in_(clip_ids), posts.c.kind.in_(_SHOW_VOTES))
    return select(posts).where(*here, *up).order_by(posts.c.created_at)
