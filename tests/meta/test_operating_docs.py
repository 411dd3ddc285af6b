"""docs/operating.md: its table is that of the registry, and its alerts name metrics that exist."""

import re

from bot.ops.build import Build
from bot.ops.counting import CountingAnnouncer, CountingMusic
from bot.ops.metrics import Metrics
from bot.ops.sightings import Sightings
from tests.fakes import FakeClock, RecordingAnnouncer, ScriptedMusic
from tests.meta.project import ROOT, table_rows

TEXT = (ROOT / "docs/operating.md").read_text("utf-8")


def rows() -> dict[str, list[str]]:
    return {row[0].strip("`"): row[1:] for row in table_rows(TEXT, "## Metrics")}


def registry() -> dict[str, str]:
    """Every metric of ours by the name that is shown, with its type."""
    found: dict[str, str] = {}
    for metric in Metrics(Build.here()).registry.collect():
        ending = {"counter": "_total", "info": "_info"}.get(metric.type, "")
        if metric.name.startswith("encore_"):
            found[metric.name + ending] = "gauge" if metric.type == "info" else metric.type
    return found


def test_the_table_is_that_of_the_registry() -> None:
    assert {name: row[0] for name, row in rows().items()} == registry()
    assert all(row[2] for row in rows().values())


def test_the_outcomes_and_ways_that_begin_at_zero_are_listed() -> None:
    metrics, clock, seen = Metrics(Build.here()), FakeClock(), Sightings()
    CountingMusic(ScriptedMusic(), metrics=metrics, sightings=seen, clock=clock)
    CountingAnnouncer(RecordingAnnouncer(), metrics=metrics, sightings=seen, clock=clock)
    for counter, name, label in (
        (metrics.submits, "encore_submits_total", "outcome"),
        (metrics.deliveries, "encore_deliveries_total", "way"),
        (metrics.posts, "encore_posts_total", "kind"),
        (metrics.posts, "encore_posts_total", "outcome"),
        (metrics.votes, "encore_votes_total", "act"),
    ):
        values = {sample.labels[label] for metric in counter.collect() for sample in metric.samples} - {"broke_off"}
        assert all(f"`{value}`" in rows()[name][2] for value in values)


def test_names_and_units_are_those_of_the_convention() -> None:
    for name, kind in registry().items():
        assert name.endswith("_total") == (kind == "counter")
        assert kind != "histogram" or name.endswith("_seconds")


def test_what_the_page_names_exists() -> None:
    shown = registry()
    named = set(re.findall(r"\bencore_[a-z_]+", TEXT))
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in named} <= shown.keys()
    assert re.findall(r"alert: (\w+)", TEXT)


def test_the_doctor_s_subjects_are_listed() -> None:
    listed = {
        name.strip() for row in table_rows(TEXT, "## Before the first start, and when something is wrong") for name in row[0].split(",")
    }
    sources = [*(ROOT / "bot/ops").glob("check_*.py"), ROOT / "bot/checkup.py"]
    used = {found for path in sources for found in re.findall(r'\b(?:ok|look|fail)\(\s*"([\w ]+)"', path.read_text("utf-8"))}
    assert used - {"Discord"} == listed
