"""The doctor's words, its arithmetic, and what it makes of what goes wrong; its questions are asked in the end-to-end tests."""

import asyncio
import errno
import io
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.domain.guild_keys import SealedKey
from bot.domain.reports import MADE_UP_TASK, Stage, TaskReport
from bot.errors import (
    Ambiguous,
    ContentRefused,
    KeyRefused,
    Maintenance,
    NotConnected,
    OutOfCredits,
    ProviderError,
    Refused,
    TaskUnknown,
    TooOften,
    Unreadable,
)
from bot.ops import doctor as doctor_module
from bot.ops.check_machine import check_media
from bot.ops.check_music import check_music
from bot.ops.check_own_keys import of_own_keys
from bot.ops.discord_rest import Channel, Overwrite
from bot.ops.doctor import Doctor
from bot.ops.findings import Check, Finding, Verdict, count, fail, look, ok, written
from bot.ops.logs import Redactor
from bot.ops.permissions import ADMINISTRATOR, INVITATION, NEEDED, VIEW, in_channel, lacking
from tests.fakes import FakeClock, ScriptedMusic
from tests.meta.project import ROOT

SECRET = "a-made-up-secret-of-some-length"
SEND, ATTACH = 1 << 11, 1 << 15


async def all_of(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


# How it is written.


def test_a_finding_is_readable_on_80_columns_with_words_beside_the_marks() -> None:
    long = fail("application", "It sends its interactions elsewhere, " * 5, "Developer Portal, General Information: empty it. " * 3)
    lines = written(long).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("✗ FAIL  application  It sends")
    assert [line for line in lines if line.startswith(" " * 18 + "-> Developer Portal")]
    assert written(ok("disk", "81 GB are free.")) == "✓ ok    disk         81 GB are free."
    assert written(look("pace", "Fast.", "Slow down.")).splitlines() == ["! look  pace         Fast.", " " * 18 + "-> Slow down."]


def test_an_address_stays_in_one_piece() -> None:
    address = "https://discord.com/oauth2/authorize?client_id=1234567890&scope=bot+applications.commands&permissions=309237763072"
    assert address in written(look("servers", "The bot is in none.", f"Invite it: {address}"))


def test_foreign_words_give_the_terminal_no_orders() -> None:
    assert "\x1b" not in written(look("servers", "“\x1b[2JStudio\x07” lacks it", "Grant it."))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_every_terminal_shows_the_words_and_none_the_secrets(encoding: str) -> None:
    raw = io.BytesIO()
    doctor = Doctor(io.TextIOWrapper(raw, encoding=encoding), Redactor([SECRET]))
    doctor.show(fail("music key", f"It says: {SECRET}.", "Mend it."))
    assert not doctor.conclude()
    shown = raw.getvalue().decode(encoding)
    assert " FAIL  music key" in shown
    assert SECRET not in shown
    assert shown.endswith("\n0 ok, 0 to look at, 1 failed.\n")


async def test_a_check_that_breaks_off_or_hangs_keeps_no_other_from_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "PATIENCE", 0.01)

    async def broken() -> AsyncIterator[Finding]:
        yield ok("first", "fine")
        raise KeyError("a bug")

    async def hanging() -> AsyncIterator[Finding]:
        await asyncio.Event().wait()
        yield ok("never", "said")

    async def sound() -> AsyncIterator[Finding]:
        yield look("third", "Look.", "Do.")

    stream = io.StringIO()
    doctor = Doctor(stream, Redactor(()))
    await doctor.examine([Check("first", broken), Check("second", hanging), Check("third", sound)])
    assert not doctor.conclude()
    shown = stream.getvalue()
    assert "FAIL  first        The check itself broke off: KeyError: 'a bug'" in shown
    assert "FAIL  second       There was no end to it" in shown
    assert shown.endswith("1 ok, 1 to look at, 2 failed.\n")


def test_what_only_wants_a_look_is_no_failure() -> None:
    doctor = Doctor(io.StringIO(), Redactor(()))
    doctor.show(look("pace", "Fast.", "Slow down."))
    assert doctor.conclude()


def test_counts() -> None:
    assert (count(1, "server"), count(0, "server"), count(2, "server")) == ("1 server", "0 servers", "2 servers")


# Permissions.


def test_what_is_needed_is_what_the_invitation_of_the_readme_asks_for() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"permissions=(\d+)", readme) == [str(INVITATION)]
    assert all(f"| {name} |" in readme for name in NEEDED.values())


def test_an_administrator_lacks_nothing() -> None:
    assert lacking(ADMINISTRATOR) == []
    assert lacking(INVITATION) == []
    assert lacking(INVITATION & ~ATTACH) == ["Attach Files"]
    assert lacking(0) == list(NEEDED.values())


