"""Text that people and providers may send, and what Discord allows around it."""

import re
from itertools import chain

import discord

from bot.ui.cards import Card
from bot.ui.sending import view_of

EVIL = "evil.example"

TEXTS = [
    "🎹" * 80,
    "👩‍👩‍👧‍👦" * 11,
    "موسيقى هادئة",
    "אהבה 7",
    "\u2067אהבה\u2069 \u202eanchor",
    "\u202egnp.exe\u202c \u2066abc",
    "**bold** __under__ ~~gone~~ ||spoiler|| *i* _j_",
    "# heading\n## h2\n-# small\n> quote\n>>> all\n- item\n1. one",
    "`code` ```block``` ``",
    "@everyone @here <@123456789012345678> <@&123456789012345678> <#123456789012345678> </x:1> <t:0:R> <:a:123456789012345678>",
    f"[free](https://{EVIL}/a) <x:/[free](https://{EVIL}/b)> https://{EVIL}/**c** <https://{EVIL}>",
    "\\" * 80,
    "\\`\\*\\[x](y)",
    "a" * 200,
    "*" * 200,
    "@everyone" * 22,
    "\u200b",
    "\u202e",
    "  \n\t ",
    "{job} %s {0}",
    "\u202e" + "x" * 79,
]

EMBEDS, EMBED_TOTAL, ROWS, BUTTONS, FILES = 10, 6000, 5, 5, 10


def check_limits(card: Card) -> None:
    """Hold a card against Discord's limits (Embed Limits, Component Reference, Create Message)."""
    assert len(card.content) <= 2000
    assert card.content or card.embeds
    assert len(card.embeds) <= EMBEDS
    assert sum(map(len, card.embeds)) <= EMBED_TOTAL
    for embed in card.embeds:
        assert len(embed.title or "") <= 256
        assert len(embed.description or "") <= 4096
        assert len(embed.footer.text or "") <= 2048
        assert len(embed.fields) <= 25
        for entry in embed.fields:
            assert 1 <= len((entry.name or "").strip()) <= 256
            assert 1 <= len((entry.value or "").strip()) <= 1024
    assert len(card.rows) <= ROWS
    custom_ids = [button.custom_id for button in chain(*card.rows)]
    assert len(set(custom_ids)) == len(custom_ids)
    for row in card.rows:
        assert 1 <= len(row) <= BUTTONS
        for button in row:
            assert 1 <= len(button.label) <= 80
            assert 1 <= len(button.custom_id) <= 100
    assert (view_of(card) is not None) is bool(card.rows)
    assert len(card.attachments) <= FILES
    names = [attachment.filename for attachment in card.attachments]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[^/\\\x00-\x1f:*?\"<>|\u202a-\u202e]{1,100}", name), name


def texts_of(card: Card) -> list[str]:
    """List everything in a card that people read."""
    embeds = chain.from_iterable(
        [
            embed.title,
            embed.description,
            embed.footer.text,
            *(entry.name for entry in embed.fields),
            *(entry.value for entry in embed.fields),
        ]
        for embed in card.embeds
    )
    return [text for text in (card.content, *embeds, *(button.label for button in chain(*card.rows))) if text]


def as_rendered(text: str) -> str:
    """Take out what a backslash escapes and what is in a code span, as Discord does."""
    return re.sub(r"`[^`]*`", "", re.sub(r"\\[^0-9A-Za-z\s]", "", text))


def check_harmless(text: str) -> None:
    """See that none of the hostile texts has kept its power. Our own text is bold and links to Discord and to the audio."""
    bare = re.sub("\u2068([^\u202a-\u202e\u2066-\u2069]*)\u2069", r"\1", as_rendered(text))
    for power in (
        "](https://evil",
        "https://evil",
        "@everyone",
        "@here",
        "<@&",
        "<#",
        "</",
        "<:",
        "<t:0",
        "`",
        "__",
        "~~",
        "||",
        "*i*",
        "_j_",
    ):
        assert power not in bare, (power, text)
    assert "**bold**" not in bare
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", bare)
    assert not re.search(r"^(#|>|-)", bare, re.MULTILINE) or bare.startswith("> "), text


def labels_of(modal: discord.ui.Modal) -> list[discord.ui.Label[discord.ui.Modal]]:
    """List a form's fields."""
    return [child for child in modal.children if isinstance(child, discord.ui.Label)]
