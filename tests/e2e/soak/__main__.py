"""`python -m tests.e2e.soak`: soak the bot for as long as wanted, on SQLite, on PostgreSQL, or on both in turn."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.recordings import two_recordings
from tests.e2e.soak.driver import soak
from tests.e2e.soak.stage import LOG
from tests.postgres import postgres_server

SQLITE, POSTGRESQL = "sqlite", "postgresql"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.soak", description="Let everything go wrong, and count what is lost.")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long faults happen, on each database")
    parser.add_argument("--seed", type=int, help="the same seed gives the same plan of faults; drawn and printed if not given")
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), action="append", help="both in turn, unless one is named")
    parser.add_argument("--logs", type=Path, help="keep the bot's logs in this folder, as soak-sqlite.log and soak-postgresql.log")
    options = parser.parse_args()
    seed: int = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    failed = False
    for name in options.database or (SQLITE, POSTGRESQL):
        print(f"seed {seed}, {options.minutes:g} minutes on {name} …", flush=True)  # noqa: T201 - a script speaks
        with ExitStack() as stack:
            url = stack.enter_context(postgres_server()) if name == POSTGRESQL else None
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="encore-soak-")))
            try:
                report = asyncio.run(soak(folder, two_recordings(), seed=seed, seconds=options.minutes * 60, postgres_url=url))
            finally:
                if options.logs:
                    options.logs.mkdir(parents=True, exist_ok=True)
                    shutil.copy(folder / LOG, options.logs / f"soak-{name}.log")
        print(report, flush=True)  # noqa: T201 - as above
        failed = failed or bool(report.verdict.problems)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
