"""Encryption at rest, with a key from the operator's settings: what is sealed is of no use to whoever has the database alone."""

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr


class SealBroken(Exception):  # noqa: N818 - it reads as what it says
    """It was sealed with another key, for another server, or it was changed."""


class Seal:
    """Seals with the first key and opens with any, so that a new one can be put before an old one (cryptography.io, MultiFernet)."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys: 32 bytes in URL-safe Base64."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: SecretStr, guild_id: int) -> str:
        """Encrypt a server's secret; it opens for this server only."""
        return self._fernet.encrypt(json.dumps([guild_id, secret.get_secret_value()]).encode()).decode()

    def open(self, sealed: str, guild_id: int) -> SecretStr:
        """Decrypt it. Raises SealBroken."""
        try:
            owner, secret = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError, TypeError):
            # What it was must not stand in a traceback.
            raise SealBroken from None
        if owner != guild_id or not isinstance(secret, str):
            raise SealBroken
        return SecretStr(secret)


def make_key() -> str:
    """Make a fresh key for ENCRYPTION_KEY."""
    return Fernet.generate_key().decode()
