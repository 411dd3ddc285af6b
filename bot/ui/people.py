"""How people are named in messages: by mention, which notifies nobody."""

from collections.abc import Sequence

from bot.domain.actors import NOBODY, SOMEONE

MOST_NAMED = 20
"""People that are named in one breath; the others are counted."""


def person(user_id: int) -> str:
    """Name somebody."""
    return SOMEONE if user_id == NOBODY else f"<@{user_id}>"


def people(user_ids: Sequence[int]) -> str:
    """Name several people, at least one; of many, the first ones."""
    *others, last = [person(user_id) for user_id in user_ids[:MOST_NAMED]]
    if len(user_ids) > MOST_NAMED:
        return f"{', '.join((*others, last))} and {len(user_ids) - MOST_NAMED} more"
    return f"{', '.join(others)} and {last}" if others else last
