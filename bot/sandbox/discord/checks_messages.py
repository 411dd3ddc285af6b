"""Discord's rules for a message's text, embeds and mentions.

Limits: the pages "Create Message" and "Embed Limits" of Discord's API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.sandbox.discord.checks_components import check_components
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.world import JsonObject, MessageFlag

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_CONTENT = 2000
MAX_EMBEDS = 10
MAX_EMBED_TEXT = 6000
MAX_ATTACHMENTS = 10
MAX_NONCE = 25
MENTION_KINDS = ("users", "roles", "everyone")


def check_message(body: JsonObject, *, flags: MessageFlag, uploads: int, attached: Collection[int] = (), at: str = "") -> None:
    """Raise Refusal 50035 unless Discord would take this message body.

    `flags` are those the message will have, `uploads` the number of files sent along, `attached` the ids of files it has already,
    `at` the path of the message inside the body ("data." in an interaction's callback).
    """
    form = Form()
    layout = MessageFlag.IS_COMPONENTS_V2 in flags
    form.text(f"{at}content", body.get("content"), most=MAX_CONTENT)
    check_embeds(form, f"{at}embeds", body.get("embeds"))
    components = form.items(f"{at}components", body.get("components"), most=40 if layout else 5)
    check_components(form, components, layout=layout)
    if layout:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(key):
                words = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                form.complain(f"{at}{key}", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)
    _check_attachments(form, f"{at}attachments", body.get("attachments"), uploads, attached)
    _check_allowed_mentions(form, f"{at}allowed_mentions", body.get("allowed_mentions"))
    nonce = body.get("nonce")
    if isinstance(nonce, str):
        form.text(f"{at}nonce", nonce, most=MAX_NONCE)
    elif nonce is not None and (isinstance(nonce, bool) or not isinstance(nonce, int)):
        form.complain(f"{at}nonce", "UNION_TYPE_CHOICES", "Value must be a string or an integer.")
    form.close()


def check_embeds(form: Form, path: str, value: object) -> None:
    """Check embeds one by one and their text together."""
    total = 0
    for index, embed in enumerate(form.items(path, value, most=MAX_EMBEDS)):
        total += _check_embed(form, f"{path}.{index}", embed)
    if total > MAX_EMBED_TEXT:
        form.complain(path, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}")


def _check_embed(form: Form, path: str, embed: JsonObject) -> int:
    texts = [
        form.text(f"{path}.title", embed.get("title"), most=256),
        form.text(f"{path}.description", embed.get("description"), most=4096),
        form.text(f"{path}.footer.text", _part(embed, "footer").get("text"), most=2048),
        form.text(f"{path}.author.name", _part(embed, "author").get("name"), most=256),
    ]
    for index, field in enumerate(form.items(f"{path}.fields", embed.get("fields"), most=25)):
        texts.append(form.text(f"{path}.fields.{index}.name", field.get("name"), least=1, most=256, required=True))
        texts.append(form.text(f"{path}.fields.{index}.value", field.get("value"), least=1, most=1024, required=True))
    for key in ("image", "thumbnail"):
        if key in embed:
            form.text(f"{path}.{key}.url", _part(embed, key).get("url"), least=1, most=2048, required=True)
    form.whole(f"{path}.color", embed.get("color"), 0, 0xFFFFFF)
    return sum(map(len, texts))


def _part(embed: JsonObject, key: str) -> JsonObject:
    value = embed.get(key)
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def _check_attachments(form: Form, path: str, value: object, uploads: int, attached: Collection[int]) -> None:
    listed = form.items(path, value, most=MAX_ATTACHMENTS)
    kept = 0
    for index, item in enumerate(listed):
        form.text(f"{path}.{index}.description", item.get("description"), most=1024)
        form.text(f"{path}.{index}.filename", item.get("filename"), most=1024)
        found = str(item.get("id", ""))
        known = found.isdecimal() and (int(found) < uploads or int(found) in attached)
        kept += known and int(found) in attached
        if not known:
            form.complain(f"{path}.{index}.id", "ATTACHMENT_NOT_FOUND", f"Attachment data for {found or 'this entry'} was not found")
    if value is None:
        kept = len(attached)
    if kept + uploads > MAX_ATTACHMENTS and len(listed) <= MAX_ATTACHMENTS:
        form.length(path, 0, MAX_ATTACHMENTS)


def _check_allowed_mentions(form: Form, path: str, value: object) -> None:
    if not isinstance(value, dict):
        return
    rules = cast("JsonObject", value)
    parse = form.array(f"{path}.parse", rules.get("parse"), most=3)
    for index, kind in enumerate(parse):
        if kind not in MENTION_KINDS:
            form.complain(f"{path}.parse.{index}", "BASE_TYPE_CHOICES", "Value must be one of ('everyone', 'roles', 'users').")
    for key in ("users", "roles"):
        listed = form.array(f"{path}.{key}", rules.get(key), most=100)
        if listed and key in parse:
            words = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            form.complain(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", words)
