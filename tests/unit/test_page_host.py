"""Starting the sandbox from the command line."""

import pytest

from bot.__main__ import main
from bot.sandbox.host import has_screen


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])  # noqa: S104 - that it is refused is what is tested
def test_a_host_that_others_can_reach_is_refused_in_words(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--host", host]) == 2
    said = capsys.readouterr().out
    assert host in said
    assert "this machine alone" in said


@pytest.mark.parametrize(
    ("environment", "platform", "opens"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
        ({"SSH_CONNECTION": "x", "DISPLAY": "localhost:10"}, "linux", True),
        ({"SSH_CONNECTION": "x"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "x"}, "darwin", False),
        ({"CI": "1"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_a_browser_is_opened_where_it_would_be_seen(environment: dict[str, str], platform: str, opens: bool) -> None:
    assert has_screen(environment, platform) is opens
