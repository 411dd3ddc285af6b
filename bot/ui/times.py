"""Moments and durations, as people say them."""

MINUTE = 60.0


def when(epoch: float) -> str:
    """Write a moment so that Discord keeps it current: "2 minutes ago"."""
    return f"<t:{int(epoch)}:R>"


def about(seconds: float) -> str:
    """Write a wait as people say it: "about 40 s", "about 1½ min", "about 20 min"."""
    return f"about {' '.join(_spoken(seconds))}"


def between(low: float, high: float) -> str:
    """Write a span of durations as people say it: "1½–3 min", "40 s–2 min", "about 2 min"."""
    (least, small), (most, large) = _spoken(low), _spoken(high)
    if small != large and low >= MINUTE:
        (least, small) = _halves(low / MINUTE), "min"
    if (least, small) == (most, large):
        return f"about {most} {large}"
    return f"{least}–{most} {large}" if small == large else f"{least} {small}–{most} {large}"


def _spoken(seconds: float) -> tuple[str, str]:
    """Round to what people would say, and name the unit."""
    if seconds < 1.5 * MINUTE:
        step = 5 if seconds < MINUTE else 10
        return str(max(5, step * round(seconds / step))), "s"
    minutes = seconds / MINUTE
    if minutes < 5:  # noqa: PLR2004 - from five minutes on, nobody says half ones
        return _halves(minutes), "min"
    if minutes < 90:  # noqa: PLR2004 - an hour and a half
        step = 1 if minutes < 20 else 5  # noqa: PLR2004 - as above
        return str(step * round(minutes / step)), "min"
    return _halves(minutes / 60), "h"


def _halves(number: float) -> str:
    whole, half = divmod(round(2 * number), 2)
    return f"{whole}½" if half else str(whole)
