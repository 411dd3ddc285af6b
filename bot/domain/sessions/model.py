"""What a session is: its rounds, ideas, people, extensions, and where it stands."""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.sessions.plans import Mode, Plan, Take

MOST_IDEAS = 20
"""Ideas of one round: with the words around them, as many as a message can list."""
MOST_IN_LINE = 8
"""People in the line of a relay: with three minutes each, the last one waits for half an hour."""
MOST_TAKES = 25
"""Tracks that a vote can be about (Select Menu: options)."""


class Phase(StrEnum):
    """What a session is waiting for."""

    OPENING = "opening"
    """Its thread."""
    IDEAS = "ideas"
    """Ideas, until the deadline."""
    VOTE = "vote"
    """Votes for one of them, until the deadline."""
    DECIDING = "deciding"
    """The host, who chooses an idea: twice, nobody has voted."""
    WAITING = "waiting"
    """Somebody in the line of a relay."""
    TURN = "turn"
    """The request of whoever is up, until the deadline."""
    EXTENDING = "extending"
    """The music service: the clock stands still."""
    TAKES = "takes"
    """The choice of A or B, until the deadline."""
    STUCK = "stuck"
    """The host: the extension brought nothing."""
    OPEN = "open"
    """Anybody's extensions, until the deadline."""
    FINALE = "finale"
    """Votes for the best track of an open session, until the deadline."""
    ENDING = "ending"
    """Its recap."""
    ENDED = "ended"
    """Nothing."""


OVER = frozenset({Phase.ENDING, Phase.ENDED})


class Pause(StrEnum):
    """Why a session is paused."""

    HOST = "host"
    AWAY = "away"
    """The bot was down for too long."""
    NO_IDEAS = "no_ideas"
    PLACE = "place"
    """Its thread is gone, or does not take the bot's messages."""


class Trouble(StrEnum):
    """Why an extension brought nothing."""

    REFUSED = "refused"
    CONTENT = "content"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Whether the music service has accepted it cannot be told."""
    STALLED = "stalled"
    CANCELLED = "cancelled"
    LIMIT = "limit"
    """What the server may spend today is used up."""
    SOURCE = "source"
    """The track that was to be continued was taken down."""
    TAKEN_DOWN = "taken_down"
    """What it has brought was."""


GIVEN_BACK = frozenset({Trouble.REFUSED, Trouble.CONTENT, Trouble.CANCELLED, Trouble.LIMIT, Trouble.SOURCE})
"""Troubles of extensions that were certainly not accepted: they cost nothing."""


class Outcome(StrEnum):
    """How a round was closed."""

    CHOSEN = "chosen"
    """A track was chosen to go on with."""
    MADE = "made"
    """In an open session: somebody's extension is there."""
    PASSED = "passed"
    """Time was over for whoever was up, or they went."""
    SKIPPED = "skipped"
    UNDONE = "undone"
    ENDED = "ended"
    """The session ended before the round did."""


