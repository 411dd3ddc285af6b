"""What /export answers: a file, and what is in it."""

import asyncio
import io
import logging
from dataclasses import replace
from enum import StrEnum

import discord

from bot.domain.export import Export, Of
from bot.domain.requests import EXAMPLE_ID, parse_track
from bot.errors import BadOption
from bot.ui import export_files
from bot.ui.asking import viewer_of
from bot.ui.cards import COLOUR, QUIET, REQUEST_LIMIT, WARNING, Card, Document
from bot.ui.client import encore, services
from bot.ui.export_files import Packed
from bot.ui.help_card import SHOW_ME_HOW
from bot.ui.sending import answer_privately

log = logging.getLogger(__name__)

TOO_LARGE = 413
"""HTTP status: the attachments are above the upload limit."""


class Form(StrEnum):
    """In which form tracks are taken out."""

    M3U8 = "M3U8"
    JSON = "JSON"
    ZIP = "zip"


async def answer(interaction: discord.Interaction[discord.Client], of: Of, track: str, form: Form) -> None:
    """Answer privately with a file. Raises BadOption, NoTrackYet, UnknownTrack, Removed, StoreUnavailable."""
    if of is Of.FAMILY and not track.strip():
        raise BadOption("track", "Name the track whose family you want: pick it from the list.", EXAMPLE_ID)
    clip_id = parse_track(track) if of is Of.FAMILY else ""
    await interaction.response.defer(ephemeral=True, thinking=True)
    exporting, viewer = services(interaction).exporting, viewer_of(interaction)
    export = await (exporting.family(clip_id, viewer) if of is Of.FAMILY else exporting.mine(viewer))
    if not export.entries:
        await answer_privately(interaction, nothing())
    elif form is Form.ZIP:
        await _answer_with_audio(interaction, export)
    else:
        await _answer_with_list(interaction, export, form, card(export, form))


async def _answer_with_list(interaction: discord.Interaction[discord.Client], export: Export, form: Form, shown: Card) -> None:
    write = export_files.as_json if form is Form.JSON else export_files.as_m3u8
    data = await asyncio.to_thread(write, export)
    await answer_privately(interaction, replace(shown, documents=(_document(export, form, data),)))


async def _answer_with_audio(interaction: discord.Interaction[discord.Client], export: Export) -> None:
    """Send the audio, or say why that cannot be, with the list in its place."""
    limit = min(interaction.filesize_limit, REQUEST_LIMIT)
    media_path = encore(interaction).media_path
    try:
        if not await asyncio.to_thread(export_files.kept, export, media_path):
            await _answer_with_list(interaction, export, Form.M3U8, without_audio(export, "I keep none of the audio here any more."))
            return
        packed = await asyncio.to_thread(export_files.pack, export, media_path, limit=limit)
    except OSError as error:
        log.warning("interaction %d: the audio could not be packed: %s", interaction.id, error)
        await _answer_with_list(interaction, export, Form.M3U8, without_audio(export, "I could not pack the audio just now."))
        return
    if packed is None or not await _sent(interaction, export, packed):
        why = f"The audio is more than fits here ({limit / 1024 / 1024:.0f} MB)."
        await _answer_with_list(interaction, export, Form.M3U8, without_audio(export, why))


async def _sent(interaction: discord.Interaction[discord.Client], export: Export, packed: Packed) -> bool:
    """Send an archive, which is closed then; False where Discord finds it too large."""
    shown = card(export, Form.ZIP, missing=len(packed.missing))
    try:
        await answer_privately(interaction, replace(shown, documents=(_document(export, Form.ZIP, packed.file),)))
    except discord.HTTPException as error:
        if error.status != TOO_LARGE:
            raise
        return False
    finally:
        packed.file.close()
    return True


def _document(export: Export, form: Form, content: bytes | io.BufferedIOBase) -> Document:
    return Document(content, f"encore-{export.of}.{form.lower()}", _TITLES[export.of])


_TITLES = {Of.MINE: "Your tracks", Of.FAMILY: "A track's family"}
_WORDS = {
    Form.M3U8: "A playlist. The music service keeps audio for about two weeks; older tracks lead to the message that shows them.",
    Form.JSON: "Everything that is known of them, for other programs. Links to audio work for about two weeks.",
    Form.ZIP: "The audio, with a playlist.",
}


def card(export: Export, form: Form, *, missing: int = 0) -> Card:
    """Say what is in the file."""
    lines = [_WORDS[form]]
    if missing:
        lines.append(f"Of {_count(missing)} I keep no audio here any more: the other forms have links.")
    return _card(export, lines, COLOUR)


def without_audio(export: Export, why: str) -> Card:
    """Say why there is a list in place of the audio."""
    return _card(export, [f"{why} Here is the list instead.", _WORDS[Form.M3U8]], WARNING)


def _card(export: Export, lines: list[str], colour: int) -> Card:
    if export.cut:
        lines.append("There are more than I take out at once.")
    embed = discord.Embed(title=f"{_TITLES[export.of]} · {_count(len(export.entries))}", description="\n".join(lines), colour=colour)
    return Card(embeds=(embed,))


def _count(number: int) -> str:
    return "1 track" if number == 1 else f"{number} tracks"


def nothing() -> Card:
    """Say that there is nothing to take out, and what to do next."""
    embed = discord.Embed(
        title="Nothing to take with you yet", description="None of your requests has brought a track so far.", colour=QUIET
    )
    return Card(embeds=(embed,), rows=((SHOW_ME_HOW,),))
