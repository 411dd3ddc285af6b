"""What is said of a session outside of its own messages: its thread's name, and what its host is told."""

from bot.domain.sessions.model import Pause, Session
from bot.ui import words
from bot.ui.cards import MAX_THREAD_NAME


def thread_name(session: Session) -> str:
    """Name a session's thread; Discord shows the name as it is, without markup."""
    return words.bare_text(session.plan.name, MAX_THREAD_NAME) or words.bare_text(session.root.title, MAX_THREAD_NAME) or "Session"


def told_host(session: Session) -> str:
    """Tell a host, apart from the session's own messages, that it is paused, and what they can do."""
    name = words.safe_text(session.plan.name, 80)
    why = {
        Pause.AWAY: "I was away for a while, so the clock of your session stands still.",
        Pause.PLACE: "I can no longer post in its thread: it was deleted, or I lack a permission there.",
    }.get(session.paused or Pause.HOST, "It waits for you.")
    return f"Your session **{name}** is paused. {why} Nothing is lost: */session host* in <#{session.channel_id}> lets it go on or ends it."
