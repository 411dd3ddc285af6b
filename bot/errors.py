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
│   ├── LimitReached         .limit, .allowed, .resets_at: a day's submits, or the line, are used up
│   ├── NotAdmitted          a rule of the operator's or the server's forbids it
│   │   ├── AppElsewhere     the app may not be used where the bot is not a member
│   │   ├── DirectMessagesOff
│   │   ├── ServerNotAllowed
│   │   ├── Blocked
│   │   ├── WrongChannel     .channels: where it may be used
│   │   ├── MayNotSpend      .role: who may
│   │   ├── MayNotHost       .role: who may
│   │   ├── MayNotManage     settings are for who has Manage Server
│   │   ├── RulesUnknown     the database did not say in time what holds here
│   │   ├── TooNew           .until: from when the person may spend
│   │   └── CreatingOff      .by_operator: who has not switched /create on
│   ├── ModeratorsOnly       what only who has Manage Messages may see
│   ├── NotTheOperator       what only the application's owner or team may do
│   ├── CannotAttach         .state: not one whose outcome is unknown; or .owner: the task is another job's
│   ├── ForbiddenWord        .field: which text has a word that is not allowed here
│   ├── Removed              the track was taken down
│   ├── PrivateTrack         somebody keeps the track to themselves
│   ├── CannotPublish        .why: the channel of the request does not take its result
│   ├── UnknownTrack         no track that this person may see
│   ├── NotATrack            the message shows no request and no track of ours
│   ├── OnlyInServers        what is shared, and voted for, belongs to a server
│   ├── CannotShare          .channel_id, .person_lacks, .bot_lacks: the permissions that are missing there
│   ├── NotFromHere          .task_id: a track of the person's own that this server has never seen
│   ├── NotPublicYet         a private track of the person's own: sharing makes it public
│   ├── OwnTrack             a vote for what one has made oneself
│   ├── NotYourShare         what somebody else has shared, of a track that is somebody else's
│   ├── CannotBlock          .why: this person cannot be blocked
│   ├── NoTrackYet           nothing to continue: the next step is /help
│   ├── Restarting           the process is about to end
│   ├── KeyNotTaken          .trouble: why a server's own API key was not kept
│   ├── AudioGone            the track's audio is nowhere to be had any more
│   ├── AudioAway            whether it is to be had cannot be told at the moment
│   ├── AudioDamaged         the track's file does not play
│   ├── WorkLost             the process that worked on sound was ended before it was done
│   ├── TooLongToSend        .seconds, .limit: no bit rate makes the file fit
│   ├── NothingToJoin        the track continues none, so there is no joint to be heard
│   ├── ListGone             a list whose pages can no longer be turned
│   ├── CannotTakePart       .why, .number: a session does not take what somebody wants of it
│   └── LanePaused           .reason: the key is refused, its credits are used up, or the operator holds it; .own_key, .why
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
│   │   └── CannotStore      no room for a file, or the disk does not take it
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
from enum import StrEnum


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


class LimitReached(UserError):
    """Which `limit` (`domain.limits.Limit`): `allowed` are used up, until `resets_at` (epoch seconds) if it is a day's."""

    def __init__(self, limit: str, allowed: int, resets_at: float | None = None) -> None:
        super().__init__(f"the limit {limit} of {allowed} is reached")
        self.limit = limit
        self.allowed = allowed
        self.resets_at = resets_at


class NotAdmitted(UserError):
    """A rule of the operator's or the server's forbids it here, or to this person."""


class AppElsewhere(NotAdmitted):
    """The person brought the app to a place where the bot is not a member, and the operator has not allowed that."""


class DirectMessagesOff(NotAdmitted):
    """The operator has not allowed the bot's use in direct messages."""


class ServerNotAllowed(NotAdmitted):
    """The operator has named the servers in which the bot works, and this is none of them."""


class Blocked(NotAdmitted):
    """This person is blocked, here or everywhere."""


