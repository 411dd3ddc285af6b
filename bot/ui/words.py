"""Words that people see: the glossary of the interface, and what each error says.

Everything here is plain text of ours; foreign text goes through `safe_text` first.
"""

import re
import unicodedata
from urllib.parse import quote

import discord

from bot.domain.jobs import Failure, Job, JobKind, JobState
from bot.domain.requests import exact_seconds, show_seconds
from bot.domain.standing import LaneCondition, Progress, Standing
from bot.errors import (
    AudioAway,
    AudioDamaged,
    AudioGone,
    BadOption,
    Busy,
    CannotAttach,
    CannotBlock,
    CannotPublish,
    CannotShare,
    CannotStore,
    CannotTakePart,
    EncoreError,
    ForbiddenWord,
    KeyNotTaken,
    LanePaused,
    LimitReached,
    ListGone,
    ModeratorsOnly,
    NotAdmitted,
    NotAllowed,
    NotATrack,
    NotFound,
    NotFromHere,
    NothingToJoin,
    NotPublicYet,
    NoTrackYet,
    NotTheOperator,
    NotYourShare,
    OnlyInServers,
    OwnTrack,
    PrivateTrack,
    Removed,
    Restarting,
    StoreUnavailable,
    TooLate,
    TooLongToSend,
    TooManyInFlight,
    UnknownTrack,
    WorkLost,
)
from bot.ui import key_words, moderation_words, privacy_words, refusals, session_words, sharing_words
from bot.ui.limit_words import limit_reached
from bot.ui.times import about, between, when