def test_overwrites_count_in_discord_s_order() -> None:
    guild, role, other_role, user = 1, 2, 3, 4

    def may(*overwrites: Overwrite, base: int = INVITATION) -> int:
        channel = Channel(id=9, type=0, permission_overwrites=overwrites)
        return in_channel(base, channel, guild_id=guild, roles={role, guild}, user_id=user)

    assert may() == INVITATION
    assert not may(Overwrite(id=guild, deny=SEND)) & SEND
    assert may(Overwrite(id=role, allow=SEND), Overwrite(id=guild, deny=SEND)) & SEND, "a role overrules @everyone"
    assert not may(Overwrite(id=role, allow=SEND), Overwrite(id=user, deny=SEND)) & SEND, "the member overrules a role"
    assert may(Overwrite(id=other_role, deny=VIEW)) & VIEW, "a role that it has not"
    assert may(Overwrite(id=guild, deny=VIEW), base=ADMINISTRATOR) == ADMINISTRATOR


# The music API.


class Answering(ScriptedMusic):
    """A music API that knows one answer to a query."""

    def __init__(self, answer: TaskReport | ProviderError) -> None:
        super().__init__()
        self.reports[MADE_UP_TASK] = answer


@pytest.mark.parametrize(
    ("answer", "api", "key", "words"),
    [
        (TaskUnknown("Task not found"), "ok", "ok", "It cost nothing"),
        (TaskReport(task_id=MADE_UP_TASK, stage=Stage.WAITING), "ok", "ok", "It cost nothing"),
        (KeyRefused("Key verification failed"), "ok", "FAIL", "“Key verification failed”"),
        (OutOfCredits("Insufficient credits"), "ok", "FAIL", "no credits"),
        (TooOften("slow down"), "ok", "look", "shares the quota"),
        (Maintenance(), "ok", "look", "maintained"),
        (Refused("task_id is odd"), "ok", "look", "Most likely accepted"),
        (ContentRefused(), "ok", "look", "Most likely accepted"),
        (NotConnected(), "FAIL", None, "MUSIC_API_URL"),
        (Unreadable(), "FAIL", None, "nothing that the bot can read"),
        (Ambiguous(), "FAIL", None, "nothing that the bot can read"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ProviderError | TaskReport) else "",
)
async def test_what_a_query_for_nothing_tells(answer: TaskReport | ProviderError, api: str, key: str | None, words: str) -> None:
    music = Answering(answer)
    found = await all_of(check_music(music, "https://music.example", FakeClock()))
    assert [(finding.subject, finding.verdict.value) for finding in found] == [("music API", api), *([("music key", key)] if key else [])]
    assert any(words in f"{finding.found} {finding.mend}" for finding in found)
    assert all(finding.mend for finding in found if finding.verdict is not Verdict.OK)
    assert music.submits == [], "a query, and nothing that costs"


# The servers' own keys.


@pytest.mark.parametrize(
    ("kept", "closed", "is_set", "verdict", "words"),
    [
        (0, 0, False, "ok", "none can: ENCRYPTION_KEY is not set"),
        (0, 0, True, "ok", "No server has brought one"),
        (1, 0, True, "ok", "1 server key kept"),
        (2, 0, False, "look", "but 2 server keys kept"),
        (3, 2, True, "look", "2 of 3 server keys cannot be decrypted"),
    ],
)
def test_keys_that_cannot_be_read_are_counted(kept: int, closed: int, is_set: bool, verdict: str, words: str) -> None:
    keys = [SealedKey(guild_id=number, sealed="sealed", added_by=1, added_at=0.0) for number in range(kept)]
    found = of_own_keys(keys, (lambda key: key.guild_id >= closed) if is_set else None)
    assert (found.verdict.value, words in found.found) == (verdict, True)
    assert ("ENCRYPTION_KEY" in found.mend) is ("/settings, API key" in found.mend) is (verdict == "look")


# This machine.


class Usage(NamedTuple):
    """What shutil gives of a disk, as far as it is looked at."""

    free: int


@pytest.mark.parametrize(("free", "verdict"), [(50.0, "ok"), (2.0, "look"), (0.1, "FAIL")])
async def test_the_disk_is_compared_with_what_may_still_come(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: float, verdict: str
) -> None:
    def usage(_folder: Path) -> Usage:
        return Usage(int(free * 1e9))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    media, disk = await all_of(check_media(tmp_path, 5.0))
    assert (media.subject, media.verdict, disk.subject, disk.verdict.value) == ("media", Verdict.OK, "disk", verdict)
    assert verdict != "look" or "MEDIA_MAX_GB to 1.6 or less" in disk.mend


async def test_a_disk_that_is_read_only_is_noticed_by_writing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    (media,) = await all_of(check_media(tmp_path, 5.0))
    assert media.verdict is Verdict.FAIL
    assert "Read-only file system" in media.found


async def test_a_folder_that_is_still_to_be_made_is_not_made(tmp_path: Path) -> None:
    media, _disk = await all_of(check_media(tmp_path / "a" / "b", 0.001))
    assert "will be made at the first start" in media.found
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240 - an empty folder
