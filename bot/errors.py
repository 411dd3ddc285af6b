"""Every error of ours, as one tree.

EncoreError
├── StartupError             the program cannot start; the message is for the operator
│   ├── SettingsError        .problems: every wrong setting, in words
│   └── AlreadyRunning       another process owns the database
├── UserError                the person can mend it; answered privately, nothing is charged
│   ├── BadOption            .field, .problem, .example
│   ├── TooManyInFlight      .limit
│   ├── NotAllowed           somebody else's button
│   ├── TooLate              the job has moved on; the act no longer applies
│   ├── NotFound             no such job, track or draft
│   ├── Restarting           the process is about to end
│   └── LanePaused           .reason: the key is refused, or its credits are used up
├── Busy                     the database did not answer in time; nothing was accepted
├── StoreUnavailable         the database cannot be reached
├── KnownSource              what was taken for an unknown track is known: look it up first
├── ProviderError            .words: the provider's own, for people; never markup-safe
│   ├── NotAccepted          certainly not accepted: the job goes back in line
│   │   ├── NotConnected     the connection was never made
│   │   ├── TooOften         .retry_after: seconds, if the provider named them
│   │   ├── Maintenance
│   │   ├── KeyRefused       pauses the lane
│   │   └── OutOfCredits     pauses the lane
│   ├── Refused              the parameters or the content; final
│   │   └── ContentRefused   moderation; told privately
│   ├── Ambiguous            may have been accepted; never sent again by the program
│   ├── Unreadable           a query got no usable answer; ask again. .retry_after: seconds, if named
│   └── TaskUnknown          the provider does not know this task (queries only)
├── AudioError               this file is not the finished track (yet)
│   ├── NotAudio
│   ├── FetchFailed
│   ├── AddressRefused       not a public https address
│   └── FileTooLarge
└── DiscordError             what Discord answered, as delivery needs to know it
    ├── ReplyGone            the reply was deleted
    ├── TokenExpired         the interaction's token is past its 15 minutes
    ├── CannotPost           no permission, or the channel is gone
    ├── RefusedByDiscord     a request that Discord will never take (4xx)
    │   └── TooLargeForDiscord   413: attach less
    └── DiscordUnavailable   5xx, reset, timeout: try again later
"""

from collections.abc import Sequence


class EncoreError(Exception):
    """The root of the tree."""


class StartupError(EncoreError):
    """The program cannot start; the message says why and how to mend it."""


class SettingsError(StartupError):
    """The settings are wrong; `problems` names every one, in words."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class AlreadyRunning(StartupError):
    """Another process of ours owns this database."""


class UserError(EncoreError):
    """The person can mend it: it is answered privately and nothing is charged."""


class BadOption(UserError):
    """One option cannot be taken: which (`field`), why (`problem`), and an `example` that works."""

    def __init__(self, field: str, problem: str, example: str) -> None:
        super().__init__(f"{field}: {problem} Example: {example}")
        self.field = field
        self.problem = problem
        self.example = example


class TooManyInFlight(UserError):
    """The person already has `limit` jobs in flight."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} jobs are in flight already")
        self.limit = limit


class NotAllowed(UserError):
    """This button answers somebody else."""


class TooLate(UserError):
    """The job has moved on, so the act no longer applies."""


class NotFound(UserError):
    """There is no such job, track or draft (any more)."""


class LanePaused(UserError):
    """The lane takes no requests for now; `reason` is `key_refused` or `no_credits`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the lane is paused: {reason}")
        self.reason = reason


class Restarting(UserError):
    """The process is about to end and accepts nothing more."""


class Busy(EncoreError):
    """The database did not answer in time; nothing was accepted."""


class StoreUnavailable(EncoreError):
    """The database cannot be reached."""


class KnownSource(EncoreError):
    """A job's source was taken for unknown, but is a clip or a task that is known: it has to be looked up first."""


class ProviderError(EncoreError):
    """The music API said no, or nothing intelligible; `words` are its own, at most 300 characters, unescaped."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words or type(self).__name__)
        self.words = words[:300]


class NotAccepted(ProviderError):
    """Certainly not accepted: the job may be sent again."""


class NotConnected(NotAccepted):
    """The connection was never made: DNS, refused, TLS, connect timeout."""


class TooOften(NotAccepted):
    """405, 429 or 430: slow down; `retry_after` is in seconds, if the provider named it."""

    def __init__(self, words: str = "", retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class Maintenance(NotAccepted):
    """455: the provider is being maintained."""


class KeyRefused(NotAccepted):
    """401 or 403: the key is wrong or revoked."""


class OutOfCredits(NotAccepted):
    """402, or a 429 that speaks of credits."""


class Refused(ProviderError):
    """The provider refuses these parameters; sending them again cannot help."""


class ContentRefused(Refused):
    """Moderation: 451, or a message about the content."""


class Ambiguous(ProviderError):
    """The answer was lost or unreadable: the provider may have accepted, and charged."""


class Unreadable(ProviderError):
    """A query got no usable answer: ask again; `retry_after` is in seconds, if the provider named it."""

    def __init__(self, words: str = "", retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class TaskUnknown(ProviderError):
    """The provider does not know this task."""


class AudioError(EncoreError):
    """This file is not the finished track, at least not yet."""


class NotAudio(AudioError):
    """The bytes do not decode as audio."""


class FetchFailed(AudioError):
    """The file could not be downloaded."""


class AddressRefused(AudioError):
    """The address is not a public https one."""


class FileTooLarge(AudioError):
    """The file is larger than the cap."""


class DiscordError(EncoreError):
    """What Discord answered, as delivery needs to know it."""


class ReplyGone(DiscordError):
    """The reply was deleted."""


class TokenExpired(DiscordError):
    """The interaction's token is past its 15 minutes."""


class CannotPost(DiscordError):
    """No permission to post there, or the channel is gone."""


class RefusedByDiscord(DiscordError):
    """Discord will never take this request."""


class TooLargeForDiscord(RefusedByDiscord):
    """413: the attachments are above the limit."""


class DiscordUnavailable(DiscordError):
    """5xx, a reset connection or a timeout: try again later."""
