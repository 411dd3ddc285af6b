"""How Discord says no: HTTP status, JSON code and words.

Statuses and codes are those of the page "Opcodes and Status Codes" of Discord's API; where that page gives no status, the one
seen in public bug reports (160002: 403, 30046: 429).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.discord.world import JsonObject


class Refusal(Exception):  # noqa: N818 - it is Discord's answer, not a defect of ours
    """An answer other than 2xx."""

    def __init__(self, status: int, code: int, message: str, *, extra: JsonObject | None = None) -> None:
        """Keep what the answer says; `extra` is merged into its body."""
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.extra: JsonObject = extra or {}

    def body(self) -> JsonObject:
        """Return the answer's JSON."""
        return {"message": self.message, "code": self.code, **self.extra}


def unauthorized() -> Refusal:
    """Refuse a wrong bot token."""
    return Refusal(401, 0, "401: Unauthorized")


def unknown_route() -> Refusal:
    """Refuse a path that the loopback does not have."""
    return Refusal(404, 0, "404: Not Found")


def unknown_channel() -> Refusal:
    """Refuse an unknown channel."""
    return Refusal(404, 10003, "Unknown Channel")


def unknown_guild() -> Refusal:
    """Refuse an unknown guild."""
    return Refusal(404, 10004, "Unknown Guild")


def unknown_member() -> Refusal:
    """Refuse a person who is not in the guild."""
    return Refusal(404, 10007, "Unknown Member")


def unknown_message() -> Refusal:
    """Refuse an unknown, deleted or ephemeral message."""
    return Refusal(404, 10008, "Unknown Message")


def unknown_user() -> Refusal:
    """Refuse an unknown account."""
    return Refusal(404, 10013, "Unknown User")


def unknown_webhook() -> Refusal:
    """Refuse an interaction token that was never acknowledged or never existed."""
    return Refusal(404, 10015, "Unknown Webhook")


def unknown_interaction() -> Refusal:
    """Refuse a first answer that comes after 3 s, or to nothing."""
    return Refusal(404, 10062, "Unknown interaction")


def unknown_command() -> Refusal:
    """Refuse an application command id that is not registered."""
    return Refusal(404, 10063, "Unknown application command")


def late_edits_exhausted(retry_after: float) -> Refusal:
    """Refuse another edit of a message older than an hour."""
    words = "Maximum number of edits to messages older than 1 hour reached. Try again later"
    return Refusal(429, 30046, words, extra={"retry_after": retry_after, "global": False})


def too_large() -> Refusal:
    """Refuse an upload over the limit."""
    return Refusal(413, 40005, "Request entity too large")


def already_acknowledged() -> Refusal:
    """Refuse a second first answer."""
    return Refusal(400, 40060, "Interaction has already been acknowledged.")


def followups_exhausted() -> Refusal:
    """Refuse a sixth follow-up of a user-installed app."""
    return Refusal(400, 40094, "This interaction has reached the maximum number of follow-up messages.")


def missing_access() -> Refusal:
    """Refuse a channel or guild the bot cannot see."""
    return Refusal(403, 50001, "Missing Access")


def not_your_message() -> Refusal:
    """Refuse an edit of somebody else's message."""
    return Refusal(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> Refusal:
    """Refuse a message that holds nothing."""
    return Refusal(400, 50006, "Cannot send an empty message")


def cannot_message_user() -> Refusal:
    """Refuse a direct message to somebody who takes none."""
    return Refusal(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> Refusal:
    """Refuse an act that a permission is missing for."""
    return Refusal(403, 50013, "Missing Permissions")


def wrong_channel_type() -> Refusal:
    """Refuse an act on a kind of channel that has it not."""
    return Refusal(400, 50024, "Cannot execute action on this channel type")


def invalid_webhook_token() -> Refusal:
    """Refuse an interaction token older than 15 minutes."""
    return Refusal(401, 50027, "Invalid Webhook Token")


def archived_thread() -> Refusal:
    """Refuse a change in an archived thread."""
    return Refusal(400, 50083, "Thread is archived")


def invalid_json() -> Refusal:
    """Refuse a body that is not JSON."""
    return Refusal(400, 50109, "The request body contains invalid JSON.")


def thread_exists() -> Refusal:
    """Refuse a second thread on one message."""
    return Refusal(400, 160004, "A thread has already been created for this message")


def locked_thread() -> Refusal:
    """Refuse a message in a locked thread."""
    return Refusal(400, 160005, "Thread is locked")


def cannot_read_history() -> Refusal:
    """Refuse a reply where the history cannot be read."""
    return Refusal(403, 160002, "Cannot reply without permission to read message history")


def invalid_form(errors: JsonObject) -> Refusal:
    """Refuse a body; `errors` is nested by field, as Discord nests it."""
    return Refusal(400, 50035, "Invalid Form Body", extra={"errors": errors})
