"""House rules that no linter knows."""

import ast
import importlib.metadata
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.meta.project import ROOT, project_files, project_texts, pyproject, table_rows

HOSTS = tuple(
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
)
"""Registries' hosts, put together here so that this file does not name them. Where packages come from is each machine's own matter."""

MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|Users|work|mnt)/[\w.]|\b[A-Z]:\\\\?Users\b")


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def test_the_files_were_seen() -> None:
    seen = {name for name, _ in project_texts()}
    assert {"pyproject.toml", "bot/errors.py", "tests/meta/test_house.py", "Dockerfile", "README.md", ".ci/run"} <= seen
    assert not any(name.startswith((".git/", ".venv/")) for name in seen)


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{name}: {what}"
        for name, text in project_texts()
        for what in chain((host for host in HOSTS if host in text), (match[0] for match in MACHINE_PATH.finditer(text)))
    ]
    assert found == []


@pytest.mark.parametrize("text", ["cd /home" + "/me", "=/work" + "/main", "'C:\\" + "Users\\me'", "at /Users" + "/me"])
def test_a_path_of_one_machine_is_recognised(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize("text", ["https://example.org/home/page", "./work/x", "/webhooks/1", "~/home/x", "/homepage"])
def test_other_paths_are_not(text: str) -> None:
    assert not MACHINE_PATH.search(text)


def requirements() -> list[Requirement]:
    project = pyproject()["project"]
    optional = chain.from_iterable(project["optional-dependencies"].values())
    return [Requirement(text) for text in chain(project["dependencies"], optional)]


def test_contributing_says_why_each_dependency_is_there() -> None:
    rows = table_rows((ROOT / "CONTRIBUTING.md").read_text("utf-8"), "## Dependencies, and why each is there")
    said = {canonicalize_name(row[0].strip("`")): row[1] for row in rows}
    build = [Requirement(text) for text in pyproject()["build-system"]["requires"]]
    needed = {canonicalize_name(requirement.name) for requirement in (*requirements(), *build)} - {pyproject()["project"]["name"]}
    assert said.keys() == needed
    assert all(said.values())


PINNED_FOR = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux", "platform_system": "Linux"}
"""What constraints.txt is made on; a dependency that only another Python or system needs is not in it."""


def installed() -> dict[str, str]:
    """Everything that the project's requirements bring with them, as installed: name and version."""
    found: dict[str, str] = {}
    wanted = [(requirement, "") for requirement in requirements() if requirement.name != pyproject()["project"]["name"]]
    seen: set[tuple[str, str]] = set()
    while wanted:
        requirement, extra = wanted.pop()
        if requirement.marker and not all(requirement.marker.evaluate({"extra": extra} | where) for where in ({}, PINNED_FOR)):
            continue
        name = canonicalize_name(requirement.name)
        found[name] = importlib.metadata.version(name)
        for wanted_extra in ("", *requirement.extras):
            if (name, wanted_extra) not in seen:
                seen.add((name, wanted_extra))
                wanted += [(Requirement(text), wanted_extra) for text in importlib.metadata.requires(name) or ()]
    return found


def test_constraints_pin_every_installed_dependency() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    pins: dict[str, str] = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    found = installed()
    assert len(found) > len(requirements()), "dependencies of dependencies were not followed"
    assert {name: pins.get(name) for name in found} == found


SILENCERS = re.compile(
    r"#\s*(?P<what>type: ignore|pyright: ignore|noqa)(?P<rules>\[[\w-]+(, ?[\w-]+)*\]|: ?[A-Z]+\d+(, ?[A-Z]+\d+)*)?(?P<rest>.*)"
)


def unreasoned(source: str) -> list[str]:
    """List the comments that silence a checker without naming its rule, or without ` - ` and a reason."""
    comments = [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT]
    matches = filter(None, map(SILENCERS.search, comments))
    return [match[0] for match in matches if not match["rules"] or not re.match(r" - \w", match["rest"])]


def test_checkers_are_silenced_by_rule_and_with_a_reason() -> None:
    found = [f"{path.relative_to(ROOT)}: {comment}" for path in python_files() for comment in unreasoned(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "comment", ["type: ignore", "type: ignore[arg-type]", "noqa", "noqa: E501", "pyright: ignore - it is so", "noqa - because"]
)
def test_an_unreasoned_silence_is_seen(comment: str) -> None:
    assert unreasoned(f"x = 1  # {comment}\n")


@pytest.mark.parametrize("comment", ["type: ignore[arg-type] - a stub is wrong", "noqa: N818, E501 - so it reads", "an ordinary comment"])
def test_a_reasoned_one_passes(comment: str) -> None:
    assert unreasoned(f"x = 1  # {comment}\n") == []


def unreasoned_skips(source: str) -> Iterator[int]:
    """Yield the lines on which a test is skipped, or expected to fail, without a reason."""
    tree = ast.parse(source)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr not in {"skip", "skipif", "xfail", "importorskip"}:
            continue
        owner = ast.unparse(node.value)
        if owner not in {"pytest", "pytest.mark", "mark"}:
            continue
        call = called.get(id(node))
        reasons = [keyword.value for keyword in call.keywords if keyword.arg == "reason"] if call else []
        if call and node.attr in {"skip", "xfail"}:
            reasons += call.args[:1]
        if not any(not isinstance(reason, ast.Constant) or reason.value for reason in reasons):
            yield node.lineno


def test_every_skip_has_a_reason() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in python_files() for line in unreasoned_skips(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.skip\ndef test(): ...",
        "pytest.skip()",
        "pytest.skip('')",
        "@pytest.mark.skipif(WINDOWS)\ndef test(): ...",
        "pytest.importorskip('x')",
    ],
)
def test_a_skip_without_a_reason_is_seen(source: str) -> None:
    assert list(unreasoned_skips(source))


def test_a_skip_with_a_reason_passes() -> None:
    assert not list(
        unreasoned_skips("pytest.skip('no server here')\n@pytest.mark.skipif(WINDOWS, reason='no such signal')\ndef test(): ...")
    )


MOCKS = {"Mock", "MagicMock", "NonCallableMock", "NonCallableMagicMock", "AsyncMock"}
PATCHES = {"patch": 2, "patch.object": 3, "mock.patch": 2, "mock.patch.object": 3}
"""How many positional arguments a patch has when its replacement is among them."""


def unspecced_mocks(source: str) -> Iterator[int]:
    """Yield the lines that make a mock which would accept anything."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).removeprefix("unittest.")
        given = {keyword.arg for keyword in node.keywords}
        is_mock = name.removeprefix("mock.") in MOCKS and not node.args and not given & {"spec", "spec_set"}
        is_patch = (
            name in PATCHES and len(node.args) < PATCHES[name] and not given & {"spec", "spec_set", "autospec", "new", "new_callable"}
        )
        if is_mock or is_patch:
            yield node.lineno


def test_mocks_are_specced() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in python_files() for line in unspecced_mocks(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source", ["Mock()", "mock.AsyncMock(return_value=1)", "unittest.mock.MagicMock()", "patch('a.b')", "mock.patch.object(a, 'b')"]
)
def test_an_unspecced_mock_is_seen(source: str) -> None:
    assert list(unspecced_mocks(source))


@pytest.mark.parametrize(
    "source", ["Mock(spec=Clock)", "AsyncMock(Clock)", "create_autospec(Clock)", "patch('a.b', fake)", "patch('a.b', autospec=True)"]
)
def test_a_specced_mock_passes(source: str) -> None:
    assert not list(unspecced_mocks(source))
