"""What the out-of-distribution score flags: films, films spoilt, and pictures that are none.

    python -m benchmarks.ood FOLDER [--size-px N]

FOLDER holds the chest X-rays. The score is fitted on their training images, its limits are set by
validation images carved out of train by patient, and no figure here chose anything. Digits are
MNIST's test images; other pictures come with scikit-image, scikit-learn and matplotlib.

Result: the tables of docs/model-file.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tests.analysis.ood import strangers

from leadline.analysis.ood.ood_score import FalseAlarms, OODScore, false_alarms, fit_ood_score
from leadline.data.dataset import Images, Split
from leadline.data.sources.source_list import load_dataset
from leadline.data.splits import split_dataset
from leadline.experiments import Data

GROUPS = r"^(person\d+_(?:bacteria|virus)|(?:NORMAL2-)?IM-\d+)"


def main() -> None:
    options = _options()
    split = _split(options.folder, options.size_px)
    started = time.process_time()
    ood_score = fit_ood_score(split.train.images.pixels, split.validation.images.pixels)
    took_s = time.process_time() - started
    print(f"fitted on {len(split.train.images):,} films in {took_s:.1f} s of processor time\n")
    for name, images in (("validation", split.validation.images), ("test", split.test.images)):
        print(f"false alarms, {name}: {_in_words(ood_score, images)}")
    films = split.test.images.pixels[..., 0]
    print("\n| pictures | n | flagged | least score | median |\n|---|---|---|---|---|")
    for name, found in _pictures(films, options.size_px):
        scores = ood_score.score(np.ascontiguousarray(found)[..., None])
        print(
            f"| {name} | {len(found):,} | {(scores > 1).mean():.1%} | {scores.min():.2f} | "
            f"{np.median(scores):.2f} |"
        )


def _pictures(films: strangers.Pictures, side_px: int) -> Iterator[tuple[str, strangers.Pictures]]:
    rng = np.random.default_rng(0)
    digits = load_dataset(Data()).test
    if digits is not None:
        enlarged = [strangers.resized(one[..., 0], side_px) for one in digits.pixels[:1000]]
        yield "digits (MNIST)", np.stack(enlarged)
        yield "digits, dark on light", 255 - np.stack(enlarged)
    yield from strangers.pictures(side_px, rng)
    for name, change in strangers.changes(rng).items():
        yield f"films {name}", change(films)
    for name, change in strangers.harmless(rng).items():
        yield f"in order: {name}", change(films)


def _in_words(ood_score: OODScore, images: Images) -> str:
    found: FalseAlarms = false_alarms(ood_score.score(images.pixels), images.groups)
    text = f"{found.flagged} of {found.n:,} films ({found.share.low:.1%} to {found.share.high:.1%})"
    if found.by_patient is None:
        return text
    low, high = found.by_patient.low, found.by_patient.high
    return (
        f"{text}, {found.groups_flagged} of {found.n_groups:,} patients ({low:.1%} to {high:.1%})"
    )


def _split(folder: Path, size_px: int) -> Split:
    data = Data(source="chest-xray", size_px=(size_px, size_px), group_pattern=GROUPS)
    dataset = load_dataset(data, path=folder)
    return split_dataset(dataset, data, np.random.default_rng(data.split_seed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size-px", type=int, default=224)
    return parser.parse_args()


if __name__ == "__main__":
    main()