class Ending(StrEnum):
    """Why a session ended."""

    ROUNDS = "rounds"
    """All of its rounds were played."""
    BUDGET = "budget"
    HOST = "host"
    SOURCE = "source"
    """Its first track was taken down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What somebody would continue the track with, from which second."""

    number: int
    user_id: int
    tags: str
    title: str
    start: float
    moved: bool = False
    """The track has changed since, and the start point did not lie within it any more: it is close to its end now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Somebody in the line of a relay; `passes` in a row."""

    user_id: int
    passes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One request of a session, which is the job `job_id`; `user_id` is whose idea or turn it was."""

    job_id: str
    user_id: int
    number: int
    """Of its round."""
    source: Take
    start: float
    tags: str
    title: str
    done: bool = False
    trouble: Trouble | None = None

    @property
    def running(self) -> bool:
        """Tell whether something is still to come of it."""
        return not self.done and self.trouble is None

    @property
    def settled(self) -> bool:
        """Tell whether nothing more can come of it, not even late."""
        return self.done or self.trouble in GIVEN_BACK

    @property
    def counts(self) -> bool:
        """Tell whether it is drawn from the budget: UNKNOWN may have been charged, so it is."""
        return self.trouble not in GIVEN_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One message of a session in its thread: what it asked for, and what came of it.

    `number` counts what was played, `seq` the messages: a turn that is passed on keeps its number and gets another message.
    """

    number: int
    seq: int
    first_seq: int
    """The message in which it began: one that somebody deletes is replaced by another."""
    source: Take
    """The track so far."""
    ideas: tuple[Idea, ...] = ()
    waited: bool = False
    """Nobody had an idea, and it was given its time once more."""
    repeated: bool = False
    """Nobody voted, and it is played once more."""
    up: int | None = None
    """Whose turn it is."""
    chosen: int | None = None
    """The number of the idea that won."""
    tried: tuple[int, ...] = ()
    """The numbers of the ideas whose extension brought nothing."""
    votes: dict[str, int] | None = None
    """What the last vote came to; None before one was counted."""
    idea_votes: dict[str, int] | None = None
    """What the vote on ideas came to, also after the one on A or B."""
    job_id: str | None = None
    trouble: Trouble | None = None
    takes: tuple[Take, ...] = ()
    picked: str | None = None
    """The clip that the session went on with."""
    by: int | None = None
    """Whose idea, turn or extension it was that was played."""
    outcome: Outcome | None = None

    def is_shown_by(self, seq: int) -> bool:
        """Tell whether this is the round of a message."""
        return self.first_seq <= seq <= self.seq

    def idea(self, number: int | None) -> Idea | None:
        """Find an idea by its number."""
        return next((idea for idea in self.ideas if idea.number == number), None)

    def idea_of(self, user_id: int) -> Idea | None:
        """Find somebody's idea."""
        return next((idea for idea in self.ideas if idea.user_id == user_id), None)

    def take(self, clip_id: str | None) -> Take | None:
        """Find one of the tracks that it has brought."""
        return next((take for take in self.takes if take.clip_id == clip_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session and where it stands. Times are seconds since the Unix epoch, but for `left`.

    The clock runs while `due` is set; where it stands still within a step that has a deadline, `left` (seconds) is what remains.
    """

    id: str
    guild_id: int
    channel_id: int
    """Where it was started, and where its recap is posted too."""
    place_id: int | None = None
    """The thread that it takes place in; None: it is not open yet, or gone."""
    host_id: int
    plan: Plan
    root: Take
    head: Take
    """The track that the next round continues."""
    phase: Phase = Phase.OPENING
    current: Round | None = None
    past: tuple[Round, ...] = ()
    """Earlier messages, oldest first."""
    last_seq: int = 0
    line: tuple[Player, ...] = ()
    """The relay's; who is up stands first."""
    people: tuple[int, ...] = ()
    """Who has taken part, in the order in which they first did."""
    removed: frozenset[int] = frozenset()
    offered_to: int | None = None
    """The host has stepped down: who may take over first."""
    extensions: tuple[Extension, ...] = ()
    due: float | None = None
    left: float | None = None
    counting: bool = False
    """The deadline of a vote has rung, and its votes are not counted yet."""
    paused: Pause | None = None
    held: bool = False
    """The lane is paused, and the clock with it."""
    ending: Ending | None = None
    openings: int = 0
    """How often a thread was opened for it: a lost one is replaced."""
    revision: int = 0
    created_at: float
    ended_at: float | None = None

    @property
    def live(self) -> bool:
        """Tell whether it goes on."""
        return self.phase not in OVER

    @property
    def hosted(self) -> bool:
        """Tell whether it has a host: one who steps down is none any more."""
        return self.offered_to is None

    @property
    def spent(self) -> int:
        """Count the extensions that are drawn from the budget."""
        return sum(extension.counts for extension in self.extensions)

    @property
    def budget_left(self) -> int:
        """Count the extensions that may still be asked for."""
        return self.plan.budget - self.spent

    @property
    def ballot(self) -> str | None:
        """Name the vote that is open; None while there is none, or while it is paused."""
        return None if self.paused or self.counting else self.vote_name

    @property
    def vote_name(self) -> str | None:
        """Name the vote of the step that the session is in, open or not; None where nothing is voted on."""
        voted = self.phase in (Phase.VOTE, Phase.FINALE) or (self.phase is Phase.TAKES and self.plan.mode is Mode.IDEAS)
        if self.current is None or not voted:
            return None
        if self.phase is Phase.TAKES:
            return f"{self.phase} {self.current.job_id}"
        return f"{self.phase} {self.current.first_seq}{' again' if self.current.repeated else ''}"

    @property
    def running(self) -> tuple[Extension, ...]:
        """List the extensions that something is still to come of."""
        return tuple(extension for extension in self.extensions if extension.running)

    @property
    def shown(self) -> tuple[Round, ...]:
        """List the rounds that have a message, oldest first."""
        return tuple(sorted((*self.past, *((self.current,) if self.current else ())), key=lambda each: each.seq))

    def extension(self, job_id: str | None) -> Extension | None:
        """Find an extension by its job."""
        return next((extension for extension in self.extensions if extension.job_id == job_id), None)

    def known(self, clip_id: str) -> Take | None:
        """Find a track of the session's family that is still there: what a round once continued may not be."""
        takes = (take for each in self.shown for take in each.takes)
        return next((take for take in (self.root, self.head, *takes) if take.clip_id == clip_id), None)

    def with_person(self, user_id: int) -> "Session":
        """Note that somebody takes part."""
        return self if user_id in self.people else replace(self, people=(*self.people, user_id))
