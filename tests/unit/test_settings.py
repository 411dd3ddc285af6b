"""Settings: where they come from, what is accepted, and what is said of what is not."""

import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.__main__ import main
from bot.errors import SettingsError, StartupError
from bot.services.sealing import make_key
from bot.settings import Settings, load_settings

TOKEN = "MTE0.Gh4x1z.a-made-up_token"
KEY = "key-0123456789"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only what a test sets is set, and `.env` is looked for in an empty folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def set_env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which nothing is missing."""
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("MUSIC_API_KEY", KEY)
    return monkeypatch


def problems() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return caught.value.problems


def test_two_variables_are_enough_and_the_rest_has_defaults(set_env: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.music_api_key.get_secret_value() == KEY
    assert settings.model_dump(exclude={"discord_token", "music_api_key"}) == {
        "discord_api_url": "https://discord.com/api/v10",
        "discord_gateway_url": None,
        "music_api_url": "https://api.sunosay.com",
        "music_models": ("v3.5",),
        "music_submit_interval": 4,
        "music_queries_per_second": 2,
        "music_usual_seconds": 95.0,
        "database_url": "sqlite+aiosqlite:///data/encore.db",
        "media_dir": Path("data/media"),
        "media_max_gb": 5,
        "media_hosts": (),
        "media_allow_private": False,
        "job_deadline": 900,
        "jobs_per_user": 3,
        "daily_per_person": 20,
        "daily_per_server": 100,
        "daily_in_all": 300,
        "longest_queue": 100,
        "membership_hours": 0,
        "servers_allowed": (),
        "allow_direct_messages": False,
        "allow_user_install": False,
        "allow_create": False,
        "starter_tracks": (),
        "forbidden_words": (),
        "encryption_key": None,
        "operator_channel": None,
        "operator_server": None,
        "operator_contact": None,
        "ops_host": "127.0.0.1",
        "ops_port": 8080,
        "log_level": "INFO",
        "log_format": "text",
    }


def test_the_file_is_read_and_the_environment_wins(set_env: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("# a comment\nMUSIC_API_KEY=from-the-file\nJOBS_PER_USER=7\nexport LOG_FORMAT='json'\nUNRELATED=1\n", "utf-8")
    settings = load_settings()
    assert settings.music_api_key.get_secret_value() == KEY
    assert (settings.jobs_per_user, settings.log_format) == (7, "json")


def test_the_file_may_begin_with_a_byte_order_mark() -> None:
    Path(".env").write_text(f"DISCORD_TOKEN={TOKEN}\nMUSIC_API_KEY={KEY}\n", "utf-8-sig")
    assert load_settings().discord_token.get_secret_value() == TOKEN


def test_another_file_or_none(set_env: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("JOBS_PER_USER=7", "utf-8")
    Path("other.env").write_text("JOBS_PER_USER=8", "utf-8")
    assert load_settings(Path("other.env")).jobs_per_user == 8
    assert load_settings(None).jobs_per_user == 3


def test_a_file_that_is_not_text_is_named() -> None:
    Path(".env").write_text("DISCORD_TOKEN=x", "utf-16")
    assert problems() == (".env is not plain text: save it as UTF-8.",)


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("DISCORD_TOKEN=x", "utf-8")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", ".env")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    monkeypatch.undo()
    assert caught.value.problems == (".env cannot be read: Permission denied.",)


def test_every_problem_is_told_at_once_with_name_fault_and_example(set_env: pytest.MonkeyPatch) -> None:
    set_env.delenv("DISCORD_TOKEN")
    set_env.setenv("MUSIC_API_URL", "ftp://music.example")
    set_env.setenv("JOBS_PER_USER", "many")
    set_env.setenv("OPS_PORT", "99999")
    told = problems()
    assert [problem.split()[0] for problem in told] == ["DISCORD_TOKEN", "MUSIC_API_URL", "JOBS_PER_USER", "OPS_PORT"]
    assert told[0].startswith("DISCORD_TOKEN is not set. The bot's token: Discord Developer Portal")
    assert all(f"Example: {problem.split()[0]}=" in problem for problem in told)


def test_the_error_belongs_to_the_tree_of_start_up_errors() -> None:
    with pytest.raises(StartupError, match=r"DISCORD_TOKEN is not set.*; MUSIC_API_KEY is not set"):
        load_settings()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_example_works(set_env: pytest.MonkeyPatch, name: str) -> None:
    examples = Settings.model_fields[name].examples
    assert examples
    for example in examples:
        set_env.setenv(name.upper(), example.replace("paste-what-make-key-prints", make_key()))
        assert getattr(load_settings(), name) is not None


@pytest.mark.parametrize("name", Settings.model_fields)
def test_empty_means_not_set(set_env: pytest.MonkeyPatch, name: str) -> None:
    set_env.setenv(name.upper(), "  ")
    if name in {"discord_token", "music_api_key"}:
        assert problems()[0].startswith(f"{name.upper()} is empty.")
    elif name == "ops_port":
        assert load_settings().ops_port is None
    else:
        assert getattr(load_settings(), name) == Settings.model_fields[name].default


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        (f'"{TOKEN}"', "quotation marks"),
        (f"“{TOKEN}”", "quotation marks"),
        (f"Bot {TOKEN}", "begins with “Bot ”"),
        (f"bearer {TOKEN}", "begins with “bearer ”"),
        ("MTE0.Gh4x1z .a-made-up_token", "has a space or a line break in it"),
        ("MTE0.Gh4x1z\n.a-made-up_token", "has a space or a line break in it"),
        (f"{TOKEN}…", "characters that cannot be part of it"),
        (f"{TOKEN}\x1b", "characters that cannot be part of it"),
    ],
)
@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "MUSIC_API_KEY"])
def test_a_secret_pasted_wrongly_is_described_but_never_shown(set_env: pytest.MonkeyPatch, name: str, pasted: str, said: str) -> None:
    set_env.setenv(name, pasted)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    (problem,) = caught.value.problems
    assert problem.startswith(name)
    assert said in problem
    assert "made-up" not in "".join(traceback.format_exception(caught.value))


def test_space_around_a_value_is_nobody_s_fault(set_env: pytest.MonkeyPatch) -> None:
    set_env.setenv("DISCORD_TOKEN", f" {TOKEN}\r")
    set_env.setenv("LOG_LEVEL", "debug\r")
    settings = load_settings()
    assert settings.discord_token.get_secret_value() == TOKEN
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("DISCORD_API_URL", "http://127.0.0.1:9000/api/v10/", "http://127.0.0.1:9000/api/v10"),
        ("MUSIC_API_URL", "https://music.example//", "https://music.example"),
        ("DISCORD_GATEWAY_URL", "ws://127.0.0.1:9001/", "ws://127.0.0.1:9001/"),
        ("DISCORD_GATEWAY_URL", "wss://[::1]:9001/gateway", "wss://[::1]:9001/gateway"),
        ("MEDIA_HOSTS", " CDN1.suno.ai ,, cdn2.suno.ai,", ("cdn1.suno.ai", "cdn2.suno.ai")),
        ("MUSIC_MODELS", "v4, v3.5", ("v4", "v3.5")),
        ("MEDIA_ALLOW_PRIVATE", "yes", True),
        ("MEDIA_MAX_GB", "0.5", 0.5),
        ("MUSIC_SUBMIT_INTERVAL", "0.05", 0.05),
        ("LOG_FORMAT", "JSON", "json"),
        ("MEDIA_DIR", "/var/lib/media", Path("/var/lib/media")),
        ("DATABASE_URL", "sqlite:////var/lib/encore.db", "sqlite:////var/lib/encore.db"),
        ("DATABASE_URL", "postgres://encore:a%40b@db:5432/encore", "postgres://encore:a%40b@db:5432/encore"),
        ("DATABASE_URL", "postgresql+psycopg:///encore?host=/run/postgresql", "postgresql+psycopg:///encore?host=/run/postgresql"),
    ],
)
def test_what_is_accepted(set_env: pytest.MonkeyPatch, name: str, value: str, taken: object) -> None:
    set_env.setenv(name, value)
    assert getattr(load_settings(), name.lower()) == taken


def test_a_home_folder_is_understood(set_env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_env.setenv("HOME", str(tmp_path))
    set_env.setenv("MEDIA_DIR", "~/media")
    assert load_settings().media_dir == tmp_path / "media"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISCORD_API_URL", "discord.com/api/v10", "begins with http:// or https://"),
        ("DISCORD_API_URL", "wss://discord.com", "begins with http:// or https://"),
        ("MUSIC_API_URL", "https://", "begins with http:// or https://"),
        ("MUSIC_API_URL", "https://music.example/?key=1", "must be scheme, host, port and path alone"),
        ("MUSIC_API_URL", "https://me:secret@music.example", "must be scheme, host, port and path alone"),
        ("MUSIC_API_URL", "https://music.example/a path", "must be scheme, host, port and path alone"),
        ("MUSIC_API_URL", "https://music.example:port", "is not an address"),
        ("MUSIC_API_URL", "https://[music", "is not an address"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg", "begins with ws:// or wss://"),
        ("DATABASE_URL", "data/encore.db", "is not a database address"),
        ("DATABASE_URL", "postgresql://encore@db:port/encore", "is not a database address"),
        ("DATABASE_URL", "mysql://encore@db/encore", "is neither sqlite:/// nor postgresql://"),
        ("DATABASE_URL", "postgresql+asyncpg://encore@db/encore", "is neither sqlite:/// nor postgresql://"),
        ("DATABASE_URL", "postgresql:///encore?password=secret", "behind the question mark"),
        ("DATABASE_URL", "sqlite://data/encore.db", "needs three slashes"),
        ("DATABASE_URL", "sqlite:///:memory:", "names no file"),
        ("DATABASE_URL", "sqlite://", "names no file"),
        ("MEDIA_HOSTS", "https://cdn1.suno.ai", "https://cdn1.suno.ai is not one"),
        ("MEDIA_HOSTS", "cdn1.suno.ai,*.suno.ai", "*.suno.ai is not one"),
        ("MUSIC_MODELS", ", ,", "names nothing"),
        ("MEDIA_MAX_GB", "5 GB", "is not a number"),
        ("MEDIA_MAX_GB", "0", "must be more than 0"),
        ("MUSIC_SUBMIT_INTERVAL", "-4", "must be more than 0"),
        ("MUSIC_QUERIES_PER_SECOND", "nan", "is not a number"),
        ("JOB_DEADLINE", "inf", "is not a number"),
        ("MUSIC_USUAL_SECONDS", "4.9", "must be at least 5"),
        ("MUSIC_USUAL_SECONDS", "3601", "must be at most 3600"),
        ("JOBS_PER_USER", "0", "must be at least 1"),
        ("JOBS_PER_USER", "2.5", "is not a whole number"),
        ("OPS_PORT", "0", "must be at least 1"),
        ("OPS_PORT", "65536", "must be at most 65535"),
        ("MEDIA_ALLOW_PRIVATE", "maybe", "is neither true nor false"),
        ("LOG_LEVEL", "loud", "must be 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'"),
        ("LOG_FORMAT", "xml", "must be 'text' or 'json'"),
    ],
)
def test_what_is_refused_and_how(set_env: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    set_env.setenv(name, value)
    (problem,) = problems()
    assert problem.startswith(f"{name} ")
    assert said in problem
    assert "secret" not in problem


def test_nothing_secret_is_in_the_repr(set_env: pytest.MonkeyPatch) -> None:
    set_env.setenv("DATABASE_URL", "postgresql://encore:tr%40mpoline@db:5432/encore")
    settings = load_settings()
    for shown in (repr(settings), str(settings)):
        assert "encore:***@db:5432/encore" in shown
        assert not any(secret in shown for secret in (TOKEN, KEY, "tr%40mpoline", "tr@mpoline"))


def test_secrets_for_the_logs(set_env: pytest.MonkeyPatch) -> None:
    assert load_settings().secrets == (TOKEN, KEY)
    set_env.setenv("DATABASE_URL", "postgresql://encore:tr%40mpoline@db/encore")
    assert load_settings().secrets == (TOKEN, KEY, "tr%40mpoline", "tr@mpoline")


def test_settings_do_not_change(set_env: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.jobs_per_user = 4


def test_keys_for_encryption_are_checked_one_by_one_and_never_shown(set_env: pytest.MonkeyPatch) -> None:
    good = [make_key(), make_key()]
    set_env.setenv("ENCRYPTION_KEY", ", ".join(good))
    settings = load_settings()
    assert settings.encryption_keys == tuple(good)
    assert set(good) <= set(settings.secrets)
    assert not any(key in repr(settings) for key in good)
    set_env.setenv("ENCRYPTION_KEY", f"{good[0]},too-short")
    (problem,) = problems()
    assert problem.startswith("ENCRYPTION_KEY has one, number 2, that python -m bot make-key did not print. ")
    assert "too-short" not in problem
    assert good[0] not in problem


def test_without_them_there_are_none(set_env: pytest.MonkeyPatch) -> None:
    assert load_settings().encryption_keys == ()


def test_make_key_prints_one_that_is_taken(set_env: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["make-key"]) == 0
    set_env.setenv("ENCRYPTION_KEY", capsys.readouterr().out)
    assert len(load_settings().encryption_keys) == 1
