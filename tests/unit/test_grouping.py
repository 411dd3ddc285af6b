"""Group commit: lone items go at once, those that come close behind share a write, and each caller hears of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.store.grouping import MOST, Grouped
from tests.virtual_time import in_virtual_time

SPACING = 0.1


class Writes:
    """A database that notes when it was asked for what."""

    def __init__(self) -> None:
        self.groups: list[tuple[float, list[int]]] = []

    async def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.groups.append((asyncio.get_running_loop().time(), list(items)))
        await asyncio.sleep(0.01)
        return [ValueError(f"{item} is refused") if item < 0 else item * 10 for item in items]


def grouped(writes: Writes) -> Grouped[int, int]:
    return Grouped(writes, name="writes", spacing=SPACING)


def test_a_lone_item_is_written_at_once() -> None:
    async def main() -> None:
        loop, writes = asyncio.get_running_loop(), Writes()
        begun = loop.time()
        assert await grouped(writes)(1) == 10
        assert writes.groups == [(begun, [1])]

    in_virtual_time(main())


def test_what_comes_close_behind_shares_the_next_write() -> None:
    async def main() -> None:
        writes = Writes()
        write = grouped(writes)
        first = asyncio.create_task(write(1))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(write(number)) for number in range(2, 30)]
        assert await asyncio.gather(first, *others) == [number * 10 for number in range(1, 30)]
        (first_at, _), (second_at, second) = writes.groups
        assert second == list(range(2, 30))
        assert second_at - first_at == pytest.approx(SPACING)

    in_virtual_time(main())


def test_nobody_waits_for_longer_than_the_spacing_and_a_write() -> None:
    async def main() -> None:
        loop, writes = asyncio.get_running_loop(), Writes()
        write = grouped(writes)

        async def one(number: int) -> float:
            await asyncio.sleep(number / 50)
            asked = loop.time()
            await write(number)
            return loop.time() - asked

        assert max(await asyncio.gather(*map(one, range(100)))) <= SPACING + 0.02 + 1e-6
        assert len(writes.groups) <= 100 / 50 / SPACING + 1

    in_virtual_time(main())


def test_one_that_is_refused_spoils_nothing_for_the_others() -> None:
    async def main() -> None:
        write = grouped(Writes())
        answers = await asyncio.gather(write(1), write(-1), write(2), return_exceptions=True)
        assert [str(answer) for answer in answers] == ["10", "-1 is refused", "20"]

    in_virtual_time(main())


def test_a_write_takes_no_more_than_it_may() -> None:
    async def main() -> None:
        writes = Writes()
        write = grouped(writes)
        await asyncio.gather(*(write(number) for number in range(MOST + 5)))
        assert [len(items) for _, items in writes.groups] == [MOST, 5]

    in_virtual_time(main())
