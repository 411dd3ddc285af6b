"""The ids of a session's posts: its own with a letter and a number, so that whoever presses a button in one names both."""

import re

from bot.domain.sessions.model import Session

_POST = re.compile(r"([a-z0-9]{10})([ortc])(\d*)")


def round_post(session: Session, seq: int) -> str:
    """Name the post of a round."""
    return f"{session.id}r{seq}"


def opening_post(session: Session) -> str:
    """Name the post under which the session's thread is opened: a thread that was lost is opened anew under another."""
    return f"{session.id}o{session.openings}"


def recap_posts(session: Session) -> tuple[str, str]:
    """Name the posts of the recap, in the thread and in the channel."""
    return f"{session.id}t", f"{session.id}c"


def all_posts(session: Session) -> list[str]:
    """Name every post that a session may have had by now."""
    openings = (f"{session.id}o{number}" for number in range(session.openings + 1))
    return [*openings, *(round_post(session, seq + 1) for seq in range(session.last_seq)), *recap_posts(session)]


def session_of(post_id: str) -> str:
    """Read which session a post belongs to; empty for a post of another kind."""
    match = _POST.fullmatch(post_id)
    return match[1] if match else ""


def seq_of(post_id: str) -> int:
    """Read which round a post shows; 0 for any other post."""
    match = _POST.fullmatch(post_id)
    return int(match[3]) if match and match[2] == "r" and match[3] else 0
