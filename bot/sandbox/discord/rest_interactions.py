"""REST: answers to interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.discord import access, interactions, payloads, refusals
from bot.sandbox.discord.calls import Call, Reply, Route
from bot.sandbox.discord.interaction_payloads import callback_json

if TYPE_CHECKING:
    from bot.sandbox.discord.core import Core
    from bot.sandbox.discord.interaction_model import Interaction


def _callback(core: Core, call: Call) -> Reply:
    interaction = core.interactions.get(call.snowflake("interaction_id"))
    if interaction is not None:
        access.check_uploads(call.uploads, interaction.upload_limit)
    answered = interactions.answer(core, call.snowflake("interaction_id"), call.params["token"], call.fields, call.uploads)
    if call.query.get("with_response", "").lower() in ("1", "true"):
        return Reply(200, callback_json(core, answered))
    return Reply()


def _interaction(core: Core, call: Call) -> Interaction:
    if call.params["application_id"] != str(core.world.application.id):
        raise refusals.unknown_webhook()
    interaction = interactions.by_token(core, call.params["token"])
    access.check_uploads(call.uploads, interaction.upload_limit)
    return interaction


def _get(core: Core, call: Call) -> Reply:
    message = interactions.message_of(_interaction(core, call), call.params["message_id"])
    return Reply(200, payloads.message_json(core.world, core.files, message))


def _edit(core: Core, call: Call) -> Reply:
    interaction = _interaction(core, call)
    message = interactions.message_of(interaction, call.params["message_id"])
    interactions.edit_message(core, interaction, message, call.fields, call.uploads)
    return Reply(200, payloads.message_json(core.world, core.files, message))


def _delete(core: Core, call: Call) -> Reply:
    interaction = _interaction(core, call)
    interactions.delete_message(core, interaction, interactions.message_of(interaction, call.params["message_id"]))
    return Reply()


def _follow_up(core: Core, call: Call) -> Reply:
    message = interactions.follow_up(core, _interaction(core, call), call.fields, call.uploads)
    return Reply(200, payloads.message_json(core.world, core.files, message))


WEBHOOK = "/webhooks/{application_id}/{token}"
ROUTES = (
    Route("POST", "/interactions/{interaction_id}/{token}/callback", _callback, public=True),
    Route("POST", WEBHOOK, _follow_up, public=True),
    Route("GET", f"{WEBHOOK}/messages/{{message_id}}", _get, public=True),
    Route("PATCH", f"{WEBHOOK}/messages/{{message_id}}", _edit, public=True),
    Route("DELETE", f"{WEBHOOK}/messages/{{message_id}}", _delete, public=True),
)