class WrongChannel(NotAdmitted):
    """The bot may be used in `channels` (ids), and this is none of them; empty: none of those that were chosen still exists."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__("not a channel in which the bot may be used")
        self.channels = tuple(channels)


class MayNotSpend(NotAdmitted):
    """Only people with this `role` (id) may spend here; None: it no longer exists, and only who has Manage Server may."""

    def __init__(self, role: int | None) -> None:
        super().__init__(f"lacks the role {role}, which may spend" if role else "the role that may spend is gone")
        self.role = role


class MayNotHost(NotAdmitted):
    """Only people with this `role` (id), and moderators, may start sessions here; None: it no longer exists."""

    def __init__(self, role: int | None) -> None:
        super().__init__(f"lacks the role {role}, which may start sessions" if role else "the role that may start sessions is gone")
        self.role = role


class MayNotManage(NotAdmitted):
    """Settings are for people who have Manage Server, in the server."""


class RulesUnknown(NotAdmitted):
    """The database did not say in time which rules hold here: nothing was done."""


class TooNew(NotAdmitted):
    """The person joined the server too recently; they may spend from `until` (epoch seconds)."""

    def __init__(self, until: float) -> None:
        super().__init__("joined the server too recently")
        self.until = until


class CreatingOff(NotAdmitted):
    """First tracks are switched off: by the bot's operator, or else by the server, whose managers can switch them on."""

    def __init__(self, *, by_operator: bool) -> None:
        super().__init__(f"/create is switched off by the {'operator' if by_operator else 'server'}")
        self.by_operator = by_operator


class ModeratorsOnly(UserError):
    """Only who has Manage Messages in this server may see that."""


class NotTheOperator(UserError):
    """Only the application's owner, or those of its team who may, can do this."""


class CannotAttach(UserError):
    """The job takes no task: it is in another `state` (`domain.jobs.JobState`) than UNKNOWN, or the job `owner` (id) has the task."""

    def __init__(self, *, state: str | None = None, owner: str | None = None) -> None:
        super().__init__(f"the task is job {owner}'s" if owner is not None else f"the job is {state}")
        self.state = state
        self.owner = owner


class ForbiddenWord(UserError):
    """A text (`field`: which) has a word that is not allowed here; the word itself is not repeated."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} has a forbidden word")
        self.field = field


class Removed(UserError):
    """The track was taken down by a moderator or by its person."""


class PrivateTrack(UserError):
    """Somebody keeps the track to themselves."""


class PublishRefused(StrEnum):
    """Why a result cannot be published where it was asked for."""

    NO_CHANNEL = "no_channel"
    NOT_A_SERVER = "not_a_server"
    PERSON = "person"
    """The person may not post there."""
    BOT = "bot"


class CannotPublish(UserError):
    """The channel of the request does not take its result: `why`."""

    def __init__(self, why: PublishRefused) -> None:
        super().__init__(f"it cannot be published: {why}")
        self.why = why


class UnknownTrack(UserError):
    """There is no such track, or none that this person may see: the one is told like the other."""


class NotATrack(UserError):
    """This message shows no request and no track of ours."""


class OnlyInServers(UserError):
    """What is shared, and what is voted for, belongs to a server."""


class CannotShare(UserError):
    """In this channel the person (`person_lacks`) or the bot (`bot_lacks`) may not post: the permissions that are missing."""

    def __init__(self, channel_id: int, *, person_lacks: Sequence[str] = (), bot_lacks: Sequence[str] = ()) -> None:
        super().__init__(f"the person lacks {list(person_lacks)} and the bot {list(bot_lacks)} in channel {channel_id}")
        self.channel_id = channel_id
        self.person_lacks = tuple(person_lacks)
        self.bot_lacks = tuple(bot_lacks)


class NotFromHere(UserError):
    """The person's own track, of the task `task_id`, was made elsewhere: this server does not know it."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"task {task_id} is not known on this server")
        self.task_id = task_id


class NotPublicYet(UserError):
    """The track is the person's own and private: sharing makes it public, which has to be their wish."""


class OwnTrack(UserError):
    """One does not vote for what one has made oneself."""


class NotYourShare(UserError):
    """Somebody else has shared this, and made it too: it is not the person's to take down."""


