"""What the page says of where a network looks: numbers by hand, and each verdict in its words."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tests.report.conftest import CLASSES

from leadline.analysis.run_summary import CascadeStep
from leadline.explain.explanations import Explanations
from leadline.explain.overlay import overlay
from leadline.explain.sanity_checks import Randomisation
from leadline.report.html_pages import render_run
from leadline.report.sections.explanation_view import ExplanationView


def made_up(side=8, borders=(0.2, 0.3, np.nan), similarity=0.1, **changes) -> Explanations:
    rng = np.random.default_rng(0)
    maps = rng.random((3, side, side)).astype(np.float32)
    random_maps = maps[:, ::-1].copy()
    maps[2] = random_maps[1] = 0
    content = {
        "method": "Grad-CAM",
        "layer": "conv",
        "size": (3, 4),
        "images": rng.integers(0, 256, (3, side, side, 1), dtype=np.uint8),
        "maps": maps,
        "random_maps": random_maps,
        "kinds": ("right", "right", "uncertain"),
        "indices": np.arange(3),
        "true": np.array([0, 1, 1]),
        "decided": np.array([0, 1, 0]),
        "probability": np.array([0.9, 0.8, 0.55], np.float32),
        "border": np.array([0.25, 0.5, np.nan]),
        "border_sample": np.array(borders),
        "randomisation": Randomisation(
            np.full((4, 2), similarity), 0.15, (CascadeStep("head", 1, 0.8),)
        ),
    }
    return Explanations(**(content | changes))  # type: ignore[arg-type]  # values of many types


def section(make_run, found) -> str:
    """The section's text without tags, blanks as one."""
    text = render_run(make_run(explanations=found))
    start = text.index("Where the network looks</h")
    inside = text[start : text.index("</section>", start)]
    return " ".join(re.sub(r"<[^>]+>", " ", inside).split())


def decoded(uri: str) -> np.ndarray:
    kind, _, data = uri.partition(";base64,")
    assert kind in {"data:image/png", "data:image/jpeg"}
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_shares_by_hand():
    view = ExplanationView(made_up(), CLASSES)
    # 0.2 and 0.3: mean 0.25, standard error 0.05, interval 0.25 ± 0.098; the empty map is left out.
    assert view.summary.border == pytest.approx(0.25)
    assert view.summary.border_interval == pytest.approx((0.152, 0.348), abs=1e-3)
    assert not view.border_is_high
    assert ExplanationView(made_up(borders=(0.5, 0.6)), CLASSES).border_is_high
    assert not ExplanationView(made_up(borders=(0.2, 0.6)), CLASSES).border_is_high
    empty = ExplanationView(made_up(borders=(np.nan,)), CLASSES)
    summary = empty.summary
    assert (summary.border, summary.border_interval, empty.border_is_high) == (None, None, False)


def test_each_kind_with_its_images():
    view = ExplanationView(made_up(), CLASSES)
    assert [(kind, len(triples)) for kind, triples in view.groups] == [
        ("right", 2), ("uncertain", 1),
    ]  # fmt: skip
    first, second = view.groups[0][1]
    assert (first.true, first.decided, first.told, first.border) == ("cat", "cat", "cat", 0.25)
    assert first.probability == pytest.approx(0.9)
    assert (first.random_empty, second.random_empty) == (False, True)
    found = view.found
    np.testing.assert_array_equal(decoded(first.image), found.images[0, ..., 0])
    np.testing.assert_array_equal(decoded(first.heat), overlay(found.images[0], found.maps[0]))
    np.testing.assert_array_equal(
        decoded(first.random), overlay(found.images[0], found.random_maps[0])
    )


def test_of_two_classes_with_a_threshold_the_positives_probability_is_told():
    view = ExplanationView(made_up(positive=1, threshold=0.5), CLASSES)
    (first, second), (last,) = (triples for _, triples in view.groups)
    assert {one.told for one in (first, second, last)} == {CLASSES[1]}
    assert [one.probability for one in (first, second, last)] == pytest.approx([0.1, 0.8, 0.45])


def test_films_are_shown_smaller_and_as_jpeg():
    view = ExplanationView(made_up(side=200), CLASSES)
    first = view.groups[0][1][0]
    assert first.heat.startswith("data:image/jpeg")
    assert decoded(first.heat).shape == (160, 160, 3)
    assert not view.pixelated
    assert ExplanationView(made_up(side=28), CLASSES).pixelated


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "On average 25% of a map’s mass lies in the band"),
        ({}, "looks at the inside of the image more than at its edges"),
        ({}, "the maps fall apart : pixels keep little"),
        ({"borders": (0.5, 0.6)}, "It looks at the edges. On average 55%"),
        ({"borders": (np.nan,)}, "Every map is empty."),
        ({"similarity": 0.9}, "The maps do not fall apart when all weights are redrawn"),
        ({"similarity": np.nan}, "the maps fall apart : nothing is left of them"),
        ({"randomisation": Randomisation(np.empty((0, 8)), np.nan)}, "no map to check"),
        (
            {"positive": 1, "threshold": 0.25},
            "&lt;script&gt;alert(1)&lt;/script&gt; from p = 0.250 on",
        ),
        ({}, "cat , p( cat ) = 0.900; 25% in the border"),
        (
            {},
            "&lt;/script&gt; taken for cat , p( cat ) = 0.550; the map is empty",
        ),
        ({}, "with random weights it is empty"),
        ({}, "0.80 once head is reached"),
        ({}, "independently. 1 with an empty map is left out."),
    ],
)
def test_the_verdicts_in_words(make_run, changes, said):
    text = section(make_run, made_up(**changes))
    assert said.replace(" ", "") in text.replace(" ", "")


def test_what_was_not_checked_has_no_verdict(make_run):
    nothing = Randomisation(np.empty((0, 8)), np.nan)
    text = section(make_run, made_up(randomisation=nothing))
    assert "With random weights – " in text
    assert "falls apart" not in text


def test_a_run_without_has_no_section(make_run):
    text = render_run(make_run())
    assert "Where the network looks" not in text
    assert "-explanation" not in text


def test_the_page_links_to_its_section_once(make_run):
    page = make_run(explanations=made_up())
    text = render_run(page)
    assert text.count('href="#mlp-1-seed-0-explanation"') == 1
    assert text.count('id="mlp-1-seed-0-explanation"') == 1
    assert render_run(replace(page)) == text
