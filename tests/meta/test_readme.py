"""The README keeps what it promises to newcomers."""

import re

import discord

from tests.meta.project import ROOT, table_rows

README = (ROOT / "README.md").read_text("utf-8")


def test_it_begins_with_exactly_two_commands() -> None:
    before, commands, _ = README.split("```", 2)
    assert before.startswith("# Encore\n\n")
    assert commands.strip().splitlines() == ["make sandbox", "make test"]


def test_the_makefile_has_every_target_that_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    documents = README + (ROOT / "CONTRIBUTING.md").read_text("utf-8") + (ROOT / "tests/README.md").read_text("utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", documents, re.MULTILINE))
    assert named >= {"sandbox", "test", "setup", "check"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


def test_the_invitation_asks_for_the_permissions_of_the_table() -> None:
    rows = table_rows(README, "### 1. A Discord application")
    names = [row[0].lower().replace(" ", "_").replace("view_channels", "view_channel") for row in rows]
    asked = discord.Permissions(**dict.fromkeys(names, True))
    assert re.findall(r"permissions=(\d+)", README) == [str(asked.value)]
    assert asked.value


def test_links_lead_to_files_of_the_project() -> None:
    for document in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/README.md"):
        path = ROOT / document
        targets = [target for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")) if "://" not in target]
        assert all((path.parent / target).is_file() for target in targets)
