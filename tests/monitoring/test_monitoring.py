"""What is shipped for Prometheus and Grafana agrees with the daemon and with the README."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from daemon.core.standing import Trouble
from tests.monitoring.real import ALERTS, DASHBOARD, OF_PROMETHEUS, ROOT, figures, panels, used
from tests.monitoring.rules import Alert, alerts

FIGURES = figures()
README = (ROOT / "README.md").read_text(encoding="utf-8")
HERE = ROOT / "tests" / "monitoring"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is missing: nobody to check Prometheus' rules")


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[`*]", "", text))


WHAT_TO_DO = _plain(README[README.index("**What to do when**") : README.index("**Files.**")])


def _expressions() -> Iterator[tuple[str, str]]:
    for alert in alerts():
        yield alert.name, alert.fields["expr"]
    for panel in panels():
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    dashboard = orjson.loads(DASHBOARD.read_bytes())
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


@pytest.mark.parametrize(("where", "expression"), list(_expressions()))
def test_every_metric_and_label_that_is_asked_for_exists(where: str, expression: str) -> None:
    asked = list(used(expression))
    assert asked, where
    for name, matchers in asked:
        if name in OF_PROMETHEUS:
            continue
        assert name in FIGURES, where
        for matcher in matchers:
            label, operator, value = re.fullmatch(r'(\w+)(=~?)"([^"]*)"', matcher).groups()  # type: ignore[union-attr]  # a failure
            assert label in FIGURES[name], where
            if label not in {"instance", "job"}:
                values = set(value.split("|")) if operator == "=~" else {value}
                assert values <= FIGURES[name][label], where
    for labels in re.findall(r"by \(([^)]*)\)", expression):
        known = {label for name, _ in asked for label in FIGURES.get(name, {})}
        assert {one.strip() for one in labels.split(",")} <= known, where


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_an_alert_and_a_line_that_says_what_to_do(trouble: Trouble) -> None:
    (alert,) = [one for one in alerts() if f'trouble="{trouble.value}"' in one.fields["expr"]]
    series = f'recordingd_trouble{{trouble="{trouble.value}"}}'
    # systemd ends what hangs within a minute, and its figures with it: that one may not wait.
    hung = trouble is Trouble.STALLED
    assert alert.fields["expr"] == (f"max_over_time({series}[10m]) == 1" if hung else f"{series} == 1")
    assert ("for" in alert.fields) is not hung
    assert re.search(rf"- {trouble.value}(, exit 77)?: {re.escape(alert.fields['description'])}", WHAT_TO_DO)


@pytest.mark.parametrize("alert", alerts(), ids=lambda one: one.name)
def test_an_alert_says_what_the_readme_says(alert: Alert) -> None:
    assert alert.fields["severity"] in {"warning", "critical"}
    assert alert.fields["summary"].count("$labels.instance") == 1
    assert f"{alert.fields['description']} {alert.fields['runbook']}" in WHAT_TO_DO
    if "recordingd_trouble" not in alert.fields["expr"]:
        assert f"- {alert.name}" in WHAT_TO_DO
    if "[" not in alert.fields["expr"]:
        assert alert.fields["for"], "one bad moment is no reason to wake anybody"


def test_the_readme_names_no_alert_and_no_metric_that_is_not_there() -> None:
    assert set(re.findall(r"`(Recordingd\w+)`", README)) <= {alert.name for alert in alerts()}
    table = README[README.index("| metric | what it is |") : README.index("**What to do when**")]
    named = {
        name.partition("{")[0]
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    }
    assert len(named) >= 20
    known = {name.removesuffix("_count") for name in FIGURES}
    assert [name for name in sorted(named) if f"recordingd_{name}" not in known] == []


@needs_promtool
def test_the_rules_are_rules() -> None:
    assert "SUCCESS: 17 rules found" in _promtool("check", "rules", "--lint-fatal", str(ALERTS))


@needs_promtool
def test_every_expression_of_the_dashboard_can_be_evaluated(tmp_path: Path) -> None:
    expressions = [one["expr"] for panel in panels() for one in panel.get("targets", ())]
    plain = [one.replace("$__rate_interval", "5m").replace("$instance", ".*") for one in expressions]
    rules = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(plain)]
    (tmp_path / "rules.yml").write_bytes(orjson.dumps({"groups": [{"name": "panels", "rules": rules}]}))  # JSON is YAML
    assert f"SUCCESS: {len(rules)} rules found" in _promtool("check", "rules", str(tmp_path / "rules.yml"))


@needs_promtool
@pytest.mark.parametrize("name", ["alerts_test.yml", "weeks_test.yml"])
def test_every_alert_is_raised_when_it_should_be_and_not_otherwise(name: str) -> None:
    assert "SUCCESS" in _promtool("test", "rules", str(HERE / name))


def test_every_alert_is_tried() -> None:
    tried = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*_test.yml"))
    assert [alert.name for alert in alerts() if f'alertname="{alert.name}"' not in tried] == []


def test_the_dashboard_is_one_that_any_grafana_can_import() -> None:
    dashboard = orjson.loads(DASHBOARD.read_bytes())
    assert dashboard["schemaVersion"] >= 39
    assert (dashboard["id"], dashboard["uid"]) == (None, None)
    assert [one["name"] for one in dashboard["templating"]["list"]] == ["datasource", "instance"]
    assert dashboard["templating"]["list"][0]["type"] == "datasource"
    assert {source["uid"] for source in _sources(dashboard)} == {"${datasource}"}
    assert [one["title"] for one in panels() if one["type"] == "row"] == [
        *("Overview", "Recordings", "RingCentral", "Host"),
    ]
    numbers = [one["id"] for one in panels()]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("panel", [one for one in panels() if one["type"] != "row"], ids=lambda one: one["title"])
def test_every_panel_says_what_it_shows_and_in_which_unit(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    place = panel["gridPos"]
    assert 0 <= place["x"] < place["x"] + place["w"] <= 24
    seconds = [one for one in panel["targets"] if "_seconds" in one["expr"] and "rate(process_cpu" not in one["expr"]]
    if len(seconds) == len(panel["targets"]):
        assert panel["fieldConfig"]["defaults"]["unit"] == "s"


def test_no_panel_lies_on_another() -> None:
    cells = [
        (x, y)
        for panel in panels()
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))


def _sources(value: object) -> Iterator[dict[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                if key == "datasource" and isinstance(item, dict):
                    yield item
                else:
                    yield from _sources(item)
        case list():
            for item in value:
                yield from _sources(item)
        case _:
            pass


def _promtool(*words: str) -> str:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *words], capture_output=True, text=True, check=False)  # noqa: S603  our own words
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
