"""/metrics of the real bot, after a track has gone all the way."""

import aiohttp
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.play import Play
from tests.e2e.ports import free_port
from tests.e2e.reading import labels
from tests.meta.project import ROOT, table_rows


async def scrape(port: int) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        return await response.text()


def labels_of(metric: Metric) -> set[str]:
    """Name a metric's own labels, without a histogram's bounds."""
    return {label for sample in metric.samples for label in sample.labels} - {"le"}


async def test_a_track_s_way_is_counted_and_no_label_names_anybody(stage: Play) -> None:
    port = free_port()
    stage.set(OPS_PORT=str(port))
    stage.hurry()
    await stage.start()
    call = await stage.extend()
    await stage.result()
    await stage.shows(call, "The track is here")
    more = await (await stage.press(await stage.result(), "More")).settled()
    form = (await stage.press(more.message, "Share A")).modal
    await (await stage.world.mira.submit(form, {})).settled()
    share = await stage.room.wait_for(lambda message: "▲ Vote · 0" in labels(message))
    await (await stage.world.jo.press(share, "▲ Vote · 0")).settled()
    text = await scrape(port)
    metrics = list(text_string_to_metric_families(text))

    def value(name: str, **labels: str) -> float:
        return sum(
            sample.value
            for metric in metrics
            for sample in metric.samples
            if sample.name == f"encore_{name}" and labels.items() <= sample.labels.items()
        )

    assert value("submits_total", outcome="accepted") == 1
    assert value("queries_total", outcome="done") >= 1
    assert value("deliveries_total", way="message", outcome="ok") == 1
    assert value("posts_total", kind="share", outcome="posted") == 1
    assert value("posts_total") == 1
    assert value("votes_total", act="cast") == 1
    assert value("posts_owed", debt="message") == 0
    assert value("announcement_lag_lower_bound_seconds_count") == 1
    assert value("announcement_lag_upper_bound_seconds_count") == 1
    assert value("line_wait_seconds_count") == 1
    assert value("query_slot_wait_seconds_count") == value("queries_total")
    assert value("sql_statements_total") > 5
    assert value("ready") in (0, 1)
    assert value("lane_condition", condition="working") == 1
    callback = "/interactions/{interaction_id}/{interaction_token}/callback"
    assert value("discord_requests_total", method="POST", route=callback, status="200") == 5
    assert value("discord_requests_total", method="POST", route="/channels/{channel_id}/messages", status="200") == 2
    assert value("discord_requests_total", route="elsewhere", status="101") == 1
    secrets = [*stage.discord.core.interactions_by_token, stage.discord.token, stage.music.key]
    ids = [str(number) for number in (stage.discord.application_id, stage.room.id, stage.world.mira.id)]
    assert not [word for word in (*secrets, *ids, "crazy and wild", "wave") if word in text]

    # The table's labels are those that are seen.
    rows = table_rows((ROOT / "docs/operating.md").read_text("utf-8"), "## Metrics")
    listed = {row[0].strip("`"): set[str]() if row[2] == "none" else {label.strip(" `") for label in row[2].split(",")} for row in rows}
    shown = {metric.name + ("_total" if metric.type == "counter" else ""): labels_of(metric) for metric in metrics}
    assert {name: shown[name] for name in listed} == listed
