"""`python -m bot doctor` as an operator runs it, against the loopback Discord and music API, with each thing that can be wrong."""

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from bot.checkup import of_schema
from bot.domain.guild_keys import SealedKey
from bot.ops.findings import Verdict
from bot.services.sealing import Seal, make_key
from bot.store.database import Database
from bot.store.inspection import Inspection, Schema
from bot.store.keys import GuildKeys
from bot.store.migrate import migrate
from tests.e2e.play import Play
from tests.e2e.ports import free_port
from tests.postgres import fresh_database

OWN_KEY = "servers-own-key-0123456789abcdef"


@dataclass(slots=True)
class Told:
    """What the doctor printed, by subject: its words, one space between them."""

    status: int
    text: str
    lines: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def __post_init__(self) -> None:
        subject = ""
        for line in self.text.splitlines()[1:]:
            if line[:1] in ("✓", "!", "✗"):
                subject = line[8:21].strip()
                self.lines.setdefault(subject, []).append(f"{line[2:8].strip()}: {line[21:]}")
            elif line.startswith(" " * 18) and subject:
                self.lines[subject][-1] += " " + line.strip()

    def of(self, subject: str) -> str:
        return " | ".join(self.lines[subject])

    @property
    def failed(self) -> set[str]:
        return {subject for subject, said in self.lines.items() if any(words.startswith("FAIL") for words in said)}


async def doctor(play: Play, **settings: str | None) -> Told:
    """Run it with the stage's settings, or these instead (None: not set)."""
    changed = {**play.bot.environment, "PYTHONIOENCODING": "utf-8", **settings}
    environment = {name: value for name, value in changed.items() if value is not None}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "doctor",
        cwd=play.bot.folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    text = out.decode()
    assert play.discord.token not in text
    assert play.music.key not in text
    assert "Traceback" not in text, text
    assert process.returncode is not None
    return Told(process.returncode, text)


async def test_before_the_first_start_all_is_well_and_stays_untouched(stage: Play, tmp_path: Path) -> None:
    told = await doctor(stage, OPS_PORT=str(free_port()))
    assert (told.status, told.failed) == (0, set())
    assert told.text.startswith("Encore ")
    assert "first start makes its tables" in told.of("database")
    assert "No bot is running" in told.of("lock")
    assert "is free" in told.of("ops port")
    assert "that of the bot Encore" in told.of("token")
    assert "agrees with Discord's" in told.of("clock")
    assert "anyone may invite it" in told.of("application")
    assert "None yet" in told.of("commands")
    assert "1000 of 1000 session starts" in told.of("gateway")
    assert "greets" in told.of("gateway")
    assert "In 1 server, everywhere" in told.of("servers")
    assert "3 channels of 1 server" in told.of("channels")
    assert "answered in" in told.of("music API")
    assert "It cost nothing" in told.of("music key")
    assert told.of("media").startswith("look: MEDIA_ALLOW_PRIVATE=true"), "the one thing of a sandbox that is not for real servers"
    assert all(len(line) <= 80 for line in told.text.splitlines() if str(tmp_path) not in line), "only what has no space sticks out"
    assert [path.name for path in tmp_path.iterdir()] == []  # noqa: ASYNC240 - nothing was made
    assert len(stage.discord.requests) <= 15
    assert stage.submits() == []


async def test_beside_a_running_bot_it_says_so_and_disturbs_nothing(stage: Play) -> None:
    port = str(free_port())
    stage.set(OPS_PORT=port)
    stage.hurry()
    await stage.start()
    call = await stage.extend()
    told = await doctor(stage)
    assert (told.status, told.failed) == (0, set())
    assert "A bot is running on this database. That is fine" in told.of("lock")
    assert "its schema is this version's" in told.of("database")
    assert f"A bot answers at 127.0.0.1:{port}" in told.of("ops port")
    assert "/extend, /family, /help, /jobs" in told.of("commands")
    await stage.shows(call, "The track is here")


async def test_every_wrong_setting_is_told_at_once(stage: Play) -> None:
    told = await doctor(stage, DISCORD_TOKEN=None, OPS_PORT="99999", MUSIC_API_URL="ftp://here")
    assert told.status == 1
    said = told.lines["settings"]
    assert [words.split()[1] for words in said] == ["DISCORD_TOKEN", "MUSIC_API_URL", "OPS_PORT"]
    assert "Example: OPS_PORT=8080" in said[2]
    assert "The rest is looked at once they are right." in told.text
    assert stage.discord.requests == []


