"""Runs: a study as it grows, and the reports."""

import json
from dataclasses import asdict

import pytest
from playwright.sync_api import expect
from tests.analysis.diagnosis.course_of import guess_of
from tests.finished_runs import write_finished
from tests.serving.browsing import SIZES, faults, fits
from tests.serving.processes import started
from tests.serving.test_study_reports import write_verdict
from tests.small_runs import small

from leadline.analysis.significance.guessing import Verdict
from leadline.experiments import Study
from leadline.runs import followed, remove_plan, write_plan
from leadline.workflow import study_training

pytestmark = pytest.mark.slow
FRENCH_REMARK = (
    "Exactitude non significativement supérieure à la prédiction constante de la classe la plus "
    "fréquente."
)
TOKEN = "a-token-of-some-length"


def test_a_study_in_progress_is_seen_to_grow_and_its_report_opens(chromium, tmp_path):
    runs = tmp_path / "runs"
    partial = runs / "pets" / "mlp-1" / "seed-0.partial"
    partial.mkdir(parents=True)
    write_plan(runs / "pets", ["mlp-1/seed-0", "cnn-1/seed-0"])
    with (
        followed(partial, "mlp-1", 0, 4) as follower,
        started("chest-cnn", "--runs", str(runs), "--token", TOKEN) as (_, address),
    ):
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        assert TOKEN not in page.url
        page.click("nav a[data-view=runs]")
        expect(page.locator(".study")).to_contain_text("in progress")
        expect(page.locator(".study")).to_contain_text("0 of 2 finished")
        expect(page.locator(".study li")).to_have_text(
            ["mlp-1seed 00 of 4 epochs", "cnn-1seed 0not started"]
        )
        follower.epoch_done(3, 0.875)
        expect(page.locator(".study li").first).to_contain_text("3 of 4 epochs", timeout=10_000)
        expect(page.locator(".study li").first).to_contain_text("validation accuracy 87.50%")
        assert page.locator("progress").evaluate("one => one.position") == 0.75
        follower.step("judging")
        expect(page.locator(".study li").first).to_contain_text("evaluating", timeout=10_000)
        for path in partial.iterdir():
            path.unlink()
        partial.rmdir()
        remove_plan(runs / "pets")
        run = write_finished(partial.with_name("seed-0"), "mlp-1", [1, 1, 1, 0])
        (run.folder / "report.html").write_text("<title>x</title><h1>The report</h1>")
        expect(page.locator(".study li")).to_have_count(1, timeout=10_000)
        expect(page.locator(".study li")).to_contain_text("test accuracy 75.00%")
        # Wilson's, of three right of four, as statsmodels has it.
        expect(page.locator(".study li small")).to_have_text("95%: 30.06% to 95.44%")
        expect(page.locator(".study .state")).to_have_text("finished")
        page.click(".study li a")
        expect(page.locator("h1")).to_have_text("The report")
        assert page.evaluate("self.origin") == "null", "it has no origin here"
        page.close()


def test_runs_are_asked_for_while_they_are_looked_at_alone(open_page, tmp_path):
    """A link keeps the focus when something changes; other views keep what they say."""
    run = write_finished(tmp_path / "pets" / "mlp-1" / "seed-0", "mlp-1", [1, 1, 1, 0])
    (run.folder / "report.html").write_text("<h1>The report</h1>")
    with started("chest-cnn", "--runs", str(tmp_path)) as (_, address):
        page = open_page(url=f"{address}#runs")
        page.focus(".study li a")
        write_finished(tmp_path / "pets" / "mlp-2" / "seed-0", "mlp-2", [1, 0])
        expect(page.locator(".study li")).to_have_count(2, timeout=10_000)
        assert page.evaluate("document.activeElement.pathname").endswith("seed-0/report.html")
        asked, held = [], []

        def hold(route):
            held.append(route)

        page.route("**/runs", hold)
        page.click("nav a[data-view=image]")
        page.click("nav a[data-view=runs]")
        page.click("nav a[data-view=image]")
        page.on("request", lambda one: asked.append(one.url))
        for route in held:
            route.continue_()
        page.wait_for_timeout(4000)
        assert [url for url in asked if url.endswith("/runs")] == []


