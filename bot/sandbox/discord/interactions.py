"""The life of an interaction: 3 s to the first answer, 15 minutes for everything else."""

from __future__ import annotations

import asyncio
import copy
import secrets
from types import NoneType
from typing import TYPE_CHECKING, cast

from bot.sandbox.discord import messages, refusals
from bot.sandbox.discord.checks_modals import check_choices, check_modal
from bot.sandbox.discord.embedding import with_text_ids
from bot.sandbox.discord.events import InteractionChanged, ModalOpened
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.interaction_model import (
    ACK_SECONDS,
    TOKEN_SECONDS,
    CallbackType,
    Choice,
    Interaction,
    InteractionState,
    InteractionType,
    Modal,
)
from bot.sandbox.discord.interaction_payloads import interaction_json, metadata_json
from bot.sandbox.discord.permissions import Permission
from bot.sandbox.discord.world import JsonObject, Message, MessageFlag, MessageType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.files import Upload

USER_INSTALL_FOLLOWUPS = 5
"""Follow-ups of an app that came with the person (page "Receiving and Responding to Interactions")."""
UPDATES = (CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE)
FIRST_ANSWERS = {
    InteractionType.COMMAND: (CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.MODAL),
    InteractionType.COMPONENT: (CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, *UPDATES, CallbackType.MODAL),
    InteractionType.AUTOCOMPLETE: (CallbackType.CHOICES,),
    InteractionType.MODAL: (CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, *UPDATES),
}
FAILURES = {
    InteractionType.COMMAND: "The application did not respond",
    InteractionType.COMPONENT: "This interaction failed",
    InteractionType.AUTOCOMPLETE: "Loading options failed",
    InteractionType.MODAL: "Something went wrong. Try again.",
}
"""What Discord's client shows."""
MESSAGE_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.IS_VOICE_MESSAGE
    | MessageFlag.IS_COMPONENTS_V2
)


def begin(core: Core, interaction: Interaction) -> None:
    """Send an interaction to the bot and start its three seconds."""
    core.interactions[interaction.id] = interaction
    core.interactions_by_token[interaction.token] = interaction
    guild_id = None if interaction.guild is None else interaction.guild.id
    core.hub.publish(InteractionChanged(interaction))
    core.gateway.dispatch("INTERACTION_CREATE", interaction_json(core, interaction), guild_id=guild_id)
    _watch(core, interaction)


def new_token() -> str:
    """Return an interaction token."""
    return secrets.token_urlsafe(48)


def check_deadlines(core: Core) -> None:
    """Fail what has waited too long: 3 s without an answer, 15 min of "thinking"."""
    for interaction in list(core.interactions.values()):
        _check_deadline(core, interaction)


def expire_tokens(core: Core) -> None:
    """Make every interaction so far older than its token lives, and fail what is left without an answer."""
    born = core.clock() - TOKEN_SECONDS - 1
    for interaction in core.interactions.values():
        interaction.created_at = min(interaction.created_at, born)
    check_deadlines(core)


def answer(core: Core, interaction_id: int, token: str, body: JsonObject, uploads: Sequence[Upload]) -> Interaction:
    """Take the bot's first answer; raises Refusal."""
    interaction = core.interactions.get(interaction_id)
    if interaction is None or not secrets.compare_digest(interaction.token, token):
        raise refusals.unknown_interaction()
    if interaction.callback is not None:
        raise refusals.already_acknowledged()
    if core.clock() - interaction.created_at > ACK_SECONDS:
        _check_deadline(core, interaction)
        raise refusals.unknown_interaction()
    callback = _callback_type(interaction, body)
    given = body.get("data")
    data = cast("JsonObject", given) if isinstance(given, dict) else {}
    match callback:
        case CallbackType.MESSAGE:
            _respond(core, interaction, data, uploads, messages.flags_of(data, MESSAGE_FLAGS))
        case CallbackType.DEFERRED_MESSAGE:
            _respond(core, interaction, {}, (), messages.flags_of(data, MessageFlag.EPHEMERAL) | MessageFlag.LOADING)
        case CallbackType.DEFERRED_UPDATE:
            interaction.original = interaction.source
        case CallbackType.UPDATE:
            if interaction.source is not None:
                _edit(core, interaction, interaction.source, data, uploads)
                interaction.original = interaction.source
        case CallbackType.CHOICES:
            check_choices(data, interaction.focused_type)
            interaction.choices = [Choice(name=c["name"], value=c["value"]) for c in cast("list[JsonObject]", data.get("choices") or [])]
        case CallbackType.MODAL:
            check_modal(data)
            components = with_text_ids(copy.deepcopy(data["components"]))
            modal = Modal(custom_id=data["custom_id"], title=data["title"], components=components, opened_by=interaction)
            interaction.modal = modal
            core.hub.publish(ModalOpened(interaction, modal))
    interaction.callback = callback
    deferred = callback is CallbackType.DEFERRED_MESSAGE
    interaction.state = InteractionState.DEFERRED if deferred else InteractionState.ANSWERED
    core.hub.publish(InteractionChanged(interaction))
    return interaction


def by_token(core: Core, token: str) -> Interaction:
    """Return the interaction whose token still works; raises Refusal 10015, 50027."""
    interaction = core.interactions_by_token.get(token)
    if interaction is None:
        raise refusals.unknown_webhook()
    if core.clock() - interaction.created_at > TOKEN_SECONDS:
        _check_deadline(core, interaction)
        raise refusals.invalid_webhook_token()
    if interaction.callback is None:
        raise refusals.unknown_webhook()
    return interaction


