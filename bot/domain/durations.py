"""How long jobs take: a distribution learned from what queries can tell.

A query tells only that a job was over by then: the end lies between the last query that saw the job unfinished and this one. A job
that outlived its deadline tells that it takes longer than that, or for ever. A histogram shares such evidence out in
proportion to what it holds likely already (the self-consistent estimate for censored data: Turnbull 1976), spreads it a little to the
neighbouring bins, and lets it fade. How far to spread and how fast to fade depends on the provider, so several histograms
learn side by side, and those that foretold the latest ends best weigh most.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from typing import Self

RATIO = 1.03
"""Upper by lower edge of a bin: 3 s wide at 100 s."""
LONGEST = 24 * 3600.0
"""Seconds; what takes longer counts as never ending."""

PRIOR_JOBS = 3.0
"""Jobs that the prior is worth; it never fades, so that no duration is ever held impossible."""
PRIOR_MEDIAN = 95.0
"""Seconds (providers of this family take 30 s to 5 min; 85, 100, 124 and 172 s were observed)."""
PRIOR_NEVER = 0.05
"""Share of tasks that never end (5–10 % at providers of this family)."""
PRIOR_SHAPES = ((0.9, 0.55), (0.1, 1.3))
"""Shares and spreads (of the logarithm) of two lognormals round the median: the likely one, and one for providers unlike the others."""

HALF_LIVES = (50.0, 250.0)
"""Jobs after which evidence counts half: one histogram follows a drift, one is exact where there is none."""
REACHES = (3, 9, 24)
"""Bins over which evidence is spread to both sides: for durations that are almost equal, and for those that vary widely."""
TRIAL = 60.0
"""Jobs after which a histogram's success or failure counts half."""
EVEN = 0.2
"""Share of the evidence of an end that is spread evenly over its interval, so that a histogram can leave what it believes."""
IMPROBABLE = 1e-6
"""Least probability that a forecast is blamed with, so that one surprise does not rule a histogram out."""
RESCALE_AT = 1e9


def _edges() -> tuple[float, ...]:
    bins = math.ceil(math.log(LONGEST) / math.log(RATIO))
    return (0.0, *(RATIO**power for power in range(bins + 1)))


EDGES = _edges()
"""Edges of the bins in seconds: 0, 1, then geometric up to LONGEST."""
BINS = len(EDGES) - 1
_PLACES = range(len(EDGES))
_WIDTHS = tuple(end - start for start, end in pairwise(EDGES))


@cache
def _prior(median: float) -> tuple[float, ...]:
    """Give the prior's share of each bin, and last that of what never ends."""

    def below(seconds: float) -> float:
        if not seconds:
            return 0.0
        return sum(share * (1 + math.erf(math.log(seconds / median) / sigma / math.sqrt(2))) / 2 for share, sigma in PRIOR_SHAPES)

    bins = [(1 - PRIOR_NEVER) * (below(end) - below(start)) for start, end in pairwise(EDGES)]
    return (*bins, 1 - sum(bins))


@dataclass(frozen=True, slots=True)
class Curve:
    """A distribution of durations as a table: F, the share of jobs that are over, is linear between EDGES."""

    density: tuple[float, ...]
    cdf: tuple[float, ...]
    area: tuple[float, ...]
    """∫F from 0 to each edge, in seconds."""

    @classmethod
    def of(cls, shares: Sequence[float]) -> Self:
        """Make the curve with these shares of the bins; what they lack to 1 never ends."""
        density = (share / width for share, width in zip(shares, _WIDTHS, strict=True))
        cdf = tuple(accumulate(shares, initial=0.0))
        steps = (width * (low + high) / 2 for width, (low, high) in zip(_WIDTHS, pairwise(cdf), strict=True))
        return cls((*density, 0.0), cdf, tuple(accumulate(steps, initial=0.0)))

    def at(self, age: float) -> tuple[float, float]:
        """Tell the share of jobs that are over at this age (s), and ∫F up to it (s)."""
        place = bisect_right(EDGES, age) - 1
        beyond = age - EDGES[place]
        rise = self.density[place] * beyond
        return self.cdf[place] + rise, self.area[place] + beyond * (self.cdf[place] + rise / 2)

    def seen(self, age: float) -> "Sighting":
        """Take note that a job was unfinished at this age (s)."""
        over, area = self.at(age)
        return Sighting(self, age, over, area)

    def mean(self, limit: float) -> float:
        """Tell the mean duration (s) if jobs are given up at the limit (s)."""
        return limit - self.at(limit)[1]

    def age_of(self, share: float) -> float:
        """Tell the age (s) at which this share of jobs is over; LONGEST for a share that never is."""
        place = min(max(bisect_left(self.cdf, share), 1), BINS) - 1
        density = self.density[place]
        return min(EDGES[place] + max(share - self.cdf[place], 0.0) / density, EDGES[place + 1]) if density > 0.0 else EDGES[place + 1]

    def remaining(self) -> "Curve":
        """Give the distribution of what is left of a job that was come upon at some moment of its life (the renewal's residual life)."""
        ends = self.cdf[-1]
        lasting = [width * (ends - (low + high) / 2) for width, (low, high) in zip(_WIDTHS, pairwise(self.cdf), strict=True)]
        return Curve.of([ends * share for share in _shares(lasting)])


