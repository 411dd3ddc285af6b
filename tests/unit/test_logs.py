"""Logs: readable, parseable, and never with a secret in them."""

import io
import json
import logging
import re
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ops.logs import MASK, Redactor, configure_logging

TOKEN = "MTE0.Gh4x1z.a-made-up_token"
KEY = "key-0123456789"
PASSWORD = "tr@mpoline"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiYw=="
OPAQUE = "an-opaque.token_of~a=proxy"
"""An interaction's token as another server than Discord may make it."""


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root, theirs = logging.getLogger(), logging.getLogger("discord")
    handlers, level, their_level = root.handlers[:], root.level, theirs.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    theirs.setLevel(their_level)


def configured(log_format: Literal["text", "json"] = "text", level: str = "INFO", *secrets: str) -> io.StringIO:
    out = io.StringIO()
    configure_logging(level, log_format, secrets or (TOKEN, KEY, PASSWORD), stream=out)
    return out


def test_a_line_of_text() -> None:
    out = configured()
    logging.getLogger("bot.app").info("%d jobs taken up again", 3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO     bot\.app: 3 jobs taken up again\n", out.getvalue())


def test_times_are_utc() -> None:
    out = configured()
    record = logging.makeLogRecord({"name": "bot", "msg": "hello", "created": 0.25, "msecs": 250.0, "levelname": "INFO", "levelno": 20})
    logging.getLogger().handle(record)
    assert out.getvalue() == "1970-01-01T00:00:00.250Z INFO     bot: hello\n"


def test_a_line_of_json_with_extra_fields() -> None:
    out = configured("json")
    extra = {"job": "j1", "attempt": 2, "late": True, "wait": 1.5, "never": float("inf"), "none": None, "path": ("a", "b")}
    logging.getLogger("bot.app").warning("“%s” is late", "Night Train", extra=extra)
    line = json.loads(out.getvalue(), parse_constant=pytest.fail)
    assert out.getvalue().count("\n") == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "WARNING",
        "logger": "bot.app",
        "message": "“Night Train” is late",
        "job": "j1",
        "attempt": 2,
        "late": True,
        "wait": 1.5,
        "never": "inf",
        "none": None,
        "path": "('a', 'b')",
    }


def test_an_extra_field_does_not_take_the_place_of_ours() -> None:
    out = configured("json")
    logging.getLogger("bot").warning("said", extra={"logger": "somebody else", "time": "noon"})
    line = json.loads(out.getvalue())
    assert line["logger"] == "bot"
    assert line["time"] != "noon"


def test_tracebacks_and_stacks() -> None:
    for log_format in ("text", "json"):
        out = configured(log_format)
        try:
            raise ValueError("a\nb")
        except ValueError:
            logging.getLogger("bot").exception("failed", stack_info=True)
        shown = out.getvalue()
        if log_format == "json":
            assert shown.count("\n") == 1
            line = json.loads(shown)
            shown = line["exc_info"] + line["stack_info"]
        assert "Traceback (most recent call last)" in shown
        assert "ValueError: a\nb" in shown
        assert "Stack (most recent call last)" in shown


FORMS = [
    "{}",
    "GET https://discord.com/api/v10/webhooks/123456/{}/messages/@original?wait=true has returned 200",
    "https://discord.com/api/v10/webhooks/123456/{}",
    "POST /interactions/987654/{}/callback",
    '{{"id": "1", "token": "{}", "type": 2}}',
    "{{'id': '1', 'token': '{}', 'type': 2}}",
    '"{{\\"token\\":\\"{}\\"}}"',
    "Origin(reply_token='{}', reply_id=None)",
    "https://proxy.example/hook?token={}&wait=true",
]


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.parametrize("token", [INTERACTION, OPAQUE])
def test_an_interaction_s_token_is_masked_wherever_it_stands(log_format: Literal["text", "json"], form: str, token: str) -> None:
    out = configured(log_format, "DEBUG")
    everywhere(form.format(token))
    assert token not in out.getvalue()
    assert MASK in out.getvalue()


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("secret", [TOKEN, KEY, PASSWORD, INTERACTION, 'qu"ote\\d', "žluťoučký kůň"])
def test_a_secret_is_masked_wherever_it_stands(log_format: Literal["text", "json"], secret: str) -> None:
    out = configured(log_format, "DEBUG", TOKEN, KEY, PASSWORD, 'qu"ote\\d', "žluťoučký kůň")
    everywhere(f"Authorization: Bot {secret}, {secret}")
    assert secret not in out.getvalue()
    assert json.dumps(secret)[1:-1] not in out.getvalue()
    if log_format == "json":
        assert all(json.loads(line) for line in out.getvalue().splitlines())


