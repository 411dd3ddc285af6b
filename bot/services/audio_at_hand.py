"""A track's audio, as long as the archive has it."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from bot.domain.clips import Clip, StoredAudio
from bot.domain.waveforms import Waveform
from bot.errors import AudioGone


class AudioAtHand:
    """Fulfils `services.ports.sound.AudioBack` from the archive alone."""

    def __init__(self, media_path: Callable[[str], Path]) -> None:
        """`media_path` finds a file of the archive."""
        self._media_path = media_path

    async def audio(self, clip: Clip) -> StoredAudio:
        """Find the file. Raises AudioGone."""
        if clip.audio_name is None or not self._media_path(clip.audio_name).exists():
            raise AudioGone
        return StoredAudio(name=clip.audio_name, seconds=clip.seconds, size=clip.audio_size)


class NotListening:
    """Fulfils `services.ports.sound.Listening` where nothing is heard: what shows waveforms does without."""

    async def profile(self, clip: Clip) -> NoReturn:
        """Hear nothing. Raises AudioGone."""
        raise AudioGone(clip.clip_id)

    async def picture(self, waveform: Waveform, *, start: float) -> NoReturn:
        """Draw nothing: without a profile nobody asks for it. Raises AudioGone."""
        raise AudioGone(waveform, start)
