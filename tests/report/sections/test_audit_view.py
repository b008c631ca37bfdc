"""An audit arranged for its page: the gravest first, one card a kind, the number to take along."""

import numpy as np
import pytest

from leadline.data.audit import Audit, Finding, Measured
from leadline.data.remarks import remark
from leadline.report.audit_page import render_audit
from leadline.report.sections.audit_view import audit_view

COPIES = ["train/a/<b>1.png", "test/a/2.png"]
COPY_COUNTS = {"groups": 1, "from_files": False, "byte_identical": 0}
SMALL = Finding(
    "small-split",
    ("validation",),
    16,
    {"right": 15, "interval": [0.717, 0.989]},
)
ONE_SPLIT = Finding(
    "duplicate",
    ("train",),
    2,
    {**COPY_COUNTS, "same_class": True, "examples": [["train/a/3.png", "train/a/4.png"]]},
)
LEAK = Finding(
    "duplicate",
    ("train", "test"),
    2,
    {**COPY_COUNTS, "same_class": True, "examples": [COPIES]},
)
SHIFT = Finding(
    "prevalence-shift",
    ("train", "test"),
    624,
    {
        "test": "chi-square",
        "p_value": 1e-5,
        "shares": {"train": {"n": 0.257, "p": 0.743}, "test": {"n": 0.375, "p": 0.625}},
    },
)
PROBE = (
    Measured("file size", 0.834, (0.798, 0.870), True),
    Measured("brightness", 0.427, (0.377, 0.476), False),
)


def view(*findings, probe=(), pictures=None, path="data/pets", **changes):
    splits = {"train": {"n": 30, "p": 70}, "test": {"n": 10, "p": 10}}
    note = remark("read-below", folder="data/pets/all", above="data/pets")
    audit = Audit(path, splits, findings, probe, (note,), pictures=pictures or {})
    return audit_view(audit, **changes)


def test_one_card_a_kind_the_gravest_first():
    arranged = view(SMALL, ONE_SPLIT, LEAK)
    assert [(kind.kind, kind.severity) for kind in arranged.kinds] == [
        ("duplicate", "serious"), ("small-split", "caution"),
    ]  # fmt: skip
    assert [one.severity for one in arranged.kinds[0].findings] == ["serious", "minor"]
    assert (arranged.count, arranged.images, arranged.name) == (3, 120, "pets")


@pytest.mark.parametrize(
    ("finding", "severity"),
    [
        (Finding("unreadable", ("train",), 1, {"files": []}), "serious"),
        (Finding("shared-group", ("train", "test"), 1, {"examples": []}), "serious"),
        (Finding("near-duplicate", ("train", "test"), 1, {"examples": []}), "serious"),
        (Finding("near-duplicate", ("train",), 1, {"examples": []}), "minor"),
        (Finding("duplicate", ("a",), 2, {"same_class": False, "examples": []}), "serious"),
        (SHIFT, "caution"),
    ],
)  # fmt: skip
def test_how_grave_a_finding_is(finding, severity):
    assert view(finding).kinds[0].severity == severity


@pytest.mark.parametrize(
    ("finding", "figure"),
    [
        (SMALL, "16 images"),
        (Finding("shared-group", ("train", "test"), 1, {"examples": []}), "1 patient"),
        (Finding("near-duplicate", ("train",), 2000, {"examples": []}), "2,000 pairs"),
        (SHIFT, "74.3% to 62.5%"),
        (Finding("shortcut", ("test",), 1, {"features": "brightness", "auc": 0.8336}), "AUC 0.834"),
    ],
)
def test_the_number_to_take_along(finding, figure):
    assert view(finding).kinds[0].findings[0].figure == figure


def test_a_shift_of_three_classes_names_the_one_that_shifts_most():
    shares = {"train": {"a": 0.2, "b": 0.3, "c": 0.5}, "test": {"a": 0.5, "b": 0.1, "c": 0.4}}
    finding = Finding("prevalence-shift", ("train", "test"), 9, {"shares": shares})
    assert view(finding).kinds[0].findings[0].figure == "20.0% to 50.0%"


def test_sentences_begin_with_a_capital():
    (small, shift) = (view(one).kinds[0].findings[0].sentence for one in (SMALL, SHIFT))
    assert small == (
        "Validation has 16 images: 15 right of 16 would have a 95% interval of 72 to 99%, too wide "
        "to choose or judge by."
    )
    assert shift == ("Class p is 74.3% of train and 62.5% of test (chi-square test, p = 1e-05).")


def test_copies_stand_side_by_side():
    picture = np.full((8, 8), 7, np.uint8)
    ((first, second),) = view(LEAK, pictures={COPIES[0]: picture}).kinds[0].findings[0].groups
    assert first[0] == COPIES[0]
    assert first[1].shape == (8, 8, 1)
    assert second == (COPIES[1], None)


def test_the_scale_of_the_probe_holds_guessing_and_all_intervals():
    assert view(probe=PROBE).probe_span == (0.3, 0.9)
    wide = Measured("x", 0.97, (0.95, 0.99), True)
    assert view(probe=(wide,)).probe_span == (0.4, 1.0)


def test_a_page_says_all_of_it():
    page = render_audit(
        view(SMALL, LEAK, SHIFT, probe=PROBE, command="leadline data audit data/pets")
    )
    for said in (
        "<strong class=\"figure-large\">3</strong> findings of 3 kinds in 120 images",
        "Validation has 16 images: 15 right of 16 would have", "Carve validation out of train",
        "Read from data/pets/all, the only folder",
        "0.834 <small>0.798–0.870, a finding", "0.427 <small>0.377–0.476<",
        "leadline data audit data/pets", "train/a/&lt;b&gt;1.png", "left: 71.7%; right: 1.1%",
    ):  # fmt: skip
        assert said in page
    assert "<b>1" not in page


def test_a_dot_of_the_probe_lies_where_its_auc_says():
    # From 0.3 to 0.9: 0.834 is 89% of the way, and 0.5 is a third.
    page = render_audit(view(probe=PROBE))
    assert 'class="strip-dot" style="left: 89.0%"' in page
    assert 'class="probe-line" style="left: 33.33%"' in page


def test_nothing_found_is_said():
    page = render_audit(view())
    assert "Nothing</strong> found in 120 images." in page
    assert "What to do" not in page
    assert 'id="probe"' not in page
