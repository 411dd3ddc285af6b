"""What a file states of itself, read without decoding any of it."""

from pathlib import Path

import av
import av.error

from bot.errors import NotAudio


def described(path: Path) -> tuple[float, int]:
    """Tell the length in seconds and the bits a second of a file that `encode` has written, by what it states. Raises NotAudio."""
    try:
        with av.open(path, options={"format_whitelist": "mp3"}) as container:
            return (container.duration or 0) / av.time_base, container.streams.audio[0].bit_rate or 0
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise NotAudio(f"{path.name} is no such file any more") from error
