"""What the doctor asks of the music API: one query, which costs nothing, for a task that nobody has made."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Final

from bot.domain.reports import MADE_UP_TASK
from bot.errors import KeyRefused, Maintenance, NotConnected, OutOfCredits, ProviderError, Refused, TaskUnknown, TooOften
from bot.ops.findings import Finding, fail, look, ok
from bot.services.ports.outside import Clock, Music

ACCOUNT: Final = "Look at the music API's account; then copy its key into MUSIC_API_KEY once more."


async def check_music(music: Music, url: str, clock: Clock) -> AsyncIterator[Finding]:
    """Look whether the provider is reached and takes the key."""
    asked_at = clock.monotonic()
    try:
        await music.task(MADE_UP_TASK, slot=nullcontext)
    except TaskUnknown:
        pass
    except ProviderError as error:
        for finding in _of(error, url):
            yield finding
        return
    yield ok("music API", f"{url} answered in {(clock.monotonic() - asked_at) * 1000:.0f} ms.")
    yield ok("music key", "Accepted: a query for a made-up task was answered. It cost nothing.")


def _of(error: ProviderError, url: str) -> list[Finding]:
    """Say what an error means for the bot; the provider's own words stand beside it."""
    said = f" It says: “{error.words}”" if error.words else ""
    answers = ok("music API", f"{url} answers.")
    match error:
        case NotConnected():
            cause = type(error.__cause__).__name__ if error.__cause__ else "no connection"
            return [
                fail(
                    "music API",
                    f"{url} cannot be reached ({cause}).",
                    "Look at MUSIC_API_URL, and at this machine's network, DNS and proxies.",
                )
            ]
        case KeyRefused():
            return [answers, fail("music key", f"The provider refuses the key.{said}", ACCOUNT)]
        case OutOfCredits():
            return [
                answers,
                fail(
                    "music key", f"The key is accepted, but there are no credits.{said}", "Top the account up; those in line wait for it."
                ),
            ]
        case TooOften():
            return [
                answers,
                look(
                    "music key",
                    f"Not checked: the provider asks for a slower pace.{said}",
                    "Try again in a minute; a running bot shares the quota.",
                ),
            ]
        case Maintenance():
            return [
                answers,
                look("music key", f"Not checked: the provider is being maintained.{said}", "Try again later; the bot waits by itself."),
            ]
        case Refused():
            return [
                answers,
                look(
                    "music key",
                    f"Most likely accepted: the provider refuses the made-up task, not the key.{said}",
                    "Nothing, unless the first /extend is refused too.",
                ),
            ]
        case _:
            return [
                fail(
                    "music API",
                    f"{url} answers, but nothing that the bot can read.{said}",
                    "Look at MUSIC_API_URL; a proxy's own page looks like this, too.",
                )
            ]
