"""Make REST calls fail on demand, before or after they took effect."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.discord.world import JsonObject

TOO_MANY = 429


@dataclass(slots=True, eq=False, kw_only=True)
class Fault:
    """One way to fail, for the next `times` requests that match; `hits` counts them.

    `before` true fails instead of acting; false acts and loses the answer. `delay` is waited first, in real seconds. With neither
    `status` nor `reset` the request is only late.
    """

    method: str | None
    pattern: re.Pattern[str]
    times: int
    status: int | None
    reset: bool
    delay: float
    code: int
    message: str
    retry_after: float
    via: bool
    is_global: bool
    before: bool
    hits: int = field(default=0)

    @property
    def fails(self) -> bool:
        """Tell whether the request fails at all, rather than being late."""
        return self.reset or self.status is not None

    def body(self) -> JsonObject:
        """Return the JSON of the failing answer."""
        if self.status == TOO_MANY and not self.code:
            return {"message": self.message or "You are being rate limited.", "retry_after": self.retry_after, "global": self.is_global}
        extra: JsonObject = {"retry_after": self.retry_after} if self.status == TOO_MANY else {}
        return {"message": self.message or f"{self.status}: told to fail", "code": self.code, **extra}

    def headers(self) -> dict[str, str]:
        """Return the headers of the failing answer: a 429 of Discord itself has `Via`, one of its shield has not."""
        headers: dict[str, str] = {}
        if self.status == TOO_MANY:
            headers["Retry-After"] = str(max(1, round(self.retry_after)))
            headers["X-RateLimit-Scope"] = "global" if self.is_global else "user"
            if self.is_global:
                headers["X-RateLimit-Global"] = "true"
        if self.via:
            headers["Via"] = "1.1 google"
        return headers


class Faults:
    """The faults still to happen."""

    def __init__(self) -> None:
        """Begin without faults."""
        self._faults: list[Fault] = []

    def add(
        self,
        *,
        method: str | None = None,
        route: str = "*",
        times: int = 1,
        status: int | None = None,
        reset: bool = False,
        delay: float = 0.0,
        code: int = 0,
        message: str = "",
        retry_after: float = 0.1,
        via: bool = True,
        is_global: bool = False,
        before: bool = True,
    ) -> Fault:
        """Fail the next `times` requests of `method` (None: any) to `route` and return the fault, whose `hits` counts them.

        `route` is Discord's path below `/api/v10`, where `{anything}` stands for one part of it and `*` alone for every path.
        """
        parts = ["[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", route)]
        pattern = re.compile(".*" if route == "*" else "".join(parts))
        fault = Fault(
            method=method,
            pattern=pattern,
            times=times,
            status=status,
            reset=reset,
            delay=delay,
            code=code,
            message=message,
            retry_after=retry_after,
            via=via,
            is_global=is_global,
            before=before,
        )
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Forget one fault, whether or not it has happened."""
        if fault in self._faults:
            self._faults.remove(fault)

    def clear(self) -> None:
        """Forget the faults that have not happened."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Use up and return the first fault that matches a request."""
        for fault in self._faults:
            if fault.hits < fault.times and fault.method in (None, method) and fault.pattern.fullmatch(path):
                fault.hits += 1
                return fault
        return None
