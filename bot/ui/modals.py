"""The forms: what *Continue* and *Fix* open, and what becomes of them.

A form is answered by its custom_id like a button is, not by the object that was sent: it may be submitted to another
process than the one that opened it.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import discord

from bot.domain.admission import Act
from bot.domain.clips import Clip
from bot.domain.jobs import Job, JobKind
from bot.domain.requests import EXAMPLE_TAGS, MAX_TAGS, MAX_TITLE, TypedCreate, TypedRequest, last_start, show_seconds
from bot.domain.starters import Starter
from bot.errors import NotFound
from bot.ui import ids, words
from bot.ui.asking import admit, ask, ask_track
from bot.ui.client import services

OPEN_FOR = 900.0
"""Seconds for which discord.py keeps a form that was opened; nothing of ours depends on it."""

MAX_FORM_TITLE = 45
"""Characters of a form's title (Modal)."""

_CONTINUE = re.compile(ids.template("continue-form", ids.JOB, ids.VARIANT, r"[A-Za-z0-9_-]+"))
_FIX = re.compile(ids.template("fix-form", r"[A-Za-z0-9_-]+"))
_START = re.compile(ids.template("start-form", ids.CLIP, r"[A-Za-z0-9_-]+"))
_CREATE = re.compile(ids.template("create-form", r"[A-Za-z0-9_-]+"))
_TRACK = re.compile(ids.template("track-form", r"[A-Za-z0-9_-]+"))


class Form(discord.ui.Modal):
    """A form whose custom_id is new at each opening: iOS shows the contents it first saw for one (discord-api-docs#7554)."""

    def __init__(self, title: str, *about: str) -> None:
        """`about` are the parts of the custom_id."""
        super().__init__(
            title=words.bare_text(title, MAX_FORM_TITLE), custom_id=ids.make(*about, secrets.token_urlsafe(6)), timeout=OPEN_FOR
        )

    def ask(
        self, name: str, text: str, *, value: str, limit: int, required: bool = True, hint: str | None = None, long: bool = False
    ) -> None:
        """Add a field, named as the request parameter and prefilled; a `long` one has several lines."""
        field = discord.ui.TextInput[discord.ui.Modal](
            custom_id=name,
            style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
            default=value[:limit] or None,
            max_length=limit,
            required=required,
        )
        self.add_item(discord.ui.Label(text=text, description=hint, component=field))

    async def on_submit(self, interaction: discord.Interaction[discord.Client], /) -> None:
        """Leave the answer to `submitted`, which every process has."""


def continue_form(job: Job, clip: Clip) -> Form:
    """Ask how to go on from a track: its own styles and title, from its end."""
    form = Form(f"Continue {clip.variant} · {clip.title}", "continue-form", job.id, clip.variant)
    end = show_seconds(last_start(clip.seconds))
    form.ask("continue_at", "Start point", value=end, limit=20, hint=f"The track is {show_seconds(clip.seconds)} long.")
    form.ask("tags", "Styles, separated by commas", value=clip.tags, limit=MAX_TAGS + 100, hint="The same styles continue smoothly.")
    form.ask("title", "Title", value=clip.title[:MAX_TITLE], limit=MAX_TITLE, required=False)
    return form


def start_form(starter: Starter) -> Form:
    """Ask how to go on from a starter, with everything filled in: whoever has never done this needs only send it."""
    known = starter.source
    form = Form(f"Continue {starter.label}", "start-form", starter.clip_id)
    hint = f"The track is {show_seconds(known.seconds)} long." if known else "Like 1:40."
    form.ask("continue_at", "Start point", value=show_seconds(last_start(known.seconds)) if known else "", limit=20, hint=hint)
    styles = (known.tags if known else "") or EXAMPLE_TAGS
    form.ask("tags", "Styles, separated by commas", value=styles, limit=MAX_TAGS + 100, hint="What it should sound like.")
    form.ask("title", "Title", value=known.title[:MAX_TITLE] if known else "", limit=MAX_TITLE, required=False)
    return form


def create_form(typed: Mapping[str, str]) -> Form:
    """Ask for a first track, or bring back what was typed for one; each field holds whatever the option of /create holds."""
    form = Form("Make a first track", "create-form")
    styles = typed.get("tags", EXAMPLE_TAGS)
    form.ask("tags", "Styles, separated by commas", value=styles, limit=1000, hint="What it should sound like.")
    form.ask("title", "Title", value=typed.get("title", ""), limit=300, required=False, hint="Without one, the styles name it.")
    if typed:
        form.ask("model", "Model", value=typed.get("model", ""), limit=40, required=False)
    return form


