"""The custom_id of every control: `name:version:what it is about`. State stays in the store, so every button outlives a restart."""

VERSION = 1

JOB = r"(?P<job>[a-z0-9]{1,25})"
VARIANT = r"(?P<variant>[A-Z0-9]{1,3})"
DRAFT = r"(?P<draft>[A-Za-z0-9_-]{1,16})"
PAGE = r"(?P<page>\d{1,3})"


def make(name: str, *parts: str | int) -> str:
    """Make a control's custom_id."""
    return ":".join((name, str(VERSION), *map(str, parts)))


def template(name: str, *parts: str) -> str:
    """Make the pattern that recognises a control's custom_id."""
    return ":".join((name, str(VERSION), *parts))


def mentions_job(custom_id: str, job_id: str) -> bool:
    """Tell whether a control belongs to this job."""
    return job_id in custom_id.split(":")[2:]
