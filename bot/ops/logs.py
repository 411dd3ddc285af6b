"""Logs for people or for machines, without secrets.

An interaction's token can post as the bot for 15 minutes (Discord: Receiving and Responding), and discord.py's DEBUG lines
hold it, in events and in addresses. So everything is masked in the one place that every line passes: the formatter of the
root's only handler, after message, arguments and traceback have become text.
"""

import json
import logging
import math
import re
import sys
import time
from collections.abc import Iterable
from typing import Literal, TextIO

MASK = "***"

_PATTERNS = (
    # /webhooks/{id}/{token}[/messages/@original] and /interactions/{id}/{token}/callback
    re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/?\s\"'\\<>)]+"),
    # "token": "…" in JSON, also inside a quoted string; 'token': '…' and token='…' as Python shows a dict and a dataclass
    re.compile(r"(token(?:\\*[\"'])?\s*[:=]\s*\\*[\"'])[^\"'\\]+"),
    # …?token=…
    re.compile(r"(token=)[^\s\"'&,)\\]+"),
    # What was typed into the form for a server's own API key, which is not known as a secret yet: {'value': '…', 'custom_id': 'api_key'}
    re.compile(r"()\{[^{}]*\bapi_key\b[^{}]*\}"),
    # "interaction:" in Base64, with which the tokens that Discord hands out begin
    re.compile(r"()aW50ZXJhY3Rpb246[\w+/=.-]*"),
)

_SHORT = 8
"""Characters below which a secret is masked only where it stands as a word: a password `bot` must not eat the logs."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Masks the known secrets, and whatever looks like an interaction's token."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets: dict[str, re.Pattern[str]] = {}
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Mask one secret more, from now on."""
        if secret and secret not in self._secrets:
            known = {**self._secrets, secret: re.compile(_whole(secret))}
            # The longest first: one may be part of another.
            self._secrets = {each: known[each] for each in sorted(known, key=len, reverse=True)}

    def __call__(self, text: str) -> str:
        """Return the text as it may be shown."""
        for secret in self._secrets.values():
            text = secret.sub(MASK, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<1>{MASK}", text)
        return text


def _whole(secret: str) -> str:
    return re.escape(secret) if len(secret) >= _SHORT else rf"(?<!\w){re.escape(secret)}(?!\w)"


class TextFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO     bot.app: message`, and below it the traceback, if there is one."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as text, masked."""
        return self._redact(super().format(_sound(record)))


class JsonFormatter(TextFormatter):
    """One object a line: time, level, logger, message, then `exc_info` and `stack_info` if there are any, then the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as a line of JSON, masked."""
        record = _sound(record)
        fields: dict[str, object] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exc_info"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack_info"] = self.formatStack(record.stack_info)
        for name, value in vars(record).items():
            if name not in _STANDARD:
                fields.setdefault(name, value)
        # Secrets are masked before JSON escapes what may stand in them; the line as a whole, for a field named `token`.
        return self._redact(json.dumps({name: self._plain(value) for name, value in fields.items()}, ensure_ascii=False))

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        return self._redact(str(value))


def _sound(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record, or one that shows why its message cannot be made: logging's own complaint would print it unmasked."""
    try:
        record.getMessage()
    except Exception as error:  # noqa: BLE001 - whatever an argument's __str__ raises
        shown = logging.makeLogRecord(vars(record))
        shown.msg, shown.args = f"{record.msg!s} (its arguments do not fit: {error!r})", None
        return shown
    return record


def configure_logging(
    level: str,
    log_format: Literal["text", "json"],
    secrets: Iterable[str],
    *,
    stream: TextIO | None = None,
) -> Redactor:
    """Send every log line, masked, to `stream` (standard error), and to nowhere else: other handlers of the root are removed.

    What is returned can be told of further secrets.
    discord.py is heard from WARNING on, and below that only at DEBUG. Warnings of Python's own become log lines.
    """
    redact = Redactor(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redact) if log_format == "json" else TextFormatter(redact))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    heard = logging.NOTSET if level == "DEBUG" else max(logging.WARNING, logging.getLogger().level)
    logging.getLogger("discord").setLevel(heard)
    return redact
