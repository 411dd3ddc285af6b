"""Words that people see: the glossary of the interface, and what each error says.

Everything here is plain text of ours; foreign text goes through `safe_text` first.
"""

import re
from urllib.parse import quote

import discord

from bot.domain.jobs import Failure, Job, JobKind, JobState
from bot.domain.requests import exact_seconds
from bot.domain.standing import LaneCondition, Standing
from bot.errors import (
    BadOption,
    Busy,
    EncoreError,
    LanePaused,
    NotAllowed,
    NotFound,
    Restarting,
    StoreUnavailable,
    TooLate,
    TooManyInFlight,
)

_NOT_CODE = re.compile(r"[`\s]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of the text that follows, ours included (Unicode, UAX #9: explicit formatting)."""
_MARKUP = re.compile(r"[\\`*_~|\[\]<>]|^[#-]|(?<=:)//")
_NOT_IN_LINKS = re.compile(r"[\s()<>\[\]\\]")

MAX_LINK = 512
"""Characters of an address that is shown as a link; four of them leave room for the words beside them (Embed Limits)."""

OPTION_NAMES = {
    "continue_clip_id": "Track to continue",
    "continue_at": "Start point",
    "tags": "Styles",
    "title": "Title",
    "model": "Model",
    "task_id": "Task",
}
"""What the request parameters are called where there is room for a name."""

LANE = {
    LaneCondition.WORKING: "",
    LaneCondition.SLOWED: "The music service asks us to go slower. Nothing is lost: your place is kept.",
    LaneCondition.UNREACHABLE: "The music service doesn't answer at the moment. Nothing is lost: your place is kept.",
    LaneCondition.KEY_REFUSED: "The music service refuses this bot's key. Its operator has to mend that; your place is kept.",
    LaneCondition.NO_CREDITS: "This bot's credits at the music service are used up. Its operator has to renew them; your place is kept.",
}

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

USUAL = "usually 1½ to 3 minutes"
"""Observed at providers of this family: 85, 100, 124, 172 s (API.md)."""


def safe_text(text: str, limit: int = 300) -> str:
    """Make foreign text harmless: one line, no markup, no links, no mentions, at most `limit` characters before escaping.

    `discord.utils.escape_markdown` will not do: it leaves what looks like a link, and what is in it, as it was.
    """
    line = " ".join(_BIDI.sub("", text).split())
    short = line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
    return discord.utils.escape_mentions(_MARKUP.sub(r"\\\g<0>", short)) or "–"


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


def when(epoch: float) -> str:
    """Write a moment so that Discord keeps it current: "2 minutes ago"."""
    return f"<t:{int(epoch)}:R>"


def about(seconds: float) -> str:
    """Write a wait roughly: "about 40 s", "about 3 min"."""
    if seconds < 90:  # noqa: PLR2004 - below a minute and a half, seconds say more
        return f"about {max(5, 5 * round(seconds / 5))} s"
    return f"about {round(seconds / 60)} min"


def heading(job: Job) -> str:
    """Name the job's state."""
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
    if job.hidden:
        return _hidden(job)
    if job.state is JobState.QUEUED:
        return _in_line(standing)
    if job.state is JobState.GENERATING:
        return f"Started {when(job.submitted_at or job.created_at)}, {USUAL}. I'll post it here when it is finished."
    if job.state is JobState.FAILED:
        return FAILURES[job.failure or Failure.GENERATION]
    return PROGRESS[job.state]


def _hidden(job: Job) -> str:
    if job.state in (JobState.FAILED, JobState.UNKNOWN, JobState.STALLED):
        return "Nothing more is shown of this request."
    if job.state in (JobState.READY, JobState.DELIVERED):
        return "It is finished. Its tracks are in the list of /extend."
    return "Nothing more is posted here. When it is finished, its tracks are in the list of /extend."


def _in_line(standing: Standing) -> str:
    if standing.lane is not LaneCondition.WORKING:
        return LANE[standing.lane]
    if standing.place is None:
        return "It will be sent in a moment."
    if standing.place == 1:
        return "You are next."
    wait = f", {about(standing.wait)} to the start" if standing.wait else ""
    return f"Place {standing.place} in line{wait}, then {USUAL}. You can cancel until it is sent."


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
    return "Track" if job.kind is JobKind.TRACK else "Extension"


LATE = "I could not write your request down in time, so nothing was sent and nothing was spent. Please try again in a moment."

REFUSALS: dict[type[EncoreError], str] = {
    NotAllowed: "Only the person who asked for this, or a moderator, can do that.",
    TooLate: "That is no longer possible: it has gone on in the meantime. /jobs shows how it stands.",
    NotFound: "I can't find that any more.",
    Restarting: "I am about to be restarted and take no requests for a moment. Nothing was sent; please try again in a minute.",
    Busy: LATE,
    StoreUnavailable: LATE,
}


def refusal(error: EncoreError) -> str | None:
    """Say what is wrong and how to mend it; None for an error that people cannot mend."""
    match error:
        case BadOption():
            name = OPTION_NAMES.get(error.field, error.field)
            return f"**{name}** (`{error.field}`): {safe_text(error.problem)}\nFor example: {code_example(error.example)}"
        case TooManyInFlight():
            under_way = "a request" if error.limit == 1 else f"{error.limit} requests"
            return f"You have {under_way} under way, which is as many as one person may have here. See them with /jobs."
        case LanePaused():
            return LANE_REFUSALS[LaneCondition(error.reason)]
        case _:
            return REFUSALS.get(type(error))


LANE_REFUSALS = {
    LaneCondition.KEY_REFUSED: "I can't take requests now: the music service refuses my key. My operator must mend that.",
    LaneCondition.NO_CREDITS: "I can't take requests now: my credits at the music service are used up. My operator must renew them.",
}


def unexpected(reference: str) -> str:
    """Admit an error of ours, with the reference that the log has too."""
    return f"I could not do that. The reference `{reference}` tells the operator why; /jobs shows what of yours is under way."


def code_example(example: str) -> str:
    """Show an example as it would be typed."""
    bare = example.replace("`", "")
    return f"`{bare}`"
