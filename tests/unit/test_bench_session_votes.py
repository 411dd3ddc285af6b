"""The benchmark at a size that proves nothing but that it runs."""

import pytest

from bench.session_votes import compare


async def test_both_bots_take_a_few_votes(capsys: pytest.CaptureFixture[str]) -> None:
    assert (await compare(people=6, seconds=0.1, runs=1)).startswith("votes lost 0.00 (goal ≤ 0: met)")
    assert {"bare discord.py", "Encore"} <= {line.split("  ")[0] for line in capsys.readouterr().out.splitlines()}
