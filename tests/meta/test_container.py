"""Dockerfile and compose.yaml: what hadolint does not look at."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from compose_spec import PyCompose

from tests.meta.project import ROOT, project_texts

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
BUILD, FINAL = DOCKERFILE.split("\nFROM ")[1:]
COMPOSE: dict[str, Any] = PyCompose.from_yaml((ROOT / "compose.yaml").read_text("utf-8")).to_dict()
"""Parsed as Compose would: an unknown key or a malformed value raises."""


def instructions(name: str, stage: str = FINAL) -> list[str]:
    return re.findall(rf"^\s*{name} +(.+)$", stage, re.MULTILINE)


def test_both_stages_start_from_the_same_tag_of_the_python_that_is_tested() -> None:
    bases = [stage.split()[0] for stage in (BUILD, FINAL)]
    assert bases[0] == bases[1]
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases[0])
    assert bases[0].startswith(f"python:{sys.version_info.major}.{sys.version_info.minor}-") or sys.version_info >= (3, 12)


def test_it_runs_as_a_number_that_is_not_root() -> None:
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert FINAL.index("\nUSER") < FINAL.index("\nENTRYPOINT")


def test_signals_reach_the_process_itself() -> None:
    (entrypoint,) = instructions("ENTRYPOINT")
    assert json.loads(entrypoint) == ["python", "-m", "bot"]
    assert instructions("STOPSIGNAL") == ["SIGTERM"]


def test_no_build_tool_no_download_and_no_secret_is_left_in_it() -> None:
    assert not instructions("ADD", DOCKERFILE)
    assert not instructions("ARG", DOCKERFILE)
    assert all(line.startswith("--from=build ") for line in instructions("COPY"))
    assert not re.search(r"pip install|apt-get|curl|wget", FINAL)
    assert not re.search(r"TOKEN|KEY|PASSWORD", DOCKERFILE)


def test_only_what_the_image_is_built_from_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    admitted = {line[1:] for line in lines if line.startswith("!")}
    copied = {name for line in instructions("COPY", BUILD) for name in line.split()[:-1]}
    assert admitted == copied
    assert all((ROOT / name).exists() for name in admitted)


def test_all_packages_of_the_project_are_in_the_image() -> None:
    packages = {name.split("/")[0] for name, _ in project_texts() if name.endswith("__init__.py")} - {"tests", "bench"}
    assert packages <= {name for line in instructions("COPY", BUILD) for name in line.split()}


class Health(BaseHTTPRequestHandler):
    """Answers with the server's status, and only on /healthz."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.send_response(self.server.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
        """Say nothing."""


class Server(HTTPServer):
    """A health endpoint of a bot that is well, or not."""

    status = 200


@contextmanager
def endpoint(status: int) -> Generator[int]:
    with Server(("127.0.0.1", 0), Health) as server:
        server.status = status
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def probe(port: str | None) -> int:
    """Run the image's health check and return its exit code."""
    (command,) = re.findall(r"HEALTHCHECK .*?CMD (.+)", FINAL)
    environment = {"OPS_PORT": port} if port is not None else {}
    _python, *arguments = json.loads(command)
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False).returncode  # noqa: S603 - the project's own


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_asks_the_bot(status: int, code: int) -> None:
    with endpoint(status) as port:
        assert probe(str(port)) == code


def test_a_bot_that_does_not_answer_is_not_healthy() -> None:
    with endpoint(200) as port:
        pass
    assert probe(str(port)) == 1


def test_with_the_endpoint_off_a_running_process_is_healthy() -> None:
    assert probe("") == 0


def test_compose_locks_the_bot_in() -> None:
    bot = COMPOSE["services"]["encore"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert bot["tmpfs"] == ["/tmp"]  # noqa: S108 - a folder of the container
    assert bot["stop_grace_period"] == "20s"
    assert bot["env_file"] == ".env"
    assert "ports" not in bot


def test_the_bot_needs_no_second_container_unless_the_profile_is_asked_for() -> None:
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if "profiles" not in service] == ["encore"]
    assert services["postgres"]["profiles"] == ["postgres"]
    assert services["encore"]["depends_on"] == {"postgres": {"condition": "service_healthy", "required": False}}
    assert services["postgres"]["healthcheck"]["test"][1] == "pg_isready"
    assert re.fullmatch(r"postgres:\d+-\w+", services["postgres"]["image"])


def test_what_must_outlive_a_container_is_on_a_named_volume() -> None:
    mounted = {volume.split(":")[0]: volume.split(":")[1] for service in COMPOSE["services"].values() for volume in service["volumes"]}
    assert mounted.keys() == COMPOSE["volumes"].keys()
    assert [mounted["encore-data"]] == instructions("VOLUME")
    assert all(f'="{prefix}' in FINAL for prefix in ("sqlite+aiosqlite:////data/", "/data/media"))