@dataclass(slots=True)
class Sighting:
    """A job that was unfinished at the age `seen` (s), when the share `over` of all jobs is over."""

    curve: Curve
    seen: float
    over: float
    area: float
    """∫F up to `seen`."""

    @property
    def left(self) -> float:
        """Give the share of jobs that are not over by then."""
        return max(1.0 - self.over, 0.0)

    def waiting(self, age: float) -> float:
        """Tell for how long (s) the job, at this age (s), is expected to be over unnoticed."""
        if age <= self.seen or self.over >= 1.0:
            return 0.0
        return (self.curve.at(age)[1] - self.area - self.over * (age - self.seen)) / (1.0 - self.over)

    def due(self, price: float) -> float:
        """Tell the age (s) at which `waiting` reaches the price (s); infinite if it never does."""
        cdf, area, over = self.curve.cdf, self.curve.area, self.over
        goal = price * self.left + self.area - over * self.seen
        # `waiting` times `left`, but for what does not depend on the age: it falls up to `seen` and rises from there on.
        start = bisect_right(EDGES, self.seen)
        place = bisect_left(_PLACES, goal, lo=start, key=lambda edge: area[edge] - over * EDGES[edge]) - 1
        density, slope = self.curve.density[place], cdf[place] - over
        missing = goal - (area[place] - over * EDGES[place])
        root = math.sqrt(max(slope * slope + 2 * density * missing, 0.0))
        if slope > 0.0:
            return max(EDGES[place] + 2 * missing / (slope + root), self.seen)
        return max(EDGES[place] + (root - slope) / density, self.seen) if density > 0.0 else math.inf


@dataclass(slots=True)
class _Histogram:
    """Weights of the bins, and last that of what never ends, beside the prior's.

    Evidence does not shrink as it fades: what is new, and the prior, weigh `_unit` more and more.
    """

    reach: int
    half_life: float
    prior: Sequence[float]
    success: float = 0.0
    """Logarithm of the probability that it gave to what happened, faded."""
    _weights: list[float] = field(default_factory=lambda: [0.0] * (BINS + 1))
    _total: float = 0.0
    _unit: float = 1.0

    def learn(self, bins: range, overlap: Sequence[float], *, even: float) -> None:
        """Take in that a job's duration lies in these bins (BINS itself: never), each of which counts by its overlap."""
        known = [self._weight(place) * part for place, part in zip(bins, overlap, strict=True)]
        likelihood = sum(known) / (self._total + PRIOR_JOBS * self._unit)
        self.success = self.success * 0.5 ** (1 / TRIAL) + math.log(max(likelihood, IMPROBABLE))
        self._unit *= 2.0 ** (1 / self.half_life)
        believed = _shares(known)
        evenly = _shares(part * _WIDTHS[place] for place, part in zip(bins, overlap, strict=True)) if even else believed
        for place, likely, flat in zip(bins, believed, evenly, strict=True):
            self._spread(place, self._unit * ((1 - even) * likely + even * flat))
        self._total += self._unit
        if self._unit > RESCALE_AT:
            self._weights = [weight / self._unit for weight in self._weights]
            self._total, self._unit = self._total / self._unit, 1.0

    def shares(self) -> list[float]:
        """Give the share of each bin, and last of what never ends, prior included."""
        all_in_all = self._total + PRIOR_JOBS * self._unit
        return [self._weight(place) / all_in_all for place in range(BINS + 1)]

    def _weight(self, place: int) -> float:
        return self.prior[place] * PRIOR_JOBS * self._unit + self._weights[place]

    def _spread(self, place: int, weight: float) -> None:
        """Add weight to a bin and, in a triangle, to its neighbours."""
        if place == BINS:
            self._weights[BINS] += weight
            return
        top = self.reach + 1
        for step in range(-self.reach, top):
            self._weights[min(max(place + step, 0), BINS - 1)] += weight * (top - abs(step)) / (top * top)


class Durations:
    """What is known of the durations of one kind of jobs."""

    def __init__(self, median: float = PRIOR_MEDIAN) -> None:
        """Begin with the prior that has this median (s)."""
        self._histograms = [_Histogram(reach, half, _prior(median)) for half in HALF_LIVES for reach in REACHES]

    def ended(self, after: float, by: float) -> None:
        """Learn that a job ended between two ages (s); what makes no sense teaches nothing."""
        if not 0.0 <= after < by <= LONGEST:
            return
        bins = range(bisect_right(EDGES, after) - 1, bisect_left(EDGES, by))
        overlap = [(min(by, EDGES[place + 1]) - max(after, EDGES[place])) / _WIDTHS[place] for place in bins]
        for histogram in self._histograms:
            histogram.learn(bins, overlap, even=EVEN)

    def outlived(self, age: float) -> None:
        """Learn that a job was not over at this age (s) and is not watched on."""
        if not 0.0 <= age <= LONGEST:
            return
        bins = range(bisect_right(EDGES, age) - 1, BINS + 1)
        overlap = [1.0] * len(bins)
        if bins[0] < BINS:
            overlap[0] = (EDGES[bins[0] + 1] - age) / _WIDTHS[bins[0]]
        for histogram in self._histograms:
            histogram.learn(bins, overlap, even=0.0)

    def curve(self) -> Curve:
        """Give the distribution as far as it is known now."""
        best = max(histogram.success for histogram in self._histograms)
        trust = _shares(math.exp(histogram.success - best) for histogram in self._histograms)
        mixed = [0.0] * (BINS + 1)
        for part, histogram in zip(trust, self._histograms, strict=True):
            mixed = [share + part * more for share, more in zip(mixed, histogram.shares(), strict=True)]
        return Curve.of(mixed[:-1])


def _shares(weights: Iterable[float]) -> list[float]:
    weights = list(weights)
    total = sum(weights)
    return [weight / total for weight in weights] if total > 0.0 else [1.0 / len(weights)] * len(weights)
