"""What services and components ask of whatever handles sound."""

from collections.abc import Iterable
from typing import Protocol

from bot.domain.clips import Clip, StoredAudio
from bot.domain.waveforms import Waveform


class AudioBack(Protocol):
    """A track's audio when it is needed, wherever it still is."""

    async def audio(self, clip: Clip) -> StoredAudio:
        """Find the file in the archive, or bring it back there. Raises AudioGone, AudioAway, CannotStore, StoreUnavailable."""
        ...

    async def for_message(self, clips: Iterable[Clip]) -> list[Clip]:
        """Bring back what can be, of tracks whose message is about to be written anew. Raises StoreUnavailable."""
        ...


class Listening(Protocol):
    """What can be heard in a track."""

    async def profile(self, clip: Clip) -> Waveform:
        """Listen to it. Raises AudioGone, AudioDamaged, WorkLost, StoreUnavailable."""
        ...

    async def picture(self, waveform: Waveform, *, start: float) -> bytes:
        """Draw it as a PNG with seconds on its axis, and a mark at the start point."""
        ...