class BlockRefused(StrEnum):
    """Why somebody cannot be blocked."""

    YOURSELF = "yourself"
    BOT = "bot"
    MODERATOR = "moderator"


class CannotBlock(UserError):
    """This person cannot be blocked here, for the reason `why`."""

    def __init__(self, why: BlockRefused) -> None:
        super().__init__(f"cannot be blocked: {why}")
        self.why = why


class NoTrackYet(UserError):
    """There is no track to continue yet, and the list said so: the next step is /help."""


class NotAllowed(UserError):
    """This button answers somebody else."""


class TooLate(UserError):
    """The job has moved on, so the act no longer applies."""


class NotFound(UserError):
    """There is no such job, track or draft (any more)."""


class KeyNotTaken(UserError):
    """A server's own API key was not kept; `trouble` (`domain.guild_keys.KeyTrouble`) says why, `words` are the provider's."""

    def __init__(self, trouble: str, words: str = "") -> None:
        super().__init__(f"the key was not taken: {trouble}")
        self.trouble = trouble
        self.words = words


class AudioGone(UserError):
    """The track's audio is nowhere to be had any more: neither kept here, nor in a message of ours, nor at the provider."""


class AudioAway(UserError):
    """Whether the track's audio is still to be had cannot be told at the moment."""


class AudioDamaged(UserError):
    """The track's file does not play, or holds no sound."""


class WorkLost(UserError):
    """The process that worked on sound was ended before it was done: killed, out of memory, or by a fault of its own."""


class ListGone(UserError):
    """What a list was looked at by is no longer kept: its pages cannot be turned any more."""


class TooLongToSend(UserError):
    """So many `seconds` of sound do not fit into `limit` bytes, however they are encoded."""

    def __init__(self, seconds: float, limit: int) -> None:
        super().__init__(f"{seconds:.0f} s do not fit into {limit} bytes")
        self.seconds = seconds
        self.limit = limit


class NothingToJoin(UserError):
    """The track continues none, or none that can be heard, so there is no joint."""


class SessionRefused(StrEnum):
    """Why a session does not take what somebody wants of it; the words for each are in `ui/session_words.py`."""

    BUDGET_USED = "budget_used"
    HOSTED = "hosted"
    IDEAS_FULL = "ideas_full"
    IN_LINE = "in_line"
    LINE_FULL = "line_full"
    NOBODY_THERE = "nobody_there"
    NO_DEADLINE = "no_deadline"
    NO_LINE = "no_line"
    NO_SUCH_CHOICE = "no_such_choice"
    NOTHING_TO_SKIP = "nothing_to_skip"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOT_IN_LINE = "not_in_line"
    NOT_INVITED = "not_invited"
    NOT_PAUSED = "not_paused"
    NOT_TAKING_PART = "not_taking_part"
    NOT_THE_HOST = "not_the_host"
    NOT_UP = "not_up"
    NO_SESSION = "no_session"
    ONE_AT_A_TIME = "one_at_a_time"
    OVER = "over"
    OWN_IDEA = "own_idea"
    PAUSED = "paused"
    REMOVED = "removed"
    REMOVES_HOST = "removes_host"
    STEP_OVER = "step_over"
    THREAD_TAKEN = "thread_taken"
    TOO_DEAR = "too_dear"


class CannotTakePart(UserError):
    """A session does not take what somebody wants of it, for the reason `why`; `number` is the most that is allowed, or a role's id."""

    def __init__(self, why: SessionRefused, number: int | None = None) -> None:
        """Say why."""
        super().__init__(why.value)
        self.why = why
        self.number = number


class LanePaused(UserError):
    """The lane takes no requests for now; `reason` is `key_refused`, `no_credits` or `held`.

    `own_key`: the key is the server's own, so its managers have to act. `why` is what the operator says of a lane that they hold.
    """

    def __init__(self, reason: str, *, own_key: bool = False, why: str = "") -> None:
        super().__init__(f"the lane is paused: {reason}")
        self.reason = reason
        self.own_key = own_key
        self.why = why


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


class CannotStore(FetchFailed):
    """There is no room for a file, or the disk does not take it; nothing of it was kept."""


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