def everywhere(text: str) -> None:
    """Log this text in every place that a record has."""
    log = logging.getLogger("discord.http")
    log.debug(text.replace("%", "%%"), ())
    log.debug("%s", text)
    log.debug("%(text)s", {"text": text})
    log.debug("sent", extra={"body": text, "parts": [text], "by_name": {"key": text}})
    log.debug("two arguments, one place: %s", text, text)  # noqa: PLE1205 - the mistake whose complaint would show them
    try:
        try:
            raise OSError(text)
        except OSError as error:
            raise RuntimeError("at the boundary") from error
    except RuntimeError:
        log.debug("failed", exc_info=True)
        log.debug("where", stack_info=True)


def test_what_discord_py_says_of_an_interaction_at_debug() -> None:
    out = configured("json", "DEBUG")
    event: dict[str, Any] = {"op": 0, "t": "INTERACTION_CREATE", "d": {"id": "1", "token": OPAQUE, "member": {"user": {"id": "2"}}}}
    logging.getLogger("discord.gateway").debug("For Shard ID %s: WebSocket Event: %s", 0, event)
    message = json.loads(out.getvalue())["message"]
    assert message == "For Shard ID 0: WebSocket Event: " + str(event).replace(OPAQUE, MASK)


def test_a_field_named_token_is_masked() -> None:
    out = configured("json")
    logging.getLogger("bot").info("made", extra={"reply_token": OPAQUE})
    assert json.loads(out.getvalue())["reply_token"] == MASK


def test_arguments_that_do_not_fit_lose_no_line_and_show_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    out = configured()
    logging.getLogger("bot").error("%d jobs of %s", KEY)  # noqa: PLE1206 - the mistake is the subject
    assert "%d jobs of %s (its arguments do not fit: TypeError(" in out.getvalue()
    assert KEY not in out.getvalue() + capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["/webhooks/123456", "Invalid token: reset it", "token is None", "/channels/1/messages/2", "a tokenised line"]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor([KEY])(text) == text


def test_a_short_secret_is_masked_as_a_word_only() -> None:
    assert Redactor(["bot"])("postgresql://bot:bot@db: robots and bot.app") == f"postgresql://{MASK}:{MASK}@db: robots and {MASK}.app"


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    assert Redactor(["secret-one", "secret-one-and-two"])("=secret-one-and-two=") == f"={MASK}="


def test_an_empty_secret_masks_nothing() -> None:
    assert Redactor([""])("hello") == "hello"


@given(before=st.text(), after=st.text(), secret=st.text(st.characters(exclude_characters=MASK), min_size=8))
def test_no_surroundings_let_a_secret_through(before: str, after: str, secret: str) -> None:
    assert secret not in Redactor([secret])(before + secret + after)


@pytest.mark.parametrize(
    ("level", "ours", "theirs"),
    [
        ("DEBUG", logging.DEBUG, logging.DEBUG),
        ("INFO", logging.INFO, logging.WARNING),
        ("WARNING", logging.WARNING, logging.WARNING),
        ("ERROR", logging.ERROR, logging.ERROR),
    ],
)
def test_discord_py_is_quiet_unless_debugging(level: str, ours: int, theirs: int) -> None:
    configured("text", level)
    assert logging.getLogger("bot").getEffectiveLevel() == ours
    assert logging.getLogger("discord.gateway").getEffectiveLevel() == theirs


def test_the_last_configuration_is_the_only_one(capsys: pytest.CaptureFixture[str]) -> None:
    first = configured()
    second = configured("json")
    configure_logging("INFO", "text", [KEY])
    logging.getLogger("bot").info("with %s", KEY)
    assert (first.getvalue(), second.getvalue()) == ("", "")
    assert capsys.readouterr().err.endswith(f"bot: with {MASK}\n")


def test_warnings_become_log_lines() -> None:
    out = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"deprecated: {KEY}", DeprecationWarning, stacklevel=1)
    assert "WARNING  py.warnings: " in out.getvalue()
    assert f"DeprecationWarning: deprecated: {MASK}" in out.getvalue()


def test_a_secret_that_is_learned_later_is_masked_from_then_on() -> None:
    out = io.StringIO()
    redact = configure_logging("INFO", "text", [KEY], stream=out)
    redact.learn("")
    redact.learn(f"{KEY}-of-a-server")
    logging.getLogger("bot.app").info("%s-of-a-server, %s", KEY, KEY)
    assert out.getvalue().endswith(f"{MASK}, {MASK}\n"), "the longer one first: it holds the other"


def test_what_is_typed_into_the_form_for_a_key_is_masked_before_it_is_known() -> None:
    typed = {"type": 18, "component": {"value": "not-known-yet-0123", "type": 4, "custom_id": "api_key"}}
    other = {"type": 18, "component": {"custom_id": "title", "value": "crazy and wild"}}
    for shown in (repr, json.dumps):
        text = Redactor([])(shown({"data": {"custom_id": "own-key-form:1:x", "components": [typed, other]}}))
        assert "not-known-yet" not in text
        assert "crazy and wild" in text
