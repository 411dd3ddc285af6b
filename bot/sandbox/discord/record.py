"""Every REST request the bot made, kept and written down as it comes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True, eq=False, kw_only=True)
class RecordedRequest:
    """One request; `status` is None until it is answered, and 0 when the answer was withheld."""

    at: float
    method: str
    path: str
    query: dict[str, str]
    body: object
    files: list[tuple[str, int]]
    status: int | None = None


class Record:
    """Requests in order of arrival; with a path, each is also appended there as one line of JSON before it is acted upon."""

    def __init__(self, path: Path | None = None) -> None:
        """Append to `path`, when given."""
        self.requests: list[RecordedRequest] = []
        self._file = None if path is None else path.open("a", encoding="utf-8", buffering=1)

    def add(self, request: RecordedRequest) -> None:
        """Keep a request."""
        self.requests.append(request)
        if self._file is not None:
            line = {
                "method": request.method,
                "path": request.path,
                "body": request.body,
                "query": request.query,
                "files": [{"filename": name, "size": size} for name, size in request.files],
                "at": request.at,
            }
            self._file.write(json.dumps(line) + "\n")

    def matching(self, method: str, path_part: str) -> list[RecordedRequest]:
        """Return the requests of a method whose path contains `path_part`."""
        return [r for r in self.requests if r.method == method and path_part in r.path]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
