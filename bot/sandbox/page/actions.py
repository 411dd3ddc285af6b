"""What people do on the page: commands, suggestions, presses, choices, forms, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.sandbox.discord.component_types import walk
from bot.sandbox.discord.interaction_model import InteractionState
from bot.sandbox.page.feed import Gone
from bot.sandbox.page.requests import Act, PageRefusal
from bot.sandbox.page.uploads import Uploads
from bot.sandbox.page.values import command_options, selected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.discord.interaction_call import InteractionCall
    from bot.sandbox.discord.interaction_model import Modal
    from bot.sandbox.discord.world import JsonObject
    from bot.sandbox.page.feed import Feed

ANSWER_SECONDS = 10.0
"""The loopback fails what has no answer after 3 s; more than that means that it stands still."""


class Actions:
    """The acts by the name that the page calls them by."""

    def __init__(self, feed: Feed, uploads: Uploads) -> None:
        """Announce in `feed` what only the page knows of."""
        self._feed = feed
        self._uploads = uploads
        self.by_name: dict[str, Callable[[Act], Awaitable[JsonObject]]] = {
            "command": self.command,
            "autocomplete": self.autocomplete,
            "menu": self.menu,
            "press": self.press,
            "select": self.select,
            "submit": self.submit,
            "send": self.send,
            "delete": self.delete,
            "dismiss": self.dismiss,
            "react": self.react,
        }

    async def command(self, act: Act) -> JsonObject:
        """Send a slash command: `name`, `options`."""
        given, used = command_options(act, self._uploads)
        call = await act.role.person.slash(act.room(), act.text("name", most=100), **given)
        for upload_id in used:
            self._uploads.drop(upload_id)
        return await _answer(call)

    async def autocomplete(self, act: Act) -> JsonObject:
        """Return suggestions for the option `focused`, in which `value` stands, beside the other `options`."""
        given, _ = command_options(act, self._uploads)
        focused = act.text("focused", most=100)
        given.pop(focused, None)
        person = act.role.person
        choices = await person.autocomplete(
            act.room(), act.text("name", most=100), focused=focused, value=act.text("value"), **cast("dict[str, Any]", given)
        )
        return {"choices": [{"name": choice.name, "value": choice.value} for choice in choices]}

    async def menu(self, act: Act) -> JsonObject:
        """Use a command of a message's menu, or of a person's: `name`, and `message` or `user`."""
        target = act.someone("user") if "user" in act.body else act.message()
        return await _answer(await act.role.person.context_menu(act.room(), act.text("name", most=100), target))

    async def press(self, act: Act) -> JsonObject:
        """Press the button `custom_id` of `message`."""
        return await _answer(await act.role.person.press(act.message(), act.text("custom_id", most=100)))

    async def select(self, act: Act) -> JsonObject:
        """Choose `values` in the select `custom_id` of `message`."""
        message, custom_id = act.message(), act.text("custom_id", most=100)
        kind = next((c.get("type") for c in walk(message.components) if c.get("custom_id") == custom_id), None)
        return await _answer(await act.role.person.select(message, custom_id, selected(act, kind, act.body.get("values"))))

    async def submit(self, act: Act) -> JsonObject:
        """Submit the form of `interaction` with `values` by custom_id."""
        modal = self._modal(act)
        types = {field.custom_id: field.type for field in modal.fields}
        values: dict[str, object] = {}
        for name, value in act.mapping("values").items():
            values[name] = selected(act, types.get(name), cast("object", value)) if isinstance(value, list) else value
        return await _answer(await act.role.person.submit(modal, values))

    async def send(self, act: Act) -> JsonObject:
        """Write `content`, as a reply to the message `reply` if one is named."""
        content = act.text("content", most=4000).strip()
        if not content:
            msg = "There is nothing to send."
            raise PageRefusal(msg)
        reply = act.find_message(act.text("reply")) if act.body.get("reply") else None
        message = await act.role.person.send(act.room(), content, reply_to=reply)
        return {"message": str(message.id)}

    async def delete(self, act: Act) -> JsonObject:
        """Delete `message`."""
        await act.role.person.delete(act.message())
        return {}

    async def dismiss(self, act: Act) -> JsonObject:
        """Take an ephemeral message off this person's screen."""
        message = act.message()
        if not message.is_ephemeral:
            msg = "Only a message that nobody else sees can be dismissed."
            raise PageRefusal(msg)
        act.scene.dismissed.add((act.role.person.id, message.id))
        self._feed.publish(Gone(message, act.role.person.id))
        return {}

    async def react(self, act: Act) -> JsonObject:
        """React with `emoji`, or take the reaction back when `on` is false."""
        emoji = act.text("emoji", most=32)
        if not emoji:
            msg = "Which emoji?"
            raise PageRefusal(msg)
        person = act.role.person
        await (person.react(act.message(), emoji) if act.body.get("on", True) else person.unreact(act.message(), emoji))
        return {}

    @staticmethod
    def _modal(act: Act) -> Modal:
        number = act.text("interaction", most=20)
        interaction = act.scene.stage.discord.core.interactions.get(int(number)) if number.isascii() and number.isdigit() else None
        if interaction is None or interaction.modal is None or interaction.user is not act.role.person.user:
            msg = "This form is not open any more."
            raise PageRefusal(msg, 404)
        return interaction.modal


async def _answer(call: InteractionCall) -> JsonObject:
    """Wait for the first answer and say what came of it: a form opens in the tab that asked, and nowhere else."""
    try:
        await call.answered(ANSWER_SECONDS)
    except TimeoutError as error:
        msg = "The sandbox itself does not answer."
        raise PageRefusal(msg, 504) from error
    body: JsonObject = {"state": call.state.value, "failure": call.failed if call.state is InteractionState.FAILED else None}
    modal = call.interaction.modal
    if modal is not None:
        body["modal"] = {"interaction": str(call.id), "title": modal.title, "components": modal.components}
    return body
