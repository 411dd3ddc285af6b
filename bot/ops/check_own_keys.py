"""Whether the servers' own API keys can be decrypted with what ENCRYPTION_KEY is now."""

from collections.abc import Callable, Sequence

from bot.domain.guild_keys import SealedKey
from bot.ops.findings import Finding, count, look, ok

ANEW = "their managers enter their keys anew: /settings, API key."


def of_own_keys(kept: Sequence[SealedKey], opens: Callable[[SealedKey], bool] | None) -> Finding:
    """Say how many of the kept keys cannot be read; `opens` tells it of one, and is None where ENCRYPTION_KEY is not set."""
    if opens is None and not kept:
        return ok("own keys", "No server has brought one, and none can: ENCRYPTION_KEY is not set.")
    if opens is None:
        return look(
            "own keys",
            f"ENCRYPTION_KEY is not set, but {count(len(kept), 'server key')} kept: the requests of those servers wait.",
            f"Set ENCRYPTION_KEY to what it was. If that is lost, set a new one (python -m bot make-key), and let {ANEW}",
        )
    if closed := sum(not opens(key) for key in kept):
        return look(
            "own keys",
            f"{closed} of {count(len(kept), 'server key')} cannot be decrypted with ENCRYPTION_KEY: the requests of those servers wait.",
            f"Put the earlier ENCRYPTION_KEY behind the new one, separated by a comma. If that is lost, let {ANEW}",
        )
    if not kept:
        return ok("own keys", "No server has brought one.")
    return ok("own keys", f"{count(len(kept), 'server key')} kept, all to be decrypted with ENCRYPTION_KEY.")
