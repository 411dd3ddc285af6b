"""README's settings table, `.env.example` and Settings say the same."""

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from bot.settings import Settings, load_settings
from tests.meta.project import ROOT, table_rows

EXAMPLE = ROOT / ".env.example"
COMPOSE_ALONE = {"POSTGRES_PASSWORD"}


def as_typed(field: FieldInfo) -> str:
    """Write a field's default as one would in `.env`."""
    default = field.default
    if default is None or field.is_required():
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    if isinstance(default, tuple):
        return ",".join(map(str, default))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - a field's default is typed as anything
    return str(default)


def test_the_readme_s_table_is_that_of_the_settings() -> None:
    expected = [
        [
            f"`{name.upper()}`",
            "required" if field.is_required() else f"`{as_typed(field)}`" if as_typed(field) else "empty",
            field.description,
        ]
        for name, field in Settings.model_fields.items()
    ]
    assert table_rows((ROOT / "README.md").read_text("utf-8"), "## Settings") == expected


def test_the_example_names_every_setting_with_its_meaning_and_default() -> None:
    paragraphs = re.findall(r"^# (.+)\n(#?)([A-Z_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    ours = [paragraph for paragraph in paragraphs if paragraph[2] not in COMPOSE_ALONE]
    assert ours == [
        (field.description, "" if field.is_required() else "#", name.upper(), as_typed(field))
        for name, field in Settings.model_fields.items()
    ]


def test_what_else_the_example_names_is_what_compose_reads() -> None:
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{([A-Z_]+)", compose)) == COMPOSE_ALONE
    assert all(f"\n#{name}=\n" in EXAMPLE.read_text("utf-8") for name in COMPOSE_ALONE)


def test_the_example_with_every_line_in_force_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    in_force = re.sub(r"^#(?=[A-Z_]+=)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    filled_in = re.sub(r"^(DISCORD_TOKEN|MUSIC_API_KEY|OPS_PORT)=.*", r"\1=1234", in_force, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(filled_in, "utf-8")
    settings = load_settings(tmp_path / ".env")
    defaults = {name: field.default for name, field in Settings.model_fields.items() if not field.is_required()}
    assert settings.model_dump(exclude={"discord_token", "music_api_key"}) == defaults | {"ops_port": 1234}
