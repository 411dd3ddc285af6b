"""The words that may not be used: the operator's everywhere, and each server's own there."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from bot.domain.guild_settings import GuildSettings
from bot.domain.wordlist import WordList
from bot.errors import ForbiddenWord


class ForbiddenWords:
    """Checks what people type before anything is spent on it; lists are compiled once for each revision of a server's settings."""

    def __init__(self, *, operators: Iterable[str], settings_of: Callable[[int], Awaitable[GuildSettings]]) -> None:
        """`operators` hold everywhere; `settings_of` knows what a server has set."""
        self._operators = WordList(operators)
        self._settings_of = settings_of
        self._compiled: dict[int, tuple[int, WordList]] = {}

    async def check(self, guild_id: int | None, texts: Mapping[str, str]) -> None:
        """Let texts pass, named by their fields. Raises ForbiddenWord for the first field that has a word of a list, StoreUnavailable."""
        lists = [self._operators] if guild_id is None else [self._operators, await self._servers(guild_id)]
        for field, text in texts.items():
            if any(words.hit(text) for words in lists):
                raise ForbiddenWord(field)

    async def _servers(self, guild_id: int) -> WordList:
        settings = await self._settings_of(guild_id)
        revision, words = self._compiled.get(guild_id, (-1, None))
        if words is None or revision != settings.revision:
            words = WordList(settings.words)
            self._compiled[guild_id] = (settings.revision, words)
        return words
