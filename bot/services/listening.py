"""What can be heard in a track: its waveform and quiet points, listened to once while it is looked at."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from bot.domain.clips import Clip
from bot.domain.waveforms import Waveform
from bot.errors import AudioDamaged, NotAudio
from bot.services.audio_back import AudioBack
from bot.services.once import Once
from bot.sound import apart

MOST = 100
"""Waveforms in memory, of a few kilobytes each: whoever chooses a start point looks at the same one several times."""
AT_ONCE = 2
"""Tracks that are listened to at once: each keeps a processor busy."""


class Listening:
    """Fulfils `services.ports.sound.Listening`."""

    def __init__(self, *, audio: AudioBack, draw: Callable[[Waveform, float], bytes]) -> None:
        """`draw` makes a PNG of a waveform with a mark at the start point (seconds); it is called in a thread."""
        self._audio = audio
        self._draw = draw
        self._known: OrderedDict[str, Waveform] = OrderedDict()
        self._under_way = Once[Waveform]()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def aclose(self) -> None:
        """Abandon what is under way."""
        await self._under_way.cancel()

    async def profile(self, clip: Clip) -> Waveform:
        """Listen to a track. Raises AudioGone, AudioAway, AudioDamaged, WorkLost, CannotStore, StoreUnavailable."""
        if clip.clip_id not in self._known:
            self._known[clip.clip_id] = await self._under_way.run(clip.clip_id, lambda: self._listen(clip))
        self._known.move_to_end(clip.clip_id)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return self._known[clip.clip_id]

    async def picture(self, waveform: Waveform, *, start: float) -> bytes:
        """Draw it as a PNG with seconds on its axis, and a mark at the start point."""
        return await asyncio.to_thread(self._draw, waveform, start)

    async def _listen(self, clip: Clip) -> Waveform:
        async with self._audio.held(clip) as path, self._slots:
            try:
                return await apart.read(path)
            except NotAudio as error:
                raise AudioDamaged(str(error)) from error
