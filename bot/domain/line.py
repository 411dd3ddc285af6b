"""The line of jobs that wait for a submit: round-robin between people and sessions, first come first served within one's own."""

from collections import deque
from collections.abc import Container


class Line:
    """Who is next. People take turns, and a session does like one person; whoever was just served, or is new, stands at the end.

    `whose` is `Job.turn`.
    """

    def __init__(self) -> None:
        """Start with nobody in line."""
        self._turns: deque[str | int] = deque()
        self._waiting: dict[str | int, deque[str]] = {}

    def __len__(self) -> int:
        """Count the jobs in line."""
        return sum(map(len, self._waiting.values()))

    def __contains__(self, job_id: object) -> bool:
        """Tell whether this job is in line."""
        return any(job_id in jobs for jobs in self._waiting.values())

    def add(self, whose: str | int, job_id: str) -> None:
        """Put a job behind its person's others."""
        if whose not in self._waiting:
            self._waiting[whose] = deque()
            self._turns.append(whose)
        self._waiting[whose].append(job_id)

    def put_back(self, whose: str | int, job_id: str) -> None:
        """Put a job that was taken but not accepted back where it was: first."""
        if whose not in self._waiting:
            self._waiting[whose] = deque()
        else:
            self._turns.remove(whose)
        self._turns.appendleft(whose)
        self._waiting[whose].appendleft(job_id)

    def remove(self, whose: str | int, job_id: str) -> bool:
        """Take a job out of the line; False if it was not in it."""
        jobs = self._waiting.get(whose)
        if jobs is None or job_id not in jobs:
            return False
        jobs.remove(job_id)
        if not jobs:
            del self._waiting[whose]
            self._turns.remove(whose)
        return True

    def peek(self, held: Container[str] = frozenset()) -> str | None:
        """Name the job whose turn it is, and leave it in line; those that are `held` keep their place, but are passed over."""
        turn = self._turn(held)
        return None if turn is None else turn[1]

    def take(self, held: Container[str] = frozenset()) -> str | None:
        """Take the job whose turn it is, passing over those that are `held`; its person goes to the end of the line."""
        turn = self._turn(held)
        if turn is None:
            return None
        whose, job_id = turn
        self.remove(whose, job_id)
        if whose in self._waiting:
            self._turns.remove(whose)
            self._turns.append(whose)
        return job_id

    def _turn(self, held: Container[str]) -> tuple[str | int, str] | None:
        turns = ((whose, job_id) for whose in self._turns for job_id in self._waiting[whose] if job_id not in held)
        return next(turns, None)

    def place_of(self, whose: str | int, job_id: str) -> int | None:
        """Tell how many submits there are until this job's own, itself included (1 is next); None if it is not in line."""
        jobs = self._waiting.get(whose)
        if jobs is None or job_id not in jobs:
            return None
        mine = jobs.index(job_id)
        if not mine:
            # Most people have one job in line: nobody's turn comes twice before it, so there is nothing to add up.
            return self._turns.index(whose) + 1
        ahead_in_turn = True
        place = mine + 1
        for other in self._turns:
            if other == whose:
                ahead_in_turn = False
            else:
                place += min(len(self._waiting[other]), mine + ahead_in_turn)
        return place
