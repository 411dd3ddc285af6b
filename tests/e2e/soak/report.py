"""What a soak has done to the bot, and what came of it, in counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

    from tests.e2e.soak.verdict import Verdict

SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was done to the bot, and what came of it."""

    seed: int
    database: str
    seconds: float
    drained_in: float
    asked: int
    acknowledged: int
    starts: int
    ends: Counter[str]
    struck: Counter[str]
    kinds: int
    verdict: Verdict

    def __str__(self) -> str:
        """Write the counts, and below them what is wrong."""
        verdict, problems = self.verdict, self.verdict.problems
        wrong = {"lost": verdict.lost, "doubled": verdict.doubled, "quota violations": verdict.violations, "untrue": verdict.untrue}
        lines = [
            f"soak on {self.database}, seed {self.seed}: {self.seconds:.0f} s of faults, drained in {self.drained_in:.0f} s",
            f"requests {self.asked}, acknowledged {self.acknowledged}; jobs {verdict.ends.total()}: {_listed(verdict.ends)}",
            f"starts {self.starts}: {_listed(self.ends)}",
            f"faults {self.struck.total()}, of {len(self.struck)} kinds out of {self.kinds}: {_listed(self.struck)}",
            ", ".join(f"{what} {len(found)}" for what, found in wrong.items()) + f", unexpected errors {len(verdict.broken)}",
        ]
        lines += [f"  - {problem}" for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"  … {len(problems)} in all")
        return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
