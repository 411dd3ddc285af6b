"""The custom_id of every control: `name:version:what it is about`. State stays in the store, so every button outlives a restart."""

import re

VERSION = 1

JOB = r"(?P<job>[a-z0-9]{1,25})"
VARIANT = r"(?P<variant>[A-Z0-9]{1,3})"
CLIP = r"(?P<clip>[A-Za-z0-9_-]{6,64})"
POST = r"(?P<post>[a-z0-9]{1,25})"
DRAFT = r"(?P<draft>[A-Za-z0-9_-]{1,16})"
PAGE = r"(?P<page>\d{1,3})"
AT = r"(?P<at>\d{1,5}(?:\.\d{1,3})?)"
"""Seconds into a track."""
NONCE = r"[A-Za-z0-9_-]+"
"""What makes a form's custom_id new."""
TOPIC = r"(?P<topic>[a-z]{1,16})"


def make(name: str, *parts: str | int) -> str:
    """Make a control's custom_id."""
    return ":".join((name, str(VERSION), *map(str, parts)))


def template(name: str, *parts: str) -> str:
    """Make the pattern that recognises a control's custom_id."""
    return ":".join((name, str(VERSION), *parts))


def job_of(custom_id: str) -> str | None:
    """Read the id of the job that a control seems to be about: whether there is such a job, the store knows."""
    parts = custom_id.split(":")
    return parts[2] if len(parts) > 2 and re.fullmatch(JOB, parts[2]) else None  # noqa: PLR2004 - name, version, what it is about


def post_of(custom_id: str) -> str | None:
    """Read the id of the post that a control is about: *Vote* stands under each share."""
    found = re.fullmatch(template("vote", POST), custom_id)
    return None if found is None else found["post"]


ABOUT_CLIPS = frozenset(("change", "entry", "family", "favourite", "go-on", "join", "play", "same", "share", "start-at", "whole"))
"""Names of the controls that are about one track."""


def clip_of(custom_id: str) -> str | None:
    """Read the id of the track that a control is about."""
    name, _, rest = custom_id.partition(":")
    clip_id = rest.partition(":")[2].partition(":")[0]
    return clip_id if name in ABOUT_CLIPS and re.fullmatch(CLIP, clip_id) else None


def mentions_job(custom_id: str, job_id: str) -> bool:
    """Tell whether a control belongs to this job."""
    return job_id in custom_id.split(":")[2:]
