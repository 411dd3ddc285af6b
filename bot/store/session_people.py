"""What the sessions hold of a person: told to themselves, and taken out.

A session's state is one text, and people are found by their id in it: rarely, so that all of the table may be read for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.erasing import Erasure
from bot.domain.sessions.model import Session
from bot.domain.sessions.people import ideas_of, takes_part, without_person
from bot.domain.sessions.posts import all_posts
from bot.store.sessions import to_row, to_session
from bot.store.tables import posts, sessions


async def leave_out(connection: AsyncConnection, wish: Erasure) -> list[str]:
    """Take a person out of every session, and owe an edit to all that shows one of these; return the sessions' ids."""
    changed: list[str] = []
    for state in (await connection.scalars(_that_mention(wish.user_id).order_by(sessions.c.id).with_for_update())).all():
        before = to_session(state)
        after = without_person(before, wish.user_id, wish.until)
        if after == before:
            continue
        row = to_row(replace(after, revision=before.revision + 1))
        await connection.execute(update(sessions).where(sessions.c.id == before.id).values(row))
        shown = (posts.c.id.in_(all_posts(before)), ~posts.c.removed, ~posts.c.given_up)
        await connection.execute(update(posts).where(*shown).values(revision=posts.c.revision + 1))
        changed.append(before.id)
    return changed


async def parts_of(connection: AsyncConnection, user_id: int, *, limit: int) -> list[dict[str, Any]]:
    """Read what a person has done in sessions, the newest first: nothing there of others."""
    newest = _that_mention(user_id).order_by(sessions.c.created_at.desc()).limit(limit)
    found = map(to_session, (await connection.scalars(newest)).all())
    return [_part(session, user_id) for session in found if takes_part(session, user_id)]


def _that_mention(user_id: int) -> Select[str]:
    return select(sessions.c.state).where(sessions.c.state.contains(str(user_id)))


def _part(session: Session, user_id: int) -> dict[str, Any]:
    return {
        "id": session.id,
        "guild_id": session.guild_id,
        "channel_id": session.channel_id,
        "place_id": session.place_id,
        "created_at": session.created_at,
        "ended_at": session.ended_at,
        "name": session.plan.name,
        "theme": session.plan.theme,
        "host": session.host_id == user_id,
        "ideas": list(_ideas(session, user_id)),
    }


def _ideas(session: Session, user_id: int) -> Iterator[dict[str, Any]]:
    for each, idea in ideas_of(session, user_id):
        yield {"round": each.number, "tags": idea.tags, "title": idea.title, "start": idea.start}
