"""What people find in their library, and what they do to an entry."""

from sqlalchemy import RowMapping, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.library import Entry, LibraryPage, Posted, View
from bot.domain.searching import typed_words
from bot.domain.viewing import Viewer
from bot.store.clips import searched_by, to_clip
from bot.store.database import Database
from bot.store.listing import Listing, entries
from bot.store.tables import HAS_PUBLIC_TRACKS, HAS_TRACKS, clips, favourites, jobs, posts


class Library:
    """Fulfils `services.ports.stores.Library`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database
        self._on_sqlite = database.engine.dialect.name == "sqlite"

    async def page(self, view: View, viewer: Viewer, *, number: int, size: int) -> LibraryPage:
        """Read a page (the first is 0) of what somebody looks at; `Listing` tells how far is looked."""
        words = typed_words(view.search)
        if view.search.strip() and not words:
            return LibraryPage(number=number, entries=(), more=False)
        listing = Listing(view, viewer, words, on_sqlite=self._on_sqlite)
        piece = {"offset": number * size, "limit": size + 1}
        async with self._database.search() if words else self._database.read() as connection:
            matches = (await connection.scalars(listing.matches())).all() if words else ()
            is_whole = listing.is_whole(matches)
            query = listing.whole(matches, **piece) if is_whole else listing.newest(**piece)
            rows = (await connection.execute(query)).mappings().all()
            older = not is_whole and (await connection.execute(listing.older())).one_or_none() is not None
        return LibraryPage(number=number, entries=tuple(map(_to_entry, rows[:size])), more=len(rows) > size, older=older)

    async def entry(self, clip_id: str, viewer: Viewer) -> Entry | None:
        """Read one track as this person's list shows it; whether they may see it is another question."""
        query = entries(clips, clips.c.created_at, viewer).where(clips.c.clip_id == clip_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else _to_entry(row)

    async def posted(self, clip_id: str, task_id: str, viewer: Viewer) -> Posted | None:
        """Find the newest message that shows a track and that this person can open: a post here, or else a result."""
        here = viewer.guild_id
        of_clip = (
            select(posts.c.guild_id, posts.c.channel_id, posts.c.message_id)
            .where(posts.c.clip_id == clip_id, posts.c.guild_id == here, posts.c.message_id.is_not(None), posts.c.removed.is_(False))
            .order_by(posts.c.created_at.desc())
            .limit(1)
        )
        place = func.coalesce(jobs.c.result_channel_id, jobs.c.channel_id)
        known = jobs.c.user_id == viewer.user_id
        if here is not None:
            known = or_(known, and_(HAS_PUBLIC_TRACKS, jobs.c.guild_id == here))
        in_reply = and_(jobs.c.result_id == jobs.c.reply_id, jobs.c.reply_ephemeral)
        of_job = (
            select(jobs.c.guild_id, place, jobs.c.result_id)
            .where(jobs.c.task_id == task_id, HAS_TRACKS, known)
            .where(jobs.c.result_id.is_not(None), jobs.c.result_direct.is_(False), func.coalesce(in_reply, False).is_(False))
            .order_by(jobs.c.created_at.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            row = None if here is None else (await connection.execute(of_clip)).one_or_none()
            row = row or (await connection.execute(of_job)).one_or_none()
        return None if row is None else Posted(guild_id=row[0], channel_id=row[1], message_id=row[2])

    async def rename(self, clip_id: str, user_id: int, title: str) -> bool:
        """Give a person's own track another title; False if there is no such track of theirs."""
        async with self._database.write() as connection:
            own = (clips.c.clip_id == clip_id, clips.c.user_id == user_id)
            tags = await connection.scalar(select(clips.c.tags).where(*own))
            if tags is None:
                return False
            await connection.execute(update(clips).where(*own).values(title=title, **searched_by(clip_id, title, tags)))
        return True

    async def toggle_favourite(self, clip_id: str, user_id: int, *, at: float) -> bool:
        """Make a track a favourite, or let it be one no longer; tell which it is now."""
        mine = (favourites.c.user_id == user_id, favourites.c.clip_id == clip_id)
        try:
            async with self._database.write() as connection:
                if (await connection.execute(delete(favourites).where(*mine))).rowcount:
                    return False
                await connection.execute(insert(favourites).values(user_id=user_id, clip_id=clip_id, created_at=at))
        except IntegrityError:
            # Two presses at once, of which the other has made it one.
            pass
        return True


def _to_entry(row: RowMapping) -> Entry:
    return Entry(clip=to_clip(row), since=row["since"], votes=row["votes"], favourite=row["favourite"])
