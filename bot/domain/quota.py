"""A quota under a sliding window, kept from the sender's side.

Pacing what is sent does not pace what arrives: latency varies. A slot therefore reopens one window after the *answer* (or
the abandonment) of the request that used it. The request arrived before its answer, so two arrivals of one slot are
always more than a window apart, and `slots` slots never let more than `slots` requests arrive within one window.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Quota:
    """`slots` requests a `window` (seconds); times are of one monotonic clock.

    Starts closed for one window: what an earlier process sent is not known, so it is waited out.
    """

    slots: int
    window: float
    started: float
    _opens: list[float] = field(init=False)
    _busy: int = field(init=False, default=0)
    _rests_until: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Close every slot for the first window."""
        self._opens = [self.started + self.window] * self.slots
        self._rests_until = self.started

    @classmethod
    def per_second(cls, rate: float, started: float) -> "Quota":
        """Make the quota of `rate` requests a second (below one a second: one slot with a longer window)."""
        # A window shorter than a second would let a fraction's slots meet within one: 2.5 a second means 2 in any second.
        return cls(slots=max(1, int(rate)), window=max(1.0, 1.0 / rate), started=started)

    def opens_at(self) -> float | None:
        """Tell when the next slot opens; None while every slot has a request under way."""
        return min(self._opens) if self._opens else None

    def take(self, now: float) -> bool:
        """Use an open slot for a request that is about to leave; False if there is none."""
        first = self.opens_at()
        if first is None or first > now:
            return False
        self._opens.remove(first)
        self._busy += 1
        return True

    def give_back(self, now: float, *, hold: float = 0.0) -> None:
        """Take note that a request was answered or abandoned; `hold` seconds more if the provider asked to slow down."""
        if not self._busy:
            msg = "a slot was given back that nobody had taken"
            raise ValueError(msg)
        self._busy -= 1
        self._opens.append(max(now + self.window + hold, self._rests_until))

    def rest(self, until: float) -> None:
        """Keep every slot closed until then at least, also those with a request under way: the provider asked for a slower pace."""
        self._rests_until = max(self._rests_until, until)
        self._opens = [max(opens, until) for opens in self._opens]
