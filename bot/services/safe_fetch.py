"""Download a file from an address that somebody else named, without being led into our own network.

What counts is the address a socket is about to be connected to: a name can resolve to anything, may resolve differently the next
time, and a literal address is never resolved at all.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import AddressRefused, FetchFailed, FileTooLarge

MAX_REDIRECTS = 3
CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 120.0
CHUNK = 64 * 1024

REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""

Address = IPv4Address | IPv6Address


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, and so does the IPv4 address inside it, if there is one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """Where files may come from; `hosts` empty: every host whose connected address `permits`."""

    schemes: frozenset[str]
    hosts: frozenset[str]
    permits: Callable[[Address], bool]

    @classmethod
    def of(cls, *, hosts: Collection[str] = (), allow_private: bool = False) -> "FetchPolicy":
        """Make the policy of the settings MEDIA_HOSTS and MEDIA_ALLOW_PRIVATE; without the latter: https, public addresses."""
        return cls(
            schemes=frozenset({"https", "http"} if allow_private else {"https"}),
            hosts=frozenset(host.strip().rstrip(".").lower() for host in hosts),
            permits=(lambda _: True) if allow_private else is_public,
        )

    def check(self, url: URL) -> None:
        """Raise AddressRefused unless the scheme and the host are permitted."""
        host = (url.host or "").rstrip(".")
        if url.scheme not in self.schemes or not host:
            raise AddressRefused(f"{url.scheme or 'no scheme'}: only {' and '.join(sorted(self.schemes))} is fetched")
        if url.user is not None or url.password is not None:
            raise AddressRefused("an address with credentials is not fetched")
        if self.hosts and host not in self.hosts:
            raise AddressRefused(f"{host} is not among the hosts that files may come from")


class _Guard:
    """Makes sockets for permitted addresses only, and remembers those it refused."""

    def __init__(self, permits: Callable[[Address], bool]) -> None:
        self._permits = permits
        self.refused: list[str] = []

    def __call__(self, addr_info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """Make the socket that will be connected to exactly this address, or raise PermissionError."""
        family, kind, protocol, _, sockaddr = addr_info
        host = str(sockaddr[0]).partition("%")[0]
        if not self._permits(ip_address(host)):
            self.refused.append(host)
            raise PermissionError(errno.EACCES, f"{host} is not a public address")
        return socket.socket(family, kind, protocol)


class SafeFetcher:
    """Downloads files under a policy; redirects are followed by hand, each under the same policy."""

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """Take the policy, and the caps in seconds on connecting and on the whole download."""
        self._policy = policy
        self._resolver = resolver
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds

    async def fetch(self, url: str, *, max_bytes: int) -> bytes:
        """Download a file of at most `max_bytes`. Raises AddressRefused, FileTooLarge or FetchFailed."""
        try:
            async with asyncio.timeout(self._total_seconds):
                return await self._follow(URL(url), max_bytes)
        except ValueError as error:
            raise AddressRefused("that is no address") from error
        except TimeoutError as error:
            raise FetchFailed("the download took too long") from error
        except aiohttp.ClientPayloadError as error:
            raise FetchFailed("the download broke off") from error
        except (aiohttp.ClientError, OSError) as error:
            raise FetchFailed(f"the download failed: {type(error).__name__}") from error

    async def _follow(self, url: URL, max_bytes: int) -> bytes:
        guard = _Guard(self._policy.permits)
        # One connector a download: its guard speaks of this download only, and no connection outlives it.
        connector = aiohttp.TCPConnector(resolver=self._resolver(), socket_factory=guard, force_close=True)
        timeout = aiohttp.ClientTimeout(total=None, connect=self._connect_seconds)
        # Asked for as it is: a decoded body has no length to compare with, and may unfold beyond every cap.
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "encore-bot"},
        ) as session:
            for _ in range(1 + MAX_REDIRECTS):
                self._policy.check(url)
                guard.refused.clear()
                try:
                    response = await session.get(url, allow_redirects=False)
                except aiohttp.ClientConnectorError as error:
                    if guard.refused:
                        raise AddressRefused(f"{url.host} is not a public address") from error
                    raise
                async with response:
                    target = response.headers.get("Location")
                    if response.status not in REDIRECTS or target is None:
                        return await _read(response, max_bytes)
                    url = url.join(URL(target))
        raise FetchFailed(f"there are more than {MAX_REDIRECTS} redirects")


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    if response.status != HTTPStatus.OK:
        raise FetchFailed(f"the server answers {response.status}")
    if (response.content_length or 0) > max_bytes:
        raise FileTooLarge(f"the file has {response.content_length} bytes, more than {max_bytes}")
    data = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > max_bytes:
            raise FileTooLarge(f"the file has more than {max_bytes} bytes")
    return bytes(data)
