"""The settings, from the environment and from `.env`; the environment wins.

A variable that is set but empty counts as not set, except OPS_PORT, where empty means off. Each field's description is the
row of README's table, and what a person reads beside the complaint about a wrong value.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticUseDefault
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError

_DATABASES = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+psycopg", "postgres")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
LONGEST_CONTACT = 200
_QUOTES = frozenset("\"'`“”„‘’\\")


def _bare(secret: SecretStr) -> SecretStr:
    """Check that a secret was pasted alone; the complaint never shows it."""
    text = secret.get_secret_value()
    if _QUOTES.intersection(text):
        raise ValueError("has quotation marks or a backslash in it: leave them out")
    if found := re.match(r"(bot|bearer)\s", text, re.IGNORECASE):
        raise ValueError(f"begins with “{found[1]} ”: leave that word out")
    if any(character.isspace() for character in text):
        raise ValueError("has a space or a line break in it: paste it in one piece")
    if not text.isascii() or not text.isprintable():
        raise ValueError("has characters that cannot be part of it: copy it once more")
    return secret


def _split(value: object) -> object:
    """Take a comma list apart, empties dropped."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _address(*schemes: str) -> Callable[[str], str]:
    """Make the check for an address of these schemes."""
    forms = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(text: str) -> str:
        parts = _parts(text)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"is not an address that begins with {forms}")
        if parts.query or parts.fragment or parts.username is not None or any(character.isspace() for character in text):
            raise ValueError("must be scheme, host, port and path alone")
        return text

    return check


def _without_last_slash(address: str) -> str:
    """Prepare a base that paths are appended to; a gateway's path is its own and stays."""
    return address.rstrip("/")


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # it is read, and may be refused, only now
    except ValueError as error:
        raise ValueError("is not an address") from error
    return parts


