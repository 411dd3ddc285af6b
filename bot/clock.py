"""The machine's clocks, as the parts are given them."""

import time


class SystemClock:
    """Fulfils `services.ports.outside.Clock`."""

    def now(self) -> float:
        """Tell the time since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Tell the time since some fixed moment."""
        return time.monotonic()
