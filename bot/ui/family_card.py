"""A family as a card: the picture, the same in words, a way to its other tracks, and what can be done with the chosen one."""

from collections.abc import Mapping, Sequence

import discord

from bot.domain.actors import NOBODY, SOMEONE
from bot.domain.family import Kin, Row, Tree, rows
from bot.domain.requests import exact_seconds
from bot.domain.viewing import Seen
from bot.ui import ids, words
from bot.ui.cards import COLOUR, MAX_TITLE, Button, Card, Option, Picture, Select
from bot.ui.family_picture import UNSEEN, draw, facts
from bot.ui.whole_card import joint_button, whole_button

PICTURE = "family.png"
JUMP = "family-jump"
"""Names of the controls (`ui/family_controls.py`)."""
ENTRY, SHARE = "entry", "share"
"""Names of controls that belong to other cards."""

MAX_TEXT = 4000
"""Characters of the list; an embed's description holds 4096 (Embed Limits)."""
MAX_ALT = 1024
"""Characters of a picture's description (Attachment Structure)."""
MAX_OPTIONS, MAX_OPTION = 25, 100
"""Options of a select, and characters of a label (String Select)."""
DEEPEST = 10
"""Steps by which a line of the list is set in at most: on a phone, more leave no room for words. Deeper ones are numbered."""


def card(tree: Tree, drawn: Sequence[Row], names: Mapping[int, str]) -> Card:
    """Show what is drawn of a family, with what people are called in pictures; drawing takes some tenths of a second."""
    chosen = tree.chosen
    embed = discord.Embed(title=f"Family of {_named(chosen, 100)}"[:MAX_TITLE], description=in_lines(tree, drawn), colour=COLOUR)
    embed.set_image(url=f"attachment://{PICTURE}")
    if tree.cut:
        embed.set_footer(text="It has more tracks than I look at: these are the nearest.")
    picture = Picture(draw(drawn, tree.chosen_id, names), PICTURE, in_words(tree, drawn, names))
    others = _others(tree, drawn)
    return Card(embeds=(embed,), selects=(others,) if len(others.options) > 1 else (), rows=(_buttons(tree),), pictures=(picture,))


def _named(kin: Kin, limit: int) -> str:
    return f"{kin.clip.variant} · {words.safe_text(kin.clip.title.strip() or 'Untitled', limit)}"


def _bare(kin: Kin, limit: int) -> str:
    variant = f"{kin.clip.variant} · "
    return variant + words.isolated(words.bare_text(kin.clip.title, limit - len(variant) - 2) or "Untitled")


def in_lines(tree: Tree, drawn: Sequence[Row]) -> str:
    """Write the tree as a list, a line a track, the path to the chosen one in bold."""
    written: list[str] = []
    room = MAX_TEXT
    for number, row in enumerate(drawn):
        line = _line(row, chosen=row.knot is not None and row.knot.clip_id == tree.chosen_id)
        room -= len(line) + 1
        if room < 0:
            left = sum(rest.more or int(rest.knot is not None and rest.knot.kin is not None) for rest in drawn[number:])
            return "\n".join([*written, f"… and {left} more"])
        written.append(line)
    return "\n".join(written)


def _line(row: Row, *, chosen: bool) -> str:
    before = _set_in(row.depth)
    if row.knot is None:
        return f"{before}+{row.more} more"
    kin = row.knot.kin
    if kin is None:
        return f"{before}*{UNSEEN[row.knot.seen]}*"
    title = f"**{_named(kin, 40)}**" if row.on_path else _named(kin, 40)
    who = SOMEONE if kin.clip.user_id == NOBODY else f"<@{kin.clip.user_id}>"
    return f"{before}{'▶ ' if chosen else ''}{title} · {who} · {facts(kin, is_root=row.parent is None)}"


def _set_in(depth: int) -> str:
    steps = max(depth - 1, 0)
    if steps > DEEPEST:
        return "\u2002" * DEEPEST + f"↳ {depth} steps down · "
    return "\u2002" * steps + ("└ " if depth else "")


def in_words(tree: Tree, drawn: Sequence[Row], names: Mapping[int, str]) -> str:
    """Say what the picture shows, for who cannot see it: the path first, then what stands beside it."""
    count = len(tree.shown)
    path = ", then ".join(_spoken(row, names) for row in drawn if row.on_path)
    beside = [_spoken(row, names) for row in drawn if row.knot is not None and not row.on_path]
    said = f"A family tree of {count} {'track' if count == 1 else 'tracks'}. The path to the chosen one: {path}."
    whole = f"{said} Beside it: {'; '.join(beside)}." if beside else said
    return whole if len(whole) <= MAX_ALT else whole[: MAX_ALT - 1] + "…"


def _spoken(row: Row, names: Mapping[int, str]) -> str:
    kin = row.knot.kin if row.knot is not None else None
    if kin is None:
        return UNSEEN[row.knot.seen if row.knot is not None else Seen.PRIVATE]
    begins = "" if row.parent is None else f", from {exact_seconds(kin.clip.continued_at or 0)}"
    return f"{_bare(kin, 60)} by {words.isolated(words.bare_text(names.get(kin.clip.user_id, SOMEONE), 40)) or SOMEONE}{begins}"


def _others(tree: Tree, drawn: Sequence[Row]) -> Select:
    """Offer the tracks that are drawn, the chosen one and those nearest to it if they are too many."""
    shown = [(row, row.knot.kin) for row in drawn if row.knot is not None and row.knot.kin is not None]
    at = next(number for number, (_, kin) in enumerate(shown) if kin.clip.clip_id == tree.chosen_id)
    first = max(0, min(at - MAX_OPTIONS // 2, len(shown) - MAX_OPTIONS))
    options = [
        Option(kin.clip.clip_id, _bare(kin, MAX_OPTION), words.bare_text(facts(kin, is_root=row.parent is None), MAX_OPTION))
        for row, kin in shown[first : first + MAX_OPTIONS]
    ]
    return Select(custom_id=ids.make(JUMP), placeholder="Show another track of it", options=tuple(options), chosen=(tree.chosen_id,))


def _buttons(tree: Tree) -> tuple[Button, ...]:
    clip_id = tree.chosen_id
    is_child = len(tree.path) > 1
    return (
        Button(ids.make("go-on", clip_id), "Continue", discord.ButtonStyle.primary),
        whole_button(clip_id),
        *((joint_button(clip_id),) if is_child else ()),
        Button(ids.make(ENTRY, clip_id), "Open"),
        Button(ids.make(SHARE, clip_id), "Share"),
    )


def drawn(tree: Tree) -> tuple[list[Row], list[Kin]]:
    """Choose what is drawn of a tree; tell also the tracks of whose people a name is needed."""
    chosen = rows(tree)
    return chosen, [row.knot.kin for row in chosen if row.knot is not None and row.knot.kin is not None]