def _database(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ValueError("is not a database address") from error
    if url.drivername not in _DATABASES:
        raise ValueError("is neither sqlite:/// nor postgresql://")
    if "password" in url.query:
        raise ValueError("has its password behind the question mark: write it before the host, user:password@host")
    if url.drivername.startswith("sqlite"):
        if url.host:
            raise ValueError("needs three slashes before a relative path, four before an absolute one")
        if not url.database or url.database == ":memory:":
            raise ValueError("names no file: jobs must outlive a restart")
    return text


def _host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    lowered = tuple(name.lower() for name in names)
    wrong = [name for name in lowered if not _HOST.fullmatch(name)]
    if wrong:
        raise ValueError(f"must be bare host names, without scheme, port, path or wildcard; {wrong[0]} is not one")
    return lowered


def _short(text: str) -> str:
    if len(text) > LONGEST_CONTACT:
        raise ValueError(f"has more than {LONGEST_CONTACT} characters")
    return text


def _at_least_one(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("names nothing")
    return names


def _fernet_keys(secret: SecretStr) -> SecretStr:
    """Check every key of a comma list; the complaint never shows one."""
    keys = cast("tuple[str, ...]", _split(secret.get_secret_value()))
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            which = (
                "is not what python -m bot make-key prints"
                if len(keys) == 1
                else f"has one, number {number}, that python -m bot make-key did not print"
            )
            raise ValueError(which) from None
    return secret


Secret = Annotated[SecretStr, AfterValidator(_bare)]
EncryptionKeys = Annotated[SecretStr, AfterValidator(_fernet_keys)]
HttpAddress = Annotated[str, AfterValidator(_address("http", "https")), AfterValidator(_without_last_slash)]
GatewayAddress = Annotated[str, AfterValidator(_address("ws", "wss"))]
DatabaseAddress = Annotated[str, AfterValidator(_database)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
HostNames = Annotated[Names, AfterValidator(_host_names)]
ModelNames = Annotated[Names, AfterValidator(_at_least_one)]
Count = Annotated[int, Field(ge=0)]
Ids = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_split)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LogFormat = Literal["text", "json"]


class Settings(BaseSettings):
    """Everything an operator can set. `load_settings` is the way to it; given values win over the environment."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file_encoding="utf-8-sig", hide_input_in_errors=True)

    discord_token: Secret = Field(
        description="The bot's token: Discord Developer Portal, your application, Bot, Reset Token",
        examples=["paste-the-bot-token-here"],
    )
    music_api_key: Secret = Field(
        description="The key of the music API, from your account there",
        examples=["paste-the-api-key-here"],
    )
    discord_api_url: HttpAddress = Field(
        default="https://discord.com/api/v10",
        description="Discord's REST API with its version, or a proxy before it",
        examples=["https://discord.com/api/v10"],
    )
    discord_gateway_url: GatewayAddress | None = Field(
        default=None,
        description="Discord's gateway, or a proxy before it; empty: the one that Discord names",
        examples=["wss://gateway.discord.gg"],
    )
    music_api_url: HttpAddress = Field(
        default="https://api.sunosay.com",
        description="The music API, or a proxy before it",
        examples=["https://api.sunosay.com"],
    )
    music_models: ModelNames = Field(
        default=("v3.5",),
        description="Models that people may choose, separated by commas; the first is the default",
        examples=["v3.5"],
    )
    music_submit_interval: Positive = Field(
        default=4.0,
        description="Seconds between two submits; the provider allows one in 4",
        examples=["4"],
    )
    music_queries_per_second: Positive = Field(
        default=2.0,
        description="Queries a second; the provider allows 2",
        examples=["2"],
    )
    music_usual_seconds: Annotated[float, Field(ge=5, le=3600)] = Field(
        default=95.0,
        description="Seconds that a track usually takes, until the bot has learned it; queries are planned by it",
        examples=["95"],
    )
    database_url: DatabaseAddress = Field(
        default="sqlite+aiosqlite:///data/encore.db",
        description="Where the jobs are kept: an SQLite file or a PostgreSQL database",
        examples=["sqlite:///data/encore.db", "postgresql://encore:password@localhost:5432/encore"],
    )
    media_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default=Path("data/media"),
        description="Folder for finished audio and covers",
        examples=["data/media"],
    )
    media_max_gb: Positive = Field(
        default=5.0,
        description="Gigabytes that the folder may hold; the oldest audio goes first",
        examples=["5"],
    )
    media_hosts: HostNames = Field(
        default=(),
        description="Hosts that audio may come from, separated by commas; empty: any public https host",
        examples=["cdn1.suno.ai,cdn2.suno.ai"],
    )
    media_allow_private: bool = Field(
        default=False,
        description="true also allows http, and loopback or private addresses, for audio: sandboxes, proxies",
        examples=["false"],
    )
    job_deadline: Positive = Field(
        default=900.0,
        description="Seconds without an end after which a job is called stalled",
        examples=["900"],
    )
    jobs_per_user: int = Field(
        default=3,
        ge=1,
        description="Jobs that one person may have in flight",
        examples=["3"],
    )
    daily_per_person: Count = Field(
        default=20,
        description="Submits a day that one person may cause; 0: no limit. Servers can narrow it",
        examples=["20"],
    )
    daily_per_server: Count = Field(
        default=100,
        description="Submits a day that one server may cause; 0: no limit. Servers can narrow it",
        examples=["100"],
    )
    daily_in_all: Count = Field(
        default=300,
        description="Submits a day with MUSIC_API_KEY, over all servers; 0: no limit",
        examples=["300"],
    )
    longest_queue: Count = Field(
        default=100,
        description="Jobs that may wait in line; 0: no limit",
        examples=["100"],
    )
    membership_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0.0,
        description="Hours for which a person must have been on the server before they may spend",
        examples=["24"],
    )
    servers_allowed: Ids = Field(
        default=(),
        description="Ids of the servers in which the bot works, separated by commas; empty: all",
        examples=["1199900000000000001"],
    )
    allow_direct_messages: bool = Field(
        default=False,
        description="true lets people use the bot in direct messages with it: anyone could spend",
        examples=["false"],
    )
    allow_user_install: bool = Field(
        default=False,
        description="true lets people bring the app to places where the bot is not a member: anyone could spend",
        examples=["false"],
    )
    allow_create: bool = Field(
        default=False,
        description="true lets servers switch /create on, which makes a first track from styles",
        examples=["false"],
    )
    starter_tracks: Names = Field(
        default=(),
        description="Task ids or track ids that everybody may continue, separated by commas",
        examples=["976bdbf8-b5c9-4eda-b5cd-40f0e8fc875e"],
    )
    forbidden_words: Names = Field(
        default=(),
        description="Words that may not be in styles, titles, notes and names, separated by commas; word* stands for all that begin so",
        examples=["badword,worse*"],
    )
    encryption_key: EncryptionKeys | None = Field(
        default=None,
        description="Key with which servers' own API keys are encrypted; several, separated by commas: the first encrypts. "
        "Empty: servers cannot bring one",
        examples=["paste-what-make-key-prints"],
    )
    operator_channel: Annotated[int, Field(gt=0)] | None = Field(
        default=None,
        description="Id of the channel where the operator is told of what needs them; empty: a direct message to the application's owner",
        examples=["1199900000000000002"],
    )
    operator_server: Annotated[int, Field(gt=0)] | None = Field(
        default=None,
        description="Id of the server where /operator is registered; empty: in direct messages with the bot",
        examples=["1199900000000000001"],
    )
    operator_contact: Annotated[str, AfterValidator(_short)] | None = Field(
        default=None,
        description="How people reach you, shown by /privacy: a name, an address, a link; empty: the name of the application's owner",
        examples=["privacy@example.org"],
    )
    ops_host: str = Field(
        default="127.0.0.1",
        description="Address on which /healthz, /readyz and /metrics answer",
        examples=["127.0.0.1"],
    )
    ops_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        default=8080,
        description="Port of /healthz, /readyz and /metrics; empty: off",
        examples=["8080"],
    )
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field(
        default="INFO",
        description="DEBUG, INFO, WARNING, ERROR or CRITICAL",
        examples=["INFO"],
    )
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = Field(
        default="text",
        description="text, or json: one object a line",
        examples=["text"],
    )

    @property
    def encryption_keys(self) -> tuple[str, ...]:
        """List the keys of ENCRYPTION_KEY, the one that encrypts first."""
        return () if self.encryption_key is None else cast("tuple[str, ...]", _split(self.encryption_key.get_secret_value()))

    @property
    def secrets(self) -> tuple[str, ...]:
        """List what no log line may show: token, keys, and the database's password as written and as decoded."""
        passwords = (urlsplit(self.database_url).password, make_url(self.database_url).password)
        known = (self.discord_token.get_secret_value(), self.music_api_key.get_secret_value(), *self.encryption_keys, *passwords)
        return tuple(dict.fromkeys(secret for secret in known if secret))

    @field_validator("*", mode="before")
    @classmethod
    def _tidy(cls, value: object, info: ValidationInfo) -> object:
        """Trim what was typed, and take an empty variable for one that is not set."""
        if not isinstance(value, str) or info.field_name is None:
            return value
        text = value.strip()
        if text:
            return text
        if info.field_name == "ops_port":
            return None
        if cls.model_fields[info.field_name].is_required():
            raise ValueError("is empty")
        raise PydanticUseDefault

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Mask the database's password: a repr ends up in logs."""
        for name, value in super().__repr_args__():
            yield name, make_url(value) if name == "database_url" else value


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings from the environment and this file, if it exists.

    Raises SettingsError with every problem at once, each in words that name the variable and show a value that works.
    """
    read = cast("Callable[..., Settings]", Settings)  # the required fields come from what it reads
    try:
        return read(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError([_problem(detail) for detail in error.errors()]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{env_file} is not plain text: save it as UTF-8."]) from error
    except OSError as error:
        raise SettingsError([f"{env_file} cannot be read: {error.strerror}."]) from error


_WORDS = {
    "missing": "is not set",
    "int_parsing": "is not a whole number",
    "float_parsing": "is not a number",
    "finite_number": "is not a number",
    "bool_parsing": "is neither true nor false",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}


def _problem(detail: ErrorDetails) -> str:
    """Say which variable is wrong, how, what it is for, and what would be right."""
    name = str(detail["loc"][0])
    field = Settings.model_fields[name]
    wrong = _WORDS.get(detail["type"], "is not valid").format(**detail.get("ctx", {}))
    examples = " or ".join(f"{name.upper()}={example}" for example in field.examples or ())
    return f"{name.upper()} {wrong}. {field.description}. Example: {examples}"
