"""What a track looks like, and where it could be cut."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waveform:
    """A track's length in seconds; the largest samples (0 to 1) of equal stretches of it; and seconds at which it holds its breath."""

    seconds: float
    peaks: tuple[float, ...]
    quiet: tuple[float, ...] = ()
