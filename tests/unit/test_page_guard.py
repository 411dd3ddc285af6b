"""Who may talk to the page."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.sandbox.page.guard import Guard, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "::1", "[::1]"])
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "localhost.example.org", "", "10.0.0.1", "2130706433"])  # noqa: S104 - that it is refused is what is tested
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


async def _page(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="let in")


async def ask(guard: Guard, method: str, path: str, **headers: str) -> web.StreamResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = make_mocked_request(method, path, {"Host": "127.0.0.1:8400"} | named)
    return await guard.middleware()(request, _page)


@pytest.fixture
def guard() -> Guard:
    guard = Guard(capability="right")
    guard.listens_at("127.0.0.1", 8400)
    return guard


async def test_the_key_lets_in_and_becomes_a_cookie(guard: Guard) -> None:
    response = await ask(guard, "GET", "/?key=right")
    cookie = response.cookies["encore_sandbox_8400"]
    assert response.status == 200
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")


async def test_the_cookie_lets_in(guard: Guard) -> None:
    assert (await ask(guard, "GET", "/", Cookie="encore_sandbox_8400=right")).status == 200


@pytest.mark.parametrize("path", ["/", "/?key=", "/?key=wrong", "/static/js/main.js", "/api/state"])
async def test_without_the_key_there_are_only_words(guard: Guard, path: str) -> None:
    response = await ask(guard, "GET", path)
    assert isinstance(response, web.Response)
    assert response.status == 403
    assert "let in" not in (response.text or "")
    assert "key" in (response.text or "").lower()
    assert not response.cookies


async def test_a_key_that_is_not_ascii_is_only_wrong(guard: Guard) -> None:
    assert (await ask(guard, "GET", "/?key=%C3%A9")).status == 403


async def test_the_cookie_of_another_port_does_not_count(guard: Guard) -> None:
    assert (await ask(guard, "GET", "/", Cookie="encore_sandbox_8401=right")).status == 403


@pytest.mark.parametrize("host", ["evil.example:8400", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:8400", "localhost:8401"])
async def test_another_host_is_misdirected(guard: Guard, host: str) -> None:
    assert (await ask(guard, "GET", "/?key=right", Host=host)).status == 421


async def test_both_names_of_this_machine_will_do(guard: Guard) -> None:
    assert (await ask(guard, "GET", "/?key=right", Host="localhost:8400")).status == 200


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://127.0.0.1:9", "https://127.0.0.1:8400", "http://localhost:8400"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_another_origin_is_refused(guard: Guard, method: str, origin: str) -> None:
    response = await ask(guard, method, "/api/events?key=right", Origin=origin)
    assert response.status == 403


async def test_a_post_must_say_where_it_comes_from(guard: Guard) -> None:
    assert (await ask(guard, "POST", "/api/do/send?key=right")).status == 403
    assert (await ask(guard, "POST", "/api/do/send?key=right", Origin="http://127.0.0.1:8400")).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/api/events", "/api/state", "/files/1/a.mp3"])
async def test_another_site_reads_nothing(guard: Guard, path: str, site: str) -> None:
    assert (await ask(guard, "GET", f"{path}?key=right", Sec_Fetch_Site=site)).status == 403


async def test_a_link_from_anywhere_may_open_the_page(guard: Guard) -> None:
    assert (await ask(guard, "GET", "/?key=right", Sec_Fetch_Site="cross-site")).status == 200


async def test_an_address_with_colons_is_written_as_in_a_url() -> None:
    guard = Guard(capability="right")
    guard.listens_at("::1", 8400)
    assert (await ask(guard, "GET", "/?key=right", Host="[::1]:8400")).status == 200


def test_the_key_is_in_no_repr() -> None:
    assert "right" not in repr(Guard(capability="right"))


def test_each_start_has_a_key_of_its_own() -> None:
    assert Guard().capability != Guard().capability
    assert len(Guard().capability) >= 32
