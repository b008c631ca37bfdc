"""`leadline compare`: a table for people, JSON for programs, one line for what cannot be."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.finished_runs import write_finished

from leadline.experiments import Study
from leadline.runs import load_run, write_checksums
from leadline.workflow.output_files import study_table
from leadline.workflow.report_data import study_page
from leadline.workflow.run_comparison import compare_runs

RIGHT = np.ones(60, dtype=np.int64)


@pytest.fixture
def folders(here):
    """Two experiments of three classes; the second is wrong on twelve images more."""
    wrong = RIGHT.copy()
    wrong[:12] = 0
    write_finished(here / "a", "cnn-1", RIGHT)
    write_finished(here / "b", "mlp-1", wrong)
    (here / "empty").mkdir()
    return here


def test_a_table_for_people(leadline, folders):
    said = leadline("compare", "a", "b")
    assert (said.status, said.out) == (0, "")
    title, above, head, row, *below = said.err.splitlines()
    assert title.strip() == "Differences in accuracy on 60 test images"
    assert above.split() == ["Could"]
    assert head.split() == [
        "Ahead", "Of", "Points", "95%", "interval", "p", "show", "Verdict",
    ]  # fmt: skip
    # All of twelve images for one: p is 2/4096.
    assert row.split()[:3] == ["cnn-1", "mlp-1", "+20.00"]
    assert row.split()[-4:] == ["<", "0.001", *row.split()[-2:]]
    assert row.split()[-1] == "better"
    words = " ".join(" ".join(below).split())
    assert "Intervals and p cover the chance in the test images alone" in words
    assert "Equivalent: within 0.50 percentage points." in words
    assert below[-1] == "Best by accuracy: cnn-1; next: mlp-1."


def test_seeds_that_diverged_are_named(leadline, here):
    wrong = RIGHT.copy()
    wrong[:12] = 0
    write_finished(here / "s" / "cnn-1" / "seed-0", "cnn-1", RIGHT)
    write_finished(here / "s" / "mlp-1" / "seed-0", "mlp-1", wrong)
    failed = {"seed": 1, "code": "diverged", "epoch": 4, "batch": 2, "loss": "nan",
              "last_loss": 0.25}  # fmt: skip
    record = {
        "name": "s", "title": "", "description": "",
        "runs": [{"folder": "cnn-1/seed-0"}, {"folder": "mlp-1/seed-0"}],
        "failed": [{"experiment": name, **failed} for name in ("mlp-1", "hog-1")],
    }  # fmt: skip
    (here / "s" / "report.json").write_text(json.dumps(record), encoding="utf-8")
    said = leadline("compare", "s")
    assert said.status == 0
    last = said.err.splitlines()[-1]
    assert last.startswith(
        "mlp-1: 1 of 2 seeds; seed 1 diverged in epoch 4. Its results cover only the seeds "
        "that finished, so they may be too optimistic."
    )
    assert (
        "hog-1: 0 of 1 seeds; seed 1 diverged in epoch 4. It has no figures and is left out of "
        "every comparison."
    ) in last
    told = json.loads(leadline("compare", "s", "--json").out)
    assert told["failed"] == record["failed"]


def test_a_table_in_french(leadline, folders):
    said = leadline("compare", "a", "b", "--lang", "fr")
    assert said.status == 0
    words = " ".join(said.err.split())
    assert words.startswith("Écarts d’exactitude sur 60 images de test")
    assert "+20,00" in words
    assert "Équivalent : à 0,50 point de pourcentage près." in words
    assert words.endswith("Meilleure selon l’exactitude : cnn-1 ; suivante : mlp-1.")
    as_data = leadline("compare", "a", "b", "--lang", "fr", "--json")
    assert as_data.out == leadline("compare", "a", "b", "--json").out


def test_a_language_that_is_none(leadline, folders):
    said = leadline("compare", "a", "b", "--lang", "de")
    said.is_one_line("error: language 'de'; choose one of en, fr.")


def test_json_for_programs(leadline, folders):
    said = leadline("compare", "a", "b", "--json", "--margin", "0.01")
    assert (said.status, said.err) == (0, "")
    table = json.loads(said.out)
    assert {key: table[key] for key in ("n", "n_groups", "margin")} == {
        "n": 60, "n_groups": None, "margin": 0.01,
    }  # fmt: skip
    ranked = ("judged_by", "best", "next", "smallest_equivalent")
    assert [table[key] for key in ranked] == ["accuracy", "cnn-1", "mlp-1", None]
    ((pair,),) = (one["pairs"] for one in table["measures"])
    assert set(pair) == {
        "first", "second", "first_value", "second_value", "first_runs", "second_runs",
        "difference", "low", "high", "p", "p_corrected", "p_equivalent",
        "p_equivalent_corrected", "minimum_detectable_difference", "of_seeds", "method",
        "within_margin", "verdict",
    }  # fmt: skip
    assert pair["difference"] == pytest.approx(0.2)
    assert (pair["p"], pair["verdict"]) == (pytest.approx(2 / 4096), "better")


def test_several_seeds_and_pairs(leadline, folders):
    wrong = RIGHT.copy()
    wrong[:11] = 0
    write_finished(folders / "a1", "cnn-1", RIGHT, seed=1)
    write_finished(folders / "b1", "mlp-1", wrong, seed=1)
    write_finished(folders / "c", "hog-1", wrong)
    said = leadline("compare", "a", "a1", "b", "b1", "c")
    words = " ".join(said.err.split())
    assert "Intervals and p (corrected for 3 pairs) cover" in words
    assert "that in the seeds where both experiments have several" in words


def test_json_says_what_the_studys_record_says(leadline, folders):
    write_finished(folders / "c", "hog-1", RIGHT)
    said = json.loads(leadline("compare", "a", "b", "c", "--json", "--margin", "0.2").out)
    done = [load_run(folders / name) for name in "abc"]
    study = Study(name="s", experiments=tuple(run.experiment for run in done))
    page = study_page(study, done, None, compare_runs(done, margin=0.2))
    assert said == study_table(folders, page, done)["comparison"]
    assert said["smallest_equivalent"] is None  # all have ten weights


def test_two_classes_have_a_table_of_areas_too(leadline, here):
    wrong = RIGHT.copy()
    wrong[:20] = 0
    for name, experiment, right in (("a", "cnn-1", RIGHT), ("b", "mlp-1", wrong)):
        groups = tuple(str(place // 2) for place in range(60))
        write_finished(here / name, experiment, right, classes=("dull", "lit"), groups=groups)
    said = leadline("compare", "a", "b")
    assert "Differences in accuracy on 60 test images of 30 patients" in said.err
    assert "Differences in AUROC on 60 test images of 30 patients" in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a"], "error: a: a single run; give another run"),
        (["a", "nix"], "error: nix: no such run folder"),
        (["a", "a"], "error: a: is cnn-1 seed 0, and so is a; give each run once."),
        (["a", "empty"], "error: empty: holds no finished run; `leadline list` lists"),
        (["a", "b", "--margin", "1.5"], "error: margin = 1.5; give a difference above 0"),
        (["a", "b", "--margin", "x"], "'--margin'"),
        ([], "Missing argument 'RUN...'"),
    ],
)
def test_what_cannot_be_is_one_line(leadline, folders, arguments, said):
    leadline("compare", *arguments).is_one_line(said)


@pytest.mark.parametrize("command", ["compare", "report"])
def test_a_study_that_was_not_finished_names_its_runs(leadline, here, command):
    write_finished(here / "study" / "cnn-1" / "seed-0", "cnn-1", RIGHT)
    said = (
        "error: study: finished runs, but no study's report.json; name one, as study/cnn-1/seed-0"
    )
    leadline(command, "study").is_one_line(said)
    leadline(command, "study/cnn-1").is_one_line("error: study/cnn-1: finished runs, but no")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sha256": "b"}, "(images with the same names but different pixels)"),
        (
            {"names": [f"x{n}.png" for n in range(60)]},
            "(60 of 60, as 'x0.png' there, '0.png' here)",
        ),
        ({"shift": 1}, "(60 of 60, as '0.png', of class 1 there and 0 here)"),
        ({"classes": ("dull", "lit")}, "c: tells dull, lit apart, but a cat, dog, owl"),
    ],
)
def test_other_images_and_other_tasks_say_how_they_differ(leadline, folders, changes, said):
    write_finished(folders / "c", "hog-1", RIGHT, **changes)
    leadline("compare", "a", "c").is_one_line("error: c: t", said)


@pytest.mark.parametrize(
    "name",
    ["experiment.toml", "environment.json", "split.json", "history.csv", "metrics.json",
     "predictions.parquet"],
)  # fmt: skip
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
def test_a_damaged_file_is_one_line_that_names_it(leadline, folders, name, content):
    (folders / "b" / name).write_bytes(content)
    leadline("compare", "a", "b").is_one_line(f"error: b/{name}: ")
    (folders / "b" / name).unlink()
    leadline("compare", "a", "b").is_one_line(f"error: b/{name}: missing")


def test_a_run_of_a_later_version_is_one_line(leadline, folders):
    path = folders / "b" / "metrics.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 3'))
    write_checksums(folders / "b")
    leadline("compare", "a", "b").is_one_line(
        "b/metrics.json: written by a later version of leadline (format 3, this version"
    )


def test_other_images_and_damage_are_one_line(leadline, folders):
    write_finished(folders / "c", "hog-1", RIGHT[:50])
    leadline("compare", "a", "c").is_one_line(
        "c: tested on different images than a (50 images there"
    )
    (folders / "b" / "predictions.parquet").write_bytes(b"PAR1")
    leadline("compare", "a", "b").is_one_line("b/predictions.parquet: damaged")


def test_every_key_is_documented(leadline, folders):
    table = json.loads(leadline("compare", "a", "b", "--json").out)
    (measure,) = table["measures"]
    (pair,) = measure["pairs"]
    page = (Path(__file__).parents[2] / "docs" / "comparison.md").read_text(encoding="utf-8")
    undocumented = [key for key in (*table, *measure, *pair) if f"`{key}`" not in page]
    assert undocumented == []
    for verdict in ("better", "no difference shown", "equivalent"):
        assert f"`{verdict}`" in page


def test_names_and_intervals_stay_whole_on_a_narrow_screen(leadline, here):
    wrong = RIGHT.copy()
    wrong[:3] = 0
    write_finished(here / "a", "cnn-3-pooled", RIGHT)
    write_finished(here / "b", "first-pixels", wrong)
    lines = leadline("compare", "a", "b").err.splitlines()
    assert max(map(len, lines)) <= 80
    place = next(n for n, line in enumerate(lines) if line.startswith("cnn-3-pooled"))
    row = lines[place].split()
    whole = ["cnn-3-pooled", "first-pixels", "+5.00", "−1.32", "to", "+13.70", "0.250"]
    assert row[: len(whole)] == whole
    words = " ".join(" ".join(lines[place : place + 2]).split())
    assert "no difference" in words
    assert "12.86" in words
