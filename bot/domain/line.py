"""The line of jobs that wait for a submit: round-robin between people, first come first served within one's own."""

from collections import deque
from collections.abc import Container


class Line:
    """Who is next. People take turns; whoever was just served, and whoever is new, stands at the end."""

    def __init__(self) -> None:
        """Start with nobody in line."""
        self._turns: deque[int] = deque()
        self._waiting: dict[int, deque[str]] = {}

    def __len__(self) -> int:
        """Count the jobs in line."""
        return sum(map(len, self._waiting.values()))

    def __contains__(self, job_id: object) -> bool:
        """Tell whether this job is in line."""
        return any(job_id in jobs for jobs in self._waiting.values())

    def add(self, user_id: int, job_id: str) -> None:
        """Put a job behind its person's others."""
        if user_id not in self._waiting:
            self._waiting[user_id] = deque()
            self._turns.append(user_id)
        self._waiting[user_id].append(job_id)

    def put_back(self, user_id: int, job_id: str) -> None:
        """Put a job that was taken but not accepted back where it was: first."""
        if user_id not in self._waiting:
            self._waiting[user_id] = deque()
        else:
            self._turns.remove(user_id)
        self._turns.appendleft(user_id)
        self._waiting[user_id].appendleft(job_id)

    def remove(self, user_id: int, job_id: str) -> bool:
        """Take a job out of the line; False if it was not in it."""
        jobs = self._waiting.get(user_id)
        if jobs is None or job_id not in jobs:
            return False
        jobs.remove(job_id)
        if not jobs:
            del self._waiting[user_id]
            self._turns.remove(user_id)
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
        user_id, job_id = turn
        self.remove(user_id, job_id)
        if user_id in self._waiting:
            self._turns.remove(user_id)
            self._turns.append(user_id)
        return job_id

    def _turn(self, held: Container[str]) -> tuple[int, str] | None:
        turns = ((user_id, job_id) for user_id in self._turns for job_id in self._waiting[user_id] if job_id not in held)
        return next(turns, None)

    def place_of(self, user_id: int, job_id: str) -> int | None:
        """Tell how many submits there are until this job's own, itself included (1 is next); None if it is not in line."""
        jobs = self._waiting.get(user_id)
        if jobs is None or job_id not in jobs:
            return None
        mine = jobs.index(job_id)
        if not mine:
            # Most people have one job in line: nobody's turn comes twice before it, so there is nothing to add up.
            return self._turns.index(user_id) + 1
        ahead_in_turn = True
        place = mine + 1
        for other in self._turns:
            if other == user_id:
                ahead_in_turn = False
            else:
                place += min(len(self._waiting[other]), mine + ahead_in_turn)
        return place
