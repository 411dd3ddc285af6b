"""The forms: what *Continue* and *Fix* open, and what becomes of them.

A form is answered by its custom_id like a button is, not by the object that was sent: it may be submitted to another
process than the one that opened it.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, cast

import discord

from bot.domain.clips import Clip
from bot.domain.jobs import Job
from bot.domain.requests import MAX_TAGS, MAX_TITLE, TypedRequest, last_start, show_seconds
from bot.errors import NotFound
from bot.ui import ids
from bot.ui.asking import ask
from bot.ui.client import encore

OPEN_FOR = 900.0
"""Seconds for which discord.py keeps a form that was opened; nothing of ours depends on it."""

_CONTINUE = re.compile(ids.template("continue-form", ids.JOB, ids.VARIANT, r"[A-Za-z0-9_-]+"))
_FIX = re.compile(ids.template("fix-form", r"[A-Za-z0-9_-]+"))


class Form(discord.ui.Modal):
    """A form whose custom_id is new at each opening: iOS shows the contents it first saw for one (discord-api-docs#7554)."""

    def __init__(self, title: str, *about: str) -> None:
        """`about` are the parts of the custom_id."""
        super().__init__(title=" ".join(title.split())[:45], custom_id=ids.make(*about, secrets.token_urlsafe(6)), timeout=OPEN_FOR)

    def ask(self, name: str, text: str, *, value: str, limit: int, required: bool = True, hint: str | None = None) -> None:
        """Add a field, named as the request parameter and prefilled."""
        field = discord.ui.TextInput[discord.ui.Modal](custom_id=name, default=value[:limit] or None, max_length=limit, required=required)
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


def fix_form(typed: Mapping[str, str]) -> Form:
    """Bring back what was typed, to be mended; each field holds whatever the option of /extend holds."""
    form = Form("Change the request", "fix-form")
    form.ask("continue_clip_id", "Track to continue", value=typed.get("continue_clip_id", ""), limit=300, hint="Its id, or its link.")
    form.ask("continue_at", "Start point", value=typed.get("continue_at", ""), limit=40, hint="Like 1:40, or end.")
    form.ask("tags", "Styles, separated by commas", value=typed.get("tags", ""), limit=1000)
    form.ask("title", "Title", value=typed.get("title", ""), limit=300, required=False)
    form.ask("model", "Model", value=typed.get("model", ""), limit=40, required=False)
    return form


async def submitted(interaction: discord.Interaction[discord.Client]) -> None:
    """Answer a form. Raises UserError, Busy."""
    custom_id, values = _read(interaction)
    if match := _CONTINUE.fullmatch(custom_id):
        _, clips = await encore(interaction).requests.tracks(match["job"])
        clip = next((clip for clip in clips if clip.variant == match["variant"]), None)
        if clip is None:
            msg = f"job {match['job']} has no track {match['variant']}"
            raise NotFound(msg)
        await ask(interaction, _typed({**values, "continue_clip_id": clip.clip_id}))
    elif _FIX.fullmatch(custom_id):
        await ask(interaction, _typed(values))
    else:
        msg = f"no form has the custom_id {custom_id!r}"
        raise NotFound(msg)


def _typed(values: Mapping[str, str]) -> TypedRequest:
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
