"""What people find in their library, and what they do to an entry."""

from typing import Any, assert_never

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    TextClause,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.domain.actors import NOBODY
from bot.domain.library import Entry, LibraryPage, Posted, Sort, View, Whose
from bot.domain.searching import typed_words
from bot.domain.viewing import Viewer
from bot.store.clips import a_first, searched_by, to_clip
from bot.store.database import Database
from bot.store.full_text import matching_in_fts, matching_lexemes
from bot.store.tables import HAS_PUBLIC_TRACKS, HAS_TRACKS, clips, favourites, jobs, posts, votes
from bot.store.visibility import shown_to

_CLIP = [column for column in clips.c if not column.name.startswith("search_")]


class Library:
    """Fulfils `services.ports.stores.Library`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database
        self._on_sqlite = database.engine.dialect.name == "sqlite"

    async def page(self, view: View, viewer: Viewer, *, number: int, size: int) -> LibraryPage:
        """Read a page (the first is 0) of what somebody looks at.

        Newest and oldest first, an index gives the order, and no more is read than the pages so far; by any other, everything is that
        is listed.
        """
        words = typed_words(view.search)
        if view.search.strip() and not words:
            return LibraryPage(number=number, entries=(), more=False)
        query = self._listed(view, viewer, by_task=bool(words))
        if words:
            query = query.where(self._found(words))
        query = query.order_by(*self._order(view.sort, query)).limit(size + 1).offset(number * size)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return LibraryPage(number=number, entries=tuple(map(_to_entry, rows[:size])), more=len(rows) > size)

    async def entry(self, clip_id: str, viewer: Viewer) -> Entry | None:
        """Read one track as this person's list shows it; whether they may see it is another question."""
        query = _entries(clips, clips.c.created_at, viewer).where(clips.c.clip_id == clip_id)
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

    # The list.

    def _listed(self, view: View, viewer: Viewer, *, by_task: bool) -> Select[Any]:
        """Select the tracks of a view, each once; the jobs are looked up by their tasks, or else are what the order is read from."""
        match view.whose:
            case Whose.MINE:
                return self._known(HAS_TRACKS, jobs.c.user_id, viewer.user_id, viewer, by_task=by_task)
            case Whose.HERE:
                return self._known(HAS_PUBLIC_TRACKS, jobs.c.guild_id, viewer.guild_id, viewer, by_task=by_task)
            case Whose.FAVOURITES:
                chosen = favourites.join(clips, clips.c.clip_id == favourites.c.clip_id)
                query = _entries(chosen, favourites.c.created_at, viewer)
                return query.where(favourites.c.user_id == viewer.user_id, shown_to(viewer))
            case _:
                assert_never(view.whose)

    def _known(self, has_tracks: TextClause, knower: Column[Any], who: int | None, viewer: Viewer, *, by_task: bool) -> Select[Any]:
        """Select the clips that somebody (`who`) knows, each by the last of their jobs: a task may have been asked for several times."""
        later = jobs.alias("later")
        again = exists().where(
            later.c.task_id == jobs.c.task_id,
            has_tracks,
            self._unindexed(later.c[knower.key]) == who,
            or_(later.c.created_at > jobs.c.created_at, and_(later.c.created_at == jobs.c.created_at, later.c.id > jobs.c.id)),
        )
        brought = jobs.join(clips, clips.c.task_id == jobs.c.task_id)
        known = (self._unindexed(knower) if by_task else knower) == who
        return _entries(brought, jobs.c.created_at, viewer).where(has_tracks, known, ~again)

    def _unindexed(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Keep a condition from choosing the index: SQLite, without statistics, would read a server's whole history for each task.

        PostgreSQL has statistics, and chooses well unless they are kept from it.
        """
        return func.coalesce(column, NOBODY) if self._on_sqlite else column

    def _found(self, words: list[str]) -> ColumnElement[bool]:
        return clips.c.clip_id.in_(matching_in_fts(words) if self._on_sqlite else matching_lexemes(words))

    def _order(self, sort: Sort, query: Select[Any]) -> list[ColumnElement[Any]]:
        since = query.selected_columns["since"]
        newest = [since.desc(), *a_first(clips), clips.c.clip_id]
        match sort:
            case Sort.NEWEST:
                return newest
            case Sort.OLDEST:
                return [since, *a_first(clips), clips.c.clip_id]
            case Sort.TITLE:
                # It begins with the folded title. By bytes on both, whatever order the database was made with.
                return [clips.c.search_text.collate("BINARY" if self._on_sqlite else "C"), *newest]
            case Sort.LONGEST:
                return [clips.c.seconds.desc(), *newest]
            case Sort.VOTES:
                return [query.selected_columns["votes"].desc(), *newest]
            case _:
                assert_never(sort)


def _entries(among: FromClause, since: ColumnElement[float], viewer: Viewer) -> Select[Any]:
    count = select(func.count()).where(votes.c.guild_id == viewer.guild_id, votes.c.clip_id == clips.c.clip_id).scalar_subquery()
    favourite = exists().where(favourites.c.user_id == viewer.user_id, favourites.c.clip_id == clips.c.clip_id).correlate(clips)
    return select(*_CLIP, since.label("since"), count.label("votes"), favourite.label("favourite")).select_from(among)


def _to_entry(row: RowMapping) -> Entry:
    return Entry(clip=to_clip(row), since=row["since"], votes=row["votes"], favourite=row["favourite"])
