"""The shortcut probe: what is planted is found, and nothing else."""

import numpy as np
import pytest
from tests.data.audit.making import PX, made_records, textured

from leadline.data.audit.audit_findings import Searched
from leadline.data.audit.checks.shortcuts import Shortcut
from leadline.data.audit.file_name_facts import Identities
from leadline.data.audit.shortcut_probe import LEVEL, features, probe_shortcuts

COUNTS = {"train": (100, 100), "test": (60, 60)}
LABELS = np.repeat([0, 1, 0, 1], [100, 100, 60, 60])


def measured(records, groups=None):
    probe, splits = probe_shortcuts(records, groups)
    searched = Searched(records, Identities(groups, (), ()), probe, splits)
    findings = Shortcut().search(searched)
    assert [one.details["features"] for one in findings] == [
        one.features for one in probe if one.flagged
    ]
    return {one.features: one for one in probe}


def test_random_images_tell_nothing():
    probe = measured(made_records(COUNTS))
    # All are of one size, and so are their files.
    assert set(probe) == {"border pixels", "brightness", "together"}
    assert not any(one.flagged for one in probe.values())


def test_a_border_that_gives_the_class_away():
    images = textured(np.random.default_rng(1), 320)
    # The same pixels, the darkest at the top: brightness stays what it was.
    images[LABELS == 1] = np.sort(images[LABELS == 1].reshape(160, -1)).reshape(160, PX, PX)
    probe = measured(made_records(COUNTS, thumbnails=images))
    assert probe["border pixels"].auc > 0.95
    assert probe["border pixels"].interval[0] > LEVEL
    assert not probe["brightness"].flagged


def test_sizes_that_give_the_class_away():
    sizes = np.tile([400.0, 300.0, 9000.0], (320, 1))
    sizes[LABELS == 1, 1] = 310
    probe = measured(made_records(COUNTS, sizes=sizes))
    assert probe["image size"].auc == 1
    assert "file size" not in probe


def test_what_turns_round_between_splits_is_no_shortcut():
    images = textured(np.random.default_rng(1), 320) // 2
    images[:200][LABELS[:200] == 1] += 60
    images[200:][LABELS[200:] == 0] += 60
    probe = measured(made_records(COUNTS, thumbnails=images))
    assert probe["brightness"].auc < 0.1
    assert not probe["brightness"].flagged


def test_a_folder_without_splits_is_judged_on_its_last_third():
    images = textured(np.random.default_rng(2), 200) // 2
    images[100:] += 100
    records = made_records({"train": (100, 100)}, thumbnails=images)
    probe, splits = probe_shortcuts(records, None)
    assert {one.features: one.auc for one in probe}["brightness"] == 1
    assert splits == ("train",)


def test_patients_widen_the_interval():
    images = textured(np.random.default_rng(3), 320) // 2
    bright = np.random.default_rng(4).normal(20 * LABELS, 25).clip(0, 120).astype(np.uint8)
    bright = bright[np.arange(320) // 4 * 4]
    images += bright[:, None, None]
    records = made_records(COUNTS, thumbnails=images)
    alone = measured(records)["brightness"]
    grouped = measured(records, tuple(str(index // 4) for index in range(320)))["brightness"]
    assert grouped.auc == alone.auc
    assert np.ptp(grouped.interval) > 1.3 * np.ptp(alone.interval)


def test_an_auc_that_may_be_chance_is_not_flagged():
    images = textured(np.random.default_rng(6), 230) // 2
    labels = np.repeat([0, 1, 0, 1], [100, 100, 15, 15])
    brighter = np.random.default_rng(9).normal(12 * labels, 20).clip(0, 120)
    images += brighter.astype(np.uint8)[:, None, None]
    records = made_records({"train": (100, 100), "test": (15, 15)}, thumbnails=images)
    brightness = measured(records)["brightness"]
    assert brightness.auc > LEVEL > brightness.interval[0]
    assert not brightness.flagged


@pytest.mark.parametrize("counts", [{"train": (5, 5), "test": (50, 50)}, {"train": (100, 0)}])
def test_too_little_to_measure(counts):
    assert probe_shortcuts(made_records(counts), None)[0] == ()


def test_the_numbers_by_hand():
    grey = np.full((1, PX, PX), 10, np.uint8)
    grey[0, 3:-3, 3:-3] = 210
    records = made_records(
        {"train": (1, 0)}, thumbnails=grey, sizes=np.array([[200.0, 100.0, 999.0]])
    )
    found = {name: values[0].tolist() for name, values in features(records).items()}
    assert found["image size"] == pytest.approx([np.log(200), np.log(100), 2])
    assert found["file size"] == pytest.approx([np.log(1000)])
    assert found["border pixels"] == [10, 0]
    assert found["brightness"] == pytest.approx([10 + 200 * 26 * 26 / 32 / 32])