def track_form(typed: Mapping[str, str]) -> Form:
    """Ask for a task made elsewhere, or bring back what was typed for one."""
    form = Form("Take in a task", "track-form")
    hint = "As the music service, or a reply of mine, shows it."
    form.ask("task_id", "Task id", value=typed.get("task_id", ""), limit=300, hint=hint)
    return form


def fix_form(typed: Mapping[str, str]) -> Form:
    """Bring back what was typed, to be mended; each field holds whatever the option of the command holds.

    `kind` (JobKind) tells which command that was: /create, /track, or else /extend.
    """
    if typed.get("kind") == JobKind.TRACK:
        return track_form(typed)
    if typed.get("kind") == JobKind.CREATE:
        return create_form(typed)
    form = Form("Change the request", "fix-form")
    form.ask("continue_clip_id", "Track to continue", value=typed.get("continue_clip_id", ""), limit=300, hint="Its id, or its link.")
    form.ask("continue_at", "Start point", value=typed.get("continue_at", ""), limit=40, hint="Like 1:40, or end.")
    form.ask("tags", "Styles, separated by commas", value=typed.get("tags", ""), limit=1000)
    form.ask("title", "Title", value=typed.get("title", ""), limit=300, required=False)
    form.ask("model", "Model", value=typed.get("model", ""), limit=40, required=False)
    return form


Values = Mapping[str, str]
"""What was typed into a form, by the fields' names."""


@dataclass(frozen=True, slots=True)
class FormKind:
    """How a kind of form is recognised by its custom_id, what sending it amounts to, and what answers it."""

    template: re.Pattern[str]
    act: Act
    answer: Callable[[discord.Interaction[discord.Client], re.Match[str], Values], Awaitable[None]]


async def submitted(interaction: discord.Interaction[discord.Client], kinds: Sequence[FormKind]) -> None:
    """Answer a form of one of these kinds, if its person may still send it. Raises UserError, Busy."""
    custom_id, values = _read(interaction)
    for kind in kinds:
        if match := kind.template.fullmatch(custom_id):
            await admit(interaction, kind.act)
            await kind.answer(interaction, match, values)
            return
    msg = f"no form has the custom_id {custom_id!r}"
    raise NotFound(msg)


async def _continue(interaction: discord.Interaction[discord.Client], about: re.Match[str], values: Values) -> None:
    _, clips = await services(interaction).handling.tracks(about["job"], interaction.user.id)
    clip = next((clip for clip in clips if clip.variant == about["variant"]), None)
    if clip is None:
        msg = f"job {about['job']} has no track {about['variant']}"
        raise NotFound(msg)
    await ask(interaction, _typed({**values, "continue_clip_id": clip.clip_id}))


async def _fix(interaction: discord.Interaction[discord.Client], _about: re.Match[str], values: Values) -> None:
    await ask(interaction, _typed(values))


async def _start(interaction: discord.Interaction[discord.Client], about: re.Match[str], values: Values) -> None:
    await ask(interaction, _typed({**values, "continue_clip_id": about["clip"]}))


async def _create(interaction: discord.Interaction[discord.Client], _about: re.Match[str], values: Values) -> None:
    await ask(interaction, TypedCreate(tags=values.get("tags", ""), title=values.get("title", ""), model=values.get("model", "")))


async def _track(interaction: discord.Interaction[discord.Client], _about: re.Match[str], values: Values) -> None:
    await ask_track(interaction, values.get("task_id", ""))


FORMS = (
    FormKind(_CONTINUE, Act.SPEND, _continue),
    FormKind(_FIX, Act.SPEND, _fix),
    FormKind(_START, Act.SPEND, _start),
    FormKind(_CREATE, Act.SPEND, _create),
    FormKind(_TRACK, Act.LOOK, _track),
)
"""The forms that lead to a request."""


def _typed(values: Values) -> TypedRequest:
    return TypedRequest(
        continue_clip_id=values.get("continue_clip_id", ""),
        continue_at=values.get("continue_at", ""),
        tags=values.get("tags", ""),
        title=values.get("title", ""),
        model=values.get("model", ""),
    )


def _read(interaction: discord.Interaction[discord.Client]) -> tuple[str, dict[str, str]]:
    data = cast("Mapping[str, Any]", interaction.data or {})
    fields = _fields(data.get("components", []))
    return str(data.get("custom_id", "")), {str(field["custom_id"]): str(field.get("value") or "") for field in fields}


def _fields(components: object) -> Iterator[Mapping[str, Any]]:
    """Find the inputs, whatever row or label they are in."""
    for component in cast("list[Mapping[str, Any]]", components):
        if "custom_id" in component:
            yield component
        if "component" in component:
            yield from _fields([component["component"]])
        yield from _fields(component.get("components", []))