def message_of(interaction: Interaction, name: str) -> Message:
    """Return the message that `@original` or an id names for this interaction; raises Refusal 10008."""
    channel = interaction.channel
    if name == "@original" or (interaction.original is not None and name == str(interaction.original.id)):
        if interaction.original is None or interaction.original.id not in channel.messages:
            raise refusals.unknown_message()
        return interaction.original
    for message in interaction.followups:
        if name == str(message.id) and message.id in channel.messages:
            return message
    raise refusals.unknown_message()


def follow_up(core: Core, interaction: Interaction, body: JsonObject, uploads: Sequence[Upload]) -> Message:
    """Take a follow-up, which after a defer edits the original; raises Refusal."""
    original = interaction.original
    if original is not None and original.is_loading:
        edit_message(core, interaction, original, body, uploads)
        return original
    if interaction.only_user_installed and interaction.guild is not None and len(interaction.followups) >= USER_INSTALL_FOLLOWUPS:
        raise refusals.followups_exhausted()
    message = _post(core, interaction, body, uploads, flags=messages.flags_of(body, MESSAGE_FLAGS), at="", followup=True)
    interaction.followups.append(message)
    return message


def edit_message(core: Core, interaction: Interaction, message: Message, body: JsonObject, uploads: Sequence[Upload]) -> None:
    """Edit the original or a follow-up; raises Refusal."""
    _edit(core, interaction, message, body, uploads)
    if message is interaction.original and interaction.state is InteractionState.DEFERRED:
        interaction.state = InteractionState.ANSWERED
        core.hub.publish(InteractionChanged(interaction))


def delete_message(core: Core, interaction: Interaction, message: Message) -> None:
    """Delete the original or a follow-up."""
    messages.delete(core, interaction.channel, message)
    if message is interaction.original and interaction.state is InteractionState.DEFERRED:
        interaction.state = InteractionState.ANSWERED
        core.hub.publish(InteractionChanged(interaction))


def _callback_type(interaction: Interaction, body: JsonObject) -> CallbackType:
    allowed = FIRST_ANSWERS[interaction.type]
    if interaction.source is None:
        allowed = tuple(kind for kind in allowed if kind not in UPDATES)
    form = Form()
    form.choice("type", body.get("type"), allowed)
    if not isinstance(body.get("data"), (dict, NoneType)):
        form.complain("data", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    form.close()
    return CallbackType(body["type"])


def _respond(core: Core, interaction: Interaction, data: JsonObject, uploads: Sequence[Upload], flags: MessageFlag) -> None:
    interaction.original = _post(core, interaction, data, uploads, flags=flags, at="data.", followup=False)


def _post(
    core: Core, interaction: Interaction, body: JsonObject, uploads: Sequence[Upload], *, flags: MessageFlag, at: str, followup: bool
) -> Message:
    rights = core.world.permissions_of(interaction.user, interaction.channel)
    if interaction.only_user_installed and interaction.guild is not None and Permission.USE_EXTERNAL_APPS not in rights:
        flags |= MessageFlag.EPHEMERAL
    kind, reference = MessageType.DEFAULT, None
    if followup or interaction.type in (InteractionType.COMPONENT, InteractionType.MODAL):
        reference = interaction.original if followup else interaction.source
        kind = MessageType.DEFAULT if reference is None else MessageType.REPLY
    elif interaction.type is InteractionType.COMMAND:
        kind = MessageType.CHAT_INPUT_COMMAND if interaction.data.get("type", 1) == 1 else MessageType.CONTEXT_MENU_COMMAND
    draft = messages.Draft(
        body=body,
        uploads=uploads,
        flags=flags,
        type=kind,
        reference=reference,
        reference_ids=None if reference is None else messages.reference_to(reference),
        interaction=metadata_json(interaction, followup=followup),
        webhook_id=core.world.application.id,
        viewer_id=interaction.user.id if MessageFlag.EPHEMERAL in flags else None,
        at=at,
    )
    return messages.post(core, interaction.channel, core.bot, draft)


def _edit(core: Core, interaction: Interaction, message: Message, body: JsonObject, uploads: Sequence[Upload]) -> None:
    if message.id not in interaction.channel.messages:
        raise refusals.unknown_message()
    messages.edit(core, interaction.channel, message, body, uploads)


def _watch(core: Core, interaction: Interaction) -> None:
    """Look again when the three seconds are over; a clock that stood still is asked again later."""
    remaining = ACK_SECONDS - (core.clock() - interaction.created_at)

    def look() -> None:
        _check_deadline(core, interaction)
        if interaction.state is InteractionState.PENDING and not core.closed:
            _watch(core, interaction)

    asyncio.get_running_loop().call_later(max(remaining, 0.0) + 0.01, look)


def _check_deadline(core: Core, interaction: Interaction) -> None:
    age = core.clock() - interaction.created_at
    late = interaction.state is InteractionState.PENDING and age > ACK_SECONDS
    abandoned = interaction.state is InteractionState.DEFERRED and age > TOKEN_SECONDS
    if late or abandoned:
        interaction.state = InteractionState.FAILED
        interaction.failure = FAILURES[interaction.type]
        core.hub.publish(InteractionChanged(interaction))
