"""Fetching from strangers, over real sockets: what cannot be fetched, and where it may not be fetched from."""

import socket
from ipaddress import ip_address

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.domain.reports import ClipReport, Stage
from bot.errors import AddressRefused, FetchFailed, FileTooLarge, NotAudio
from bot.services.archive import MAX_AUDIO
from bot.services.safe_fetch import FetchPolicy, SafeFetcher, is_public
from tests.e2e.shelf import CLIP, MP3, Cdn, Handler, Shelf, raw

# What cannot be fetched.


@pytest.mark.parametrize("status", [201, 204, 206, 304, 401, 403, 404, 416, 500, 503])
async def test_a_server_that_does_not_give_the_file(shelf: Shelf, status: int) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    shelf.cdn.files["/a.mp3"] = refuse
    async with shelf.open() as archive:
        with pytest.raises(FetchFailed, match=str(status)):
            await archive.audio(shelf.clip())


async def test_nobody_there(shelf: Shelf) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        shelf.cdn.url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with shelf.open() as archive:
            with pytest.raises(FetchFailed):
                await archive.audio(shelf.clip())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(MP3) + 1) + MP3,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(MP3) + MP3 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
        b"ICY 200 OK\r\n\r\n",
    ],
)
async def test_a_download_that_breaks_off(shelf: Shelf, answer: bytes) -> None:
    async with raw(answer) as (shelf.cdn.url, _), shelf.open() as archive:
        with pytest.raises(FetchFailed):
            await archive.audio(shelf.clip())
    assert shelf.names() == []


LOOPBACK = FetchPolicy(schemes=frozenset({"http"}), hosts=frozenset(), permits=lambda address: str(address) == "127.0.0.1")


async def test_a_download_that_takes_too_long() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", then_wait=True) as (url, _):
        with pytest.raises(FetchFailed, match="too long"):
            await SafeFetcher(LOOPBACK, total_seconds=0.2).fetch(url, max_bytes=100)


async def test_a_connection_that_takes_too_long() -> None:
    async with raw(b"", then_wait=True) as (url, _):
        policy = FetchPolicy(schemes=frozenset({"https"}), hosts=frozenset(), permits=LOOPBACK.permits)
        with pytest.raises(FetchFailed, match="too long"):
            await SafeFetcher(policy, connect_seconds=0.2).fetch(url.replace("http:", "https:"), max_bytes=100)


@pytest.mark.parametrize("length", [f"Content-Length: {MAX_AUDIO + 1}\r\n".encode(), b""])
async def test_a_file_above_the_cap(length: bytes) -> None:
    async with raw(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + b"a" * 3000) as (url, _):
        with pytest.raises(FileTooLarge):
            await SafeFetcher(LOOPBACK).fetch(url, max_bytes=2999)
        if not length:
            assert await SafeFetcher(LOOPBACK).fetch(url, max_bytes=3000) == b"a" * 3000


async def test_a_small_file_that_would_unfold_is_taken_as_it_is() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd") as (url, _):
        assert await SafeFetcher(LOOPBACK).fetch(url, max_bytes=4) == b"abcd"


# Where it may not be fetched from.


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fc00::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ],
)
async def test_no_connection_is_made_to_a_private_address(shelf: Shelf, host: str) -> None:
    async with raw(b"HTTP/1.1 200 OK\r\n\r\n") as (url, seen), shelf.open(allow_private=False) as archive:
        port = url.rpartition(":")[2]
        with pytest.raises(AddressRefused):
            await archive.audio(ClipReport(clip_id=CLIP, stage=Stage.DONE, audio_url=f"https://{host}:{port}/a.mp3"))
        assert seen.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.mp3",
        "ftp://example.org/a.mp3",
        "file:///etc/hostname",
        "a.mp3",
        "//example.org/a.mp3",
        "https:///a.mp3",
        "https://u:p@example.org/a.mp3",
        "https://[",
        "https://" + "a" * 70 + ".org/",
    ],
)
async def test_other_schemes_and_what_is_no_address(shelf: Shelf, url: str) -> None:
    async with shelf.open(allow_private=False) as archive:
        with pytest.raises((AddressRefused, NotAudio)):
            await archive.audio(ClipReport(clip_id=CLIP, stage=Stage.DONE, audio_url=url))


class FixedResolver(AbstractResolver):
    """Resolves every name to these addresses, as a hostile name server would."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET6 if ":" in address else socket.AF_INET, proto=0, flags=0
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::ffff:127.0.0.1"], ["10.0.0.1", "127.0.0.1"], ["::1", "127.0.0.1"]])
async def test_a_public_name_with_a_private_address(addresses: list[str]) -> None:
    async with raw(b"HTTP/1.1 200 OK\r\n\r\n") as (url, seen):
        fetcher = SafeFetcher(FetchPolicy.of(), resolver=lambda: FixedResolver(*addresses))
        with pytest.raises(AddressRefused, match=r"music\.example"):
            await fetcher.fetch(f"https://music.example:{url.rpartition(':')[2]}/", max_bytes=100)
        assert seen.connections == 0


async def test_of_several_addresses_only_a_permitted_one_is_connected() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (url, _):
        fetcher = SafeFetcher(LOOPBACK, resolver=lambda: FixedResolver("127.0.0.2", "127.0.0.1"))
        assert await fetcher.fetch(f"http://music.example:{url.rpartition(':')[2]}/", max_bytes=100) == b"ok"


def redirect(target: str, status: int = 302) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": target})

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(cdn: Cdn, status: int) -> None:
    cdn.files |= {"/1": redirect("/2", status), "/2": redirect(cdn.url + "/3", status), "/3": redirect("4", status), "/4": b"here"}
    assert await SafeFetcher(LOOPBACK).fetch(cdn.url + "/1", max_bytes=100) == b"here"


async def test_a_fourth_redirect_is_not(cdn: Cdn) -> None:
    cdn.files |= {f"/{number}": redirect(f"/{number + 1}") for number in range(1, 9)}
    with pytest.raises(FetchFailed, match="redirects"):
        await SafeFetcher(LOOPBACK).fetch(cdn.url + "/1", max_bytes=100)
    assert len(cdn.hits) == 4


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/2",
        "http://[::1]:{port}/2",
        "https://127.0.0.1:{port}/2",
        "file:///etc/hostname",
        "http://u@127.0.0.1:{port}/2",
    ],
)
async def test_a_redirect_stands_under_the_same_rules(cdn: Cdn, target: str) -> None:
    cdn.files |= {"/1": redirect(target.format(port=cdn.url.rpartition(":")[2])), "/2": b"secret"}
    with pytest.raises(AddressRefused):
        await SafeFetcher(LOOPBACK).fetch(cdn.url + "/1", max_bytes=100)
    assert cdn.hits == ["/1"]


async def test_a_redirect_to_nowhere_is_the_servers_answer(cdn: Cdn) -> None:
    async def nowhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302)

    cdn.files["/1"] = nowhere
    with pytest.raises(FetchFailed, match="302"):
        await SafeFetcher(LOOPBACK).fetch(cdn.url + "/1", max_bytes=100)


async def test_only_the_hosts_that_are_named(shelf: Shelf) -> None:
    async with shelf.open(hosts=["cdn.example", "Music.Example."]) as archive:
        with pytest.raises(AddressRefused, match="not among the hosts"):
            await archive.audio(shelf.clip())
    async with shelf.open(hosts=["127.0.0.1"]) as archive:
        assert await archive.audio(shelf.clip())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - nothing is bound
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "::127.0.0.1",
        "2001:db8::1",
        "100::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