_NOT_CODE = re.compile(r"[`\s]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of the text that follows, ours included (Unicode, UAX #9: explicit formatting)."""
_ISOLATE, _POP = "\u2068", "\u2069"
"""What holds a text together whose direction is its own (the same annex: explicit isolates)."""
_RIGHT_TO_LEFT = ("R", "AL")
"""Classes of the characters that need it (the same annex: bidirectional types)."""
_MARKUP = re.compile(r"[\\`*_~|\[\]<>]|^[#-]|(?<=:)//")
_NOT_IN_LINKS = re.compile(r"[\s()<>\[\]\\]")

MOMENT = 10.0
"""Seconds that are not worth a number to whoever is next."""

MAX_LINK = 512
"""Characters of an address that is shown as a link; four of them leave room for the words beside them (Embed Limits)."""

KINDS = {JobKind.EXTEND: "Extension", JobKind.CREATE: "First track", JobKind.TRACK: "Track"}

OPTION_NAMES = {
    "continue_clip_id": "Track to continue",
    "continue_at": "Start point",
    "tags": "Styles",
    "title": "Title",
    "model": "Model",
    "task_id": "Task",
    "person": "Person",
    "note": "Note",
    "track": "Track",
    "name": "Name",
    "theme": "Theme",
}
"""What the options of commands are called where there is room for a name."""

FIELD_NAMES = {
    "daily_per_person": "Tracks a day for each person",
    "daily_per_server": "Tracks a day for the server",
    "words": "Forbidden words",
    "starters": "Starter tracks",
    "showcase_votes": "Votes for the showcase",
}
"""What the fields of the settings' forms are called."""

LANE = {
    LaneCondition.WORKING: "",
    LaneCondition.SLOWED: "The music service asks us to go slower. Nothing is lost: your place is kept.",
    LaneCondition.UNREACHABLE: "The music service doesn't answer at the moment. Nothing is lost: your place is kept.",
    LaneCondition.KEY_REFUSED: "The music service refuses this bot's key. Its operator has to mend that; your place is kept.",
    LaneCondition.NO_CREDITS: "This bot's credits at the music service are used up. Its operator has to renew them; your place is kept.",
    LaneCondition.HELD: f"{key_words.held('')} Nothing is lost: your place is kept.",
}

LOOKING = {
    LaneCondition.UNREACHABLE: "I can't look how far it is: the music service doesn't answer at the moment.",
    LaneCondition.KEY_REFUSED: "I can't look how far it is: the music service refuses the key that it was made with.",
}
"""What else there is to say of a request that is being made."""

FAILURES = {
    Failure.REFUSED: "The music service refused this request. Nothing was spent.",
    Failure.CONTENT: "The music service's moderation refused this request. What it said was sent to you privately.",
    Failure.GENERATION: "The music service gave up while making it. Whether that was charged is up to the service.",
    Failure.TASK_UNKNOWN: "The music service doesn't know this task. Is the id complete? Tasks are deleted after about two weeks.",
}

HEADINGS = {
    JobState.QUEUED: "In line",
    JobState.SUBMITTING: "Being sent",
    JobState.GENERATING: "Being made",
    JobState.READY: "Finished",
    JobState.DELIVERED: "Finished",
    JobState.CANCELLED: "Cancelled",
    JobState.UNKNOWN: "Not clear whether it started",
    JobState.FAILED: "Nothing came of it",
    JobState.STALLED: "No end in sight",
}

PROVIDER = {
    Progress.ACCEPTED: "",
    Progress.IN_LINE: "When I last looked, it was in the music service's own line.",
    Progress.BEGUN: "The music service is at work on it.",
    Progress.ONE_DONE: "One version is done, and waits a moment for the other.",
}
"""How far the music service is: words that stay true when they are read later."""


def safe_text(text: str, limit: int = 300) -> str:
    """Make foreign text harmless: one line, no markup, no links, no mentions, at most `limit` characters before escaping.

    `discord.utils.escape_markdown` will not do: it leaves what looks like a link, and what is in it, as it was.
    """
    return isolated(discord.utils.escape_mentions(_MARKUP.sub(r"\\\g<0>", bare_text(text, limit)))) or "–"


def bare_text(text: str, limit: int) -> str:
    """Make one line of foreign text for where markup means nothing, at most `limit` characters; it may be empty."""
    line = " ".join(_BIDI.sub("", text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """Keep what is written from right to left to itself, so that it does not turn the line, or the number beside it; 2 characters more."""
    turns = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)
    return f"{_ISOLATE}{text}{_POP}" if turns else text


def link(text: str, url: str) -> str:
    """Write a link to a foreign address; nothing for one that is too long to be shown."""
    if not 0 < len(url) <= MAX_LINK:
        return ""
    whole = _NOT_IN_LINKS.sub(lambda match: quote(match[0]), url)
    return f"[{text}]({whole})"


def code(text: str) -> str:
    """Show an id so that it can be copied with a tap."""
    bare = _NOT_CODE.sub("", text)
    return f"`{bare}`" if bare else "-"


def heading(job: Job) -> str:
    """Name the job's state."""
    if job.removed:
        return "Removed"
    return "Hidden" if job.hidden and job.state is not JobState.CANCELLED else HEADINGS[job.state]


PROGRESS = {
    JobState.SUBMITTING: "It is being sent to the music service.",
    JobState.READY: "The track is finished and on its way to you.",
    JobState.DELIVERED: "The track is finished.",
    JobState.CANCELLED: "It was taken out of the line before it was sent. Nothing was spent.",
    JobState.UNKNOWN: (
        "The connection broke after your request had left, so I can't tell whether the music service started. "
        "I did not send it again, because that could cost twice."
    ),
    JobState.STALLED: (
        "The music service has not finished it in the usual time. I look again now and then for a day, and post it if it comes."
    ),
}


def progress(job: Job, standing: Standing) -> str:
    """Say in a sentence or two how the job stands and what happens next."""
    if job.removed:
        return moderation_words.removed(job)
    if job.hidden:
        return _hidden(job)
    if job.state is JobState.QUEUED:
        return _in_line(standing)
    if job.state is JobState.GENERATING:
        return _being_made(job, standing)
    if job.state is JobState.FAILED:
        return FAILURES[job.failure or Failure.GENERATION]
    return PROGRESS[job.state]


def _hidden(job: Job) -> str:
    if job.state in (JobState.FAILED, JobState.UNKNOWN, JobState.STALLED):
        return "Nothing more is shown of this request."
    if job.state in (JobState.READY, JobState.DELIVERED):
        return "It is finished. Its tracks are in the list of /extend."
    return "Nothing more is posted here. When it is finished, its tracks are in the list of /extend."


def lane(standing: Standing) -> str:
    """Say what hinders a lane; empty where nothing does."""
    if standing.own_key and standing.lane in key_words.OWN_LANE:
        return key_words.OWN_LANE[standing.lane]
    if standing.lane is LaneCondition.HELD:
        return f"{key_words.held(safe_text(standing.why) if standing.why else '')} Nothing is lost: your place is kept."
    return LANE[standing.lane]


def _in_line(standing: Standing) -> str:
    said = lane(standing)
    if standing.lane.stopped:
        return f"{said} It began {when(standing.trouble_since)}." if standing.trouble_since is not None else said
    if standing.place is None:
        return said or "It will be sent in a moment."
    place = "You are next" if standing.place == 1 else f"Place {standing.place} in line"
    soon = standing.place == 1 and (standing.wait or 0.0) < MOMENT
    if standing.wait is not None and not soon:
        place = f"{place}, {about(standing.wait)} to the start"
    if standing.usual is not None:
        place = f"{place}, then {'it usually takes' if soon else 'usually'} {between(*standing.usual)}"
    as_of = f" (as of {when(standing.as_of)})" if standing.as_of is not None else ""
    return f"{said} {place}{as_of}. You can cancel until it is sent.".lstrip()


def _being_made(job: Job, standing: Standing) -> str:
    if job.kind is JobKind.TRACK:
        begun = _since(f"Followed since {when(job.created_at)}", job.created_at, standing)
    else:
        started = job.submitted_at or job.created_at
        begun = _since(f"Started {when(started)}", started, standing)
    parts = (begun, PROVIDER[standing.progress], LOOKING.get(standing.lane, ""), "I'll post it here when it is finished.")
    return " ".join(part for part in parts if part)


def _since(begun: str, started: float, standing: Standing) -> str:
    """Add what may be expected of a job that has come as far as this."""
    if standing.usual is None:
        return f"{begun}."
    if standing.as_of is not None and standing.as_of - started >= standing.usual[1]:
        return f"{begun}; it takes longer than usual."
    return f"{begun}, usually done after {between(*standing.usual)}."


SENT_DIRECTLY = "The track is finished. I could not post it here, so I sent it to you in a direct message."
LAST_WORDS = "Discord lets me change this message for 15 minutes only. When the track is finished, fetch it with /jobs."


def provider_said(job: Job) -> str:
    """Quote the provider on a failure; moderation is quoted only privately."""
    if not job.provider_words or job.failure is Failure.CONTENT or job.state is not JobState.FAILED:
        return ""
    return f"It said: “{safe_text(job.provider_words)}”"


def moderation(job: Job) -> str:
    """Tell privately why the provider's moderation refused."""
    said = f"\n> {safe_text(job.provider_words)}" if job.provider_words else ""
    return f"The music service's moderation refused your request, and nothing was spent.{said}\nOther styles or another title may pass."


def source_line(job: Job) -> str:
    """Say what is continued, and from where."""
    name = safe_text(job.source_label, 80) if job.source_label else code(job.source_id or "")
    return f"{name} from {exact_seconds(job.continue_at or 0)}"


def kind_of(job: Job) -> str:
    """Name what was asked for."""
    return KINDS[job.kind]


LATE = "I could not write your request down in time, so nothing was sent and nothing was spent. Please try again in a moment."

REFUSALS: dict[type[EncoreError], str] = {
    NotAllowed: "Only the person who asked for this, or a moderator, can do that.",
    TooLate: "That is no longer possible: it has gone on in the meantime. /jobs shows how it stands.",
    NotFound: "That is no longer kept, so there is nothing to show or to change. /jobs shows what of yours is under way.",
    Removed: moderation_words.REMOVED,
    PrivateTrack: privacy_words.PRIVATE_TRACK,
    UnknownTrack: "I know no such track here, or no longer. /library lists those that you and this server know.",
    AudioGone: (
        "The audio of this track is gone: it is no longer kept here, nor in the message that showed it, and the music service "
        "deletes its files after about two weeks. What grew from it is still there."
    ),
    AudioAway: "Where the audio of this track lies can't be reached at the moment. Please try again in a minute.",
    AudioDamaged: "The audio of this track does not play: its file is damaged, or holds no sound. Nothing was changed.",
    WorkLost: "My work on the sound broke off before it was done, and nothing was made. Please try again; my operator's log says why.",
    NothingToJoin: "There is no join to hear: this track does not continue another one, or that one can't be heard here.",
    CannotStore: "I have no room for the file now, so nothing was made or posted. My operator has to make some; please try again later.",
    NotATrack: moderation_words.NOT_A_TRACK,
    ListGone: "That list is too old to turn its pages. /library shows it anew.",
    OnlyInServers: sharing_words.ONLY_IN_SERVERS,
    NotPublicYet: sharing_words.NOT_PUBLIC_YET,
    OwnTrack: sharing_words.OWN_TRACK,
    NotYourShare: sharing_words.NOT_YOUR_SHARE,
    NoTrackYet: "There is no track to continue here yet. **Show me how** tells how to get a first one.",
    ModeratorsOnly: "Only moderators of a server (Manage Messages) can see what all of it has used.",
    NotTheOperator: "Only the operator of this bot can do that.",
    Restarting: "I am about to be restarted and take no requests for a moment. Nothing was sent; please try again in a minute.",
    Busy: LATE,
    StoreUnavailable: LATE,
}


def refusal(error: EncoreError) -> str | None:
    """Say what is wrong and how to mend it; None for an error that people cannot mend."""
    match error:
        case BadOption():
            return f"{_field(error.field)}: {safe_text(error.problem)}\nFor example: {code_example(error.example)}"
        case TooManyInFlight():
            return too_many(error.limit)
        case ForbiddenWord():
            return moderation_words.forbidden_word(error, OPTION_NAMES.get(error.field, error.field))
        case CannotBlock() | CannotPublish() | CannotShare() | CannotTakePart() | NotFromHere():
            return _cannot(error)
        case CannotAttach():
            return _cannot_attach(error)
        case LimitReached():
            return limit_reached(error)
        case NotAdmitted() if (said := refusals.refusal(error)) is not None:
            return said
        case TooLongToSend():
            return too_long(error)
        case LanePaused():
            return key_words.paused(error, safe_text(error.why) if error.why else "")
        case KeyNotTaken():
            return key_words.not_taken(error.trouble, safe_text(error.words) if error.words else "")
        case _:
            return REFUSALS.get(type(error))


def too_long(error: TooLongToSend) -> str:
    """Say that a whole track cannot be sent here."""
    size = f"{error.limit / 1024 / 1024:.0f} MB"
    return f"{show_seconds(error.seconds)} of sound don't fit into the {size} that Discord takes here, even at the lowest bit rate of mine."


def _field(field: str) -> str:
    """Name what was typed wrongly; an option of a command also by the name under which Discord lists it."""
    if field in FIELD_NAMES:
        return f"**{FIELD_NAMES[field]}**"
    return f"**{OPTION_NAMES.get(field, field)}** (`{field}`)"


def _cannot(error: CannotBlock | CannotPublish | CannotShare | CannotTakePart | NotFromHere) -> str:
    match error:
        case CannotBlock():
            return moderation_words.CANNOT_BLOCK[error.why]
        case CannotPublish():
            return privacy_words.CANNOT_PUBLISH[error.why]
        case CannotShare():
            return sharing_words.cannot_share(error)
        case CannotTakePart():
            return session_words.refusal(error)
        case NotFromHere():
            return sharing_words.not_from_here(code(error.task_id))


def _cannot_attach(error: CannotAttach) -> str:
    if error.owner is not None:
        return f"That task is request {code(error.owner)}'s already. A task belongs to one request."
    if error.state is None:
        return "I know no request with that id, or no longer: the reply shows it under “Request”, and the log names it as the job."
    state = HEADINGS[JobState(error.state)]
    return f"That request takes no task: it is “{state}”. Only one of which it is not clear whether it started takes one."


def too_many(limit: int, *, listed: bool = False) -> str:
    """Say that a person has as many requests under way as one may have; `listed` tells that they are shown below."""
    under_way = "a request" if limit == 1 else f"{limit} requests"
    where = "One more fits when one of these is finished or cancelled:" if listed else "See them with /jobs."
    return f"You have {under_way} under way, which is as many as one person may have here. {where}"


def unexpected(reference: str) -> str:
    """Admit an error of ours, with the reference that the log has too."""
    return f"I could not do that. The reference `{reference}` tells the operator why; /jobs shows what of yours is under way."


def code_example(example: str) -> str:
    """Show an example as it would be typed."""
    bare = example.replace("`", "")
    return f"`{bare}`"