async def test_settings_that_are_seldom_meant_are_pointed_out(stage: Play) -> None:
    told = await doctor(stage, MUSIC_MODELS="v3.5,v9", MUSIC_SUBMIT_INTERVAL="1", MUSIC_QUERIES_PER_SECOND="2")
    assert told.of("models").startswith("look: MUSIC_MODELS offers v9")
    assert told.of("pace").startswith("look: MUSIC_SUBMIT_INTERVAL=1 and MUSIC_QUERIES_PER_SECOND=2")
    assert told.status == 0


async def test_a_database_that_is_not_of_this_version(stage: Play, postgres_url: str) -> None:
    async with fresh_database(postgres_url) as url:
        await migrate(url)
        told = await doctor(stage, DATABASE_URL=url)
        assert (told.status, told.failed) == (0, set())
        assert "PostgreSQL" in told.of("database")
        async with Database(url) as database, database.write_one() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of_tomorrow'")
        told = await doctor(stage, DATABASE_URL=url)
        assert (told.status, told.failed) == (1, {"database"})
        assert "a newer version of the bot wrote its schema" in told.of("database")


async def test_keys_that_cannot_be_decrypted_are_counted_and_left_as_they_are(stage: Play) -> None:
    url, earlier, later = stage.bot.environment["DATABASE_URL"], make_key(), make_key()
    assert "own keys" not in (await doctor(stage)).lines, "there is no database yet"
    await migrate(url)
    for guild_id, sealed_with in ((1, earlier), (2, earlier), (3, later)):
        sealed = Seal([sealed_with]).seal(SecretStr(OWN_KEY), guild_id)
        async with Database(url) as database:
            await GuildKeys(database).keep(SealedKey(guild_id=guild_id, sealed=sealed, added_by=1, added_at=0.0))
    async with Database(url) as database:
        before = await GuildKeys(database).all()
    for setting, words in (
        (None, "look: ENCRYPTION_KEY is not set, but 3 server keys kept"),
        (later, "look: 2 of 3 server keys cannot be decrypted"),
        (f"{later},{earlier}", "ok: 3 server keys kept"),
    ):
        told = await doctor(stage, ENCRYPTION_KEY=setting)
        assert told.of("own keys").startswith(words)
        assert (told.status, told.failed) == (0, set())
        assert not any(secret in told.text for secret in (OWN_KEY, earlier, later, *(key.sealed for key in before)))
    async with Database(url) as database:
        assert await GuildKeys(database).all() == before


def test_one_that_is_behind_is_to_be_backed_up_first() -> None:
    found = of_schema(Inspection(server="SQLite 3.45", schema=Schema.BEHIND, pending=2, in_use=False))
    assert found.verdict is Verdict.LOOK
    assert "2 migrations behind" in found.found
    assert "Take a backup" in found.mend
    assert "python -m bot migrate" in found.mend


async def test_nobody_answers(stage: Play) -> None:
    told = await doctor(stage, MUSIC_API_URL="http://127.0.0.1:1", DISCORD_API_URL="http://127.0.0.1:1/api/v10")
    assert (told.status, told.failed) == (1, {"Discord", "music API"})
    assert "MUSIC_API_URL" in told.of("music API")
    assert "DISCORD_API_URL" in told.of("Discord")
    assert "music key" not in told.lines


async def test_everything_that_is_wrong_is_told_in_one_run_and_nothing_secret(stage: Play, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("in its place")
    told = await doctor(
        stage,
        DISCORD_TOKEN="loopback.mistyped",
        MUSIC_API_KEY="mistyped-key",
        DATABASE_URL="postgresql://encore:tr%40mpoline@127.0.0.1:1/encore",
        MEDIA_ALLOW_PRIVATE="false",
    )
    assert (told.status, told.failed) == (1, {"token", "music key", "database", "media"})
    assert told.text.endswith(", 4 failed.\n")
    assert "mistyped" not in told.text
    assert "mpoline" not in told.text
    expected = {
        "token": ("refuses it (HTTP 401)", "-> Developer Portal, Bot, Reset Token; copy it into DISCORD_TOKEN."),
        "music key": ("“Key verification failed", "MUSIC_API_KEY"),
        "database": ("Connection refused", "-> Look at DATABASE_URL"),
        "media": ("is a file, not a folder", "-> Set MEDIA_DIR"),
    }
    for subject, (found, mend) in expected.items():
        assert found in told.of(subject)
        assert mend in told.of(subject)
