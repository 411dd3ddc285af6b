"""What a library lists: which tracks in which order, and how far it looks for them.

Newest and oldest first, an index gives the order, and no more is read than the pages so far. In any other order, and among words, each
track may be the first, so that the whole history would be read for a page. Of words that few tracks have, those tracks are all that is
looked at; else the tracks of the newest finished requests are, or the newest favourites.
"""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    TextClause,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
)

from bot.domain.library import MOST_LOOKED_AT, Sort, View, Whose
from bot.domain.viewing import Viewer
from bot.store.clips import a_first, clips_by_task
from bot.store.full_text import matching_in_fts, matching_lexemes
from bot.store.tables import HAS_PUBLIC_TRACKS, HAS_TRACKS, clips, favourites, jobs, votes
from bot.store.visibility import shown_to, unindexed

MOST_MATCHES: Final = 500
"""Words that more tracks have, whoever knows those, are looked for among the newest ones of a list."""

_CLIP: Final = [column for column in clips.c if not column.name.startswith("search_")]
_BY_TIME: Final = (Sort.NEWEST, Sort.OLDEST)


class Listing:
    """Writes the statements of what somebody (`viewer`) looks at (`view`), for tracks that have words."""

    def __init__(self, view: View, viewer: Viewer, words: list[str], *, on_sqlite: bool) -> None:
        """Take what is looked for, in words as they are typed."""
        self._view = view
        self._viewer = viewer
        self._words = words
        self._on_sqlite = on_sqlite

    def matches(self) -> Select[str]:
        """Select the ids of the tracks that have the words, whoever knows them, but no more than show that these are not few."""
        found = matching_in_fts(self._words) if self._on_sqlite else matching_lexemes(self._words)
        return found.limit(MOST_MATCHES + 1)

    def is_whole(self, matches: Sequence[str]) -> bool:
        """Tell whether all tracks of the list can be looked at, since these have the words."""
        return len(matches) <= MOST_MATCHES if self._words else self._view.sort in _BY_TIME

    def whole(self, matches: Sequence[str], *, offset: int, limit: int) -> Select[Any]:
        """Select a piece of the list, of what is among the matches if there are words."""
        listed = self._all()
        if self._words:
            listed = listed.where(clips.c.clip_id.in_(matches))
        return self._piece(listed, clips, offset=offset, limit=limit)

    def newest(self, *, offset: int, limit: int) -> Select[Any]:
        """Select a piece of the list of what is newest in it."""
        listed, found = self._newest()
        for word in self._words:
            # As the indexes find it: at the beginning of a word.
            listed = listed.where((literal(" ") + found.c.search_words).contains(f" {word}", autoescape=True))
        return self._piece(listed, found, offset=offset, limit=limit)

    def older(self) -> Select[Any]:
        """Select something if the list has more than what is newest in it."""
        since, which = self._of_whom()
        return select(literal(1)).where(*which).order_by(since.desc()).offset(MOST_LOOKED_AT).limit(1)

    def _of_whom(self) -> tuple[Column[Any], tuple[ColumnElement[bool] | TextClause, ...]]:
        """Tell what the list is read from: the time of its rows, and which they are; an index has both."""
        match self._view.whose:
            case Whose.MINE:
                return jobs.c.created_at, (HAS_TRACKS, jobs.c.user_id == self._viewer.user_id)
            case Whose.HERE:
                return jobs.c.created_at, (HAS_PUBLIC_TRACKS, jobs.c.guild_id == self._viewer.guild_id)
            case Whose.FAVOURITES:
                return favourites.c.created_at, (favourites.c.user_id == self._viewer.user_id,)
            case _:
                assert_never(self._view.whose)

    def _all(self) -> Select[Any, float]:
        match self._view.whose:
            case Whose.MINE:
                return self._known(HAS_TRACKS, jobs.c.user_id, self._viewer.user_id)
            case Whose.HERE:
                return self._known(HAS_PUBLIC_TRACKS, jobs.c.guild_id, self._viewer.guild_id)
            case Whose.FAVOURITES:
                chosen = favourites.join(clips, clips.c.clip_id == favourites.c.clip_id)
                mine = favourites.c.user_id == self._viewer.user_id
                return _keys(chosen, clips, favourites.c.created_at).where(mine, shown_to(self._viewer))
            case _:
                assert_never(self._view.whose)

    def _known(self, has_tracks: TextClause, knower: Column[Any], who: int | None) -> Select[Any, float]:
        """Select the clips that somebody (`who`) knows, each by the last of their jobs: a task may have been asked for several times.

        The jobs are what the order is read from, or else are looked up by the tasks of what has the words: either database might rather go
        through a server's whole history in the order that is wanted.
        """
        later = jobs.alias("later")
        again = exists().where(
            later.c.task_id == jobs.c.task_id,
            has_tracks,
            self._unindexed(later.c[knower.key]) == who,
            or_(later.c.created_at > jobs.c.created_at, and_(later.c.created_at == jobs.c.created_at, later.c.id > jobs.c.id)),
        )
        brought = jobs.join(clips, clips.c.task_id == jobs.c.task_id)
        known = (unindexed(knower) if self._words else knower) == who
        return _keys(brought, clips, jobs.c.created_at).where(has_tracks, known, ~again)

    def _newest(self) -> tuple[Select[Any, float], FromClause]:
        """Select the newest of them, out of what stands for the clips in that; of a task's jobs the last one is among the newest."""
        since, which = self._of_whom()
        if self._view.whose is Whose.FAVOURITES:
            chosen = select(favourites.c.clip_id, since).where(*which).order_by(since.desc()).limit(MOST_LOOKED_AT).subquery()
            among = chosen.join(clips, clips.c.clip_id == chosen.c.clip_id)
            return _keys(among, clips, chosen.c.created_at).where(shown_to(self._viewer)), clips
        finished = select(jobs.c.task_id, since).where(*which).order_by(since.desc()).limit(MOST_LOOKED_AT).subquery()
        tasks = select(finished.c.task_id, func.max(finished.c.created_at).label("since")).group_by(finished.c.task_id).subquery()
        found = clips_by_task(tasks, on_sqlite=self._on_sqlite)
        return _keys(tasks.join(found, found.c.task_id == tasks.c.task_id), found, tasks.c.since), found

    def _unindexed(self, column: Column[Any]) -> ColumnElement[Any]:
        """Have the jobs looked up by their tasks. PostgreSQL has statistics, and chooses well unless they are kept from it."""
        return unindexed(column) if self._on_sqlite else column

    def _piece(self, listed: Select[Any, float], of: FromClause, *, offset: int, limit: int) -> Select[Any]:
        """Order the list by keys alone, and read the rest of what is in the piece; SQLite would read all of it for whatever it sorts."""
        order = self._order(of, listed.selected_columns["since"])
        keys = listed.order_by(*order).limit(limit).offset(offset).subquery("piece")
        among = keys.join(clips, clips.c.clip_id == keys.c.clip_id)
        return entries(among, keys.c.since, self._viewer).order_by(*self._order(clips, keys.c.since))

    def _order(self, of: FromClause, since: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        newest = [since.desc(), *a_first(of), of.c.clip_id]
        match self._view.sort:
            case Sort.NEWEST:
                return newest
            case Sort.OLDEST:
                return [since, *a_first(of), of.c.clip_id]
            case Sort.TITLE:
                # It begins with the folded title. By bytes on both, whatever order the database was made with.
                return [of.c.search_text.collate("BINARY" if self._on_sqlite else "C"), *newest]
            case Sort.LONGEST:
                return [of.c.seconds.desc(), *newest]
            case Sort.VOTES:
                return [_votes(of, self._viewer).desc(), *newest]
            case _:
                assert_never(self._view.sort)


def _keys(among: FromClause, of: FromClause, since: ColumnElement[float]) -> Select[Any, float]:
    return select(of.c.clip_id, since.label("since")).select_from(among)


def entries(among: FromClause, since: ColumnElement[float], viewer: Viewer) -> Select[Any]:
    """Select clips with what a list shows of each."""
    favourite = exists().where(favourites.c.user_id == viewer.user_id, favourites.c.clip_id == clips.c.clip_id).correlate(clips)
    return select(*_CLIP, since.label("since"), _votes(clips, viewer).label("votes"), favourite.label("favourite")).select_from(among)


def _votes(of: FromClause, viewer: Viewer) -> ScalarSelect[int]:
    count = select(func.count()).where(votes.c.guild_id == viewer.guild_id, votes.c.clip_id == of.c.clip_id)
    return count.correlate(of).scalar_subquery()