@pytest.mark.parametrize(
    ("language", "said", "row"),
    [
        (
            "en",
            ["cnn-1: not shown to be better than guessing."],
            "Accuracy not shown to exceed always predicting the most frequent class.",
        ),
        (
            "fr",
            ["cnn-1\u00a0: pas significativement meilleur que le hasard."],
            FRENCH_REMARK,
        ),
    ],
)
def test_what_is_not_shown_to_be_better_than_guessing(open_page, tmp_path, language, said, row):
    members = []
    verdicts: dict[str, Verdict] = {"cnn-1": "not shown", "mlp-1": "better"}
    for name, verdict in verdicts.items():
        write_finished(tmp_path / "pets" / name / "seed-0", name, [1, 1, 1, 0])
        members.append({"name": name, "guessing": asdict(guess_of(0.25, 1 / 3, verdict))})
    write_verdict(tmp_path / "pets" / "cnn-1" / "seed-0", "ranking only")
    write_verdict(tmp_path / "pets" / "mlp-1" / "seed-0", "better")
    record = tmp_path / "pets" / "report.json"
    record.write_text(json.dumps({"experiments": members}), encoding="utf-8")
    options = ("chest-cnn", "--runs", str(tmp_path), "--lang", language)
    with started(*options) as (_, address):
        page = open_page(url=f"{address}#runs")
        expect(page.locator(".study header .guessing")).to_have_text(said)
        rows = page.locator(".study li")
        expect(rows.nth(0).locator(".guessing")).to_have_text(row)
        expect(rows.nth(1).locator(".guessing")).to_have_count(0)
        for name in page.locator(".run-name").all():  # each on one line, beside a long remark
            assert name.evaluate("one => one.getClientRects().length") == 1
            assert name.bounding_box()["height"] < 30
        assert faults(page) == []
        members[1]["guessing"] = members[0]["guessing"]
        record.write_text(json.dumps({"experiments": members}), encoding="utf-8")
        every = {
            "en": "None of the experiments is significantly better than guessing.",
            "fr": "Aucun modèle n’est significativement meilleur que le hasard.",
        }
        expect(page.locator(".study header .guessing")).to_have_text(
            every[language], timeout=10_000
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_runs_of_every_state_are_for_everybody(open_page, tmp_path, size, scheme):
    runs = tmp_path / "runs"
    write_finished(runs / "pets" / "a-name-that-goes-on-and-on" / "seed-0", "mlp-1", [1, 1, 1, 0])
    going = runs / "pets" / "mlp-2" / "seed-0.partial"
    halted = runs / "other" / "mlp-1" / "seed-0.partial"
    for folder in (going, halted):
        folder.mkdir(parents=True)
    write_finished(runs / "third" / "mlp-1" / "seed-0", "mlp-1", [1, 1, 1, 0])
    failed = {"experiment": "mlp-1", "seed": 1, "code": "diverged", "epoch": 4, "batch": 2,
              "loss": "nan", "last_loss": 0.25}  # fmt: skip
    record = runs / "third" / "report.json"
    record.write_text(json.dumps({"experiments": [], "failed": [failed]}), encoding="utf-8")
    write_plan(runs / "pets", ["a-name-that-goes-on-and-on/seed-0", "mlp-2/seed-0", "x/seed-0"])
    with followed(going, "mlp-2", 0, 30) as follower, followed(halted, "mlp-1", 0, 30) as other:
        follower.epoch_done(17, 0.97)
        other.step("interrupted")
        with started("chest-cnn", "--runs", str(runs)) as (_, address):
            page = open_page(size, url=f"{address}#runs", color_scheme=scheme)
            expect(page.locator(".study")).to_have_count(3)
            expect(page.locator(".study .state")).to_have_text(
                ["in progress", "finished", "interrupted"]
            )
            expect(page.locator(".state-failed .run-said")).to_have_text("diverged in epoch 4")
            assert faults(page) == []
            assert fits(page)


def test_reports_as_they_are_written_open_under_the_policy(open_page, few_digits, tmp_path):
    """With their scripts and pictures, and nothing that a browser complains of."""
    study = Study(name="two", experiments=(small(), small("first-pixels")))
    study_training.study(study, data=few_digits, out=tmp_path / "runs" / "two")
    with started("chest-cnn", "--runs", str(tmp_path / "runs")) as (_, address):
        page = open_page(url=f"{address}#runs")
        for link in (".study .open", ".study li a >> nth=0"):
            page.goto(f"{address}#runs")
            page.click(link)
            expect(page.locator("h1")).to_be_visible()
            assert page.url.endswith("/report.html")
            assert page.evaluate("self.origin") == "null"
            assert page.locator("svg").count() > 2
