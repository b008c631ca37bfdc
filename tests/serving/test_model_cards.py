"""What a card says, read back from cards as they are written."""

import pytest
from tests.serving.making import brightness

from leadline import zoo
from leadline.serving.model_cards import Card, Figure, card_from, read_card
from leadline.serving.model_registry import open_models

TEXT = """---
metrics:
    - type: roc_auc
      name: "AUROC (95% interval 0.9783 to 0.9942)"
      value: 0.9887
    - type: recall
      name: "Sensitivity, threshold 0.1354 (95% interval 0.9782 to 0.9976)"
      value: 0.9897
---

# x

Residual network, trained from scratch. Family: cnn.

- **Weights**: 940,282.
"""


def test_facts_and_figures():
    assert card_from(TEXT) == Card(
        940_282,
        "cnn",
        (
            Figure("AUROC", 0.9887, 0.9783, 0.9942),
            Figure("Sensitivity, threshold 0.1354", 0.9897, 0.9782, 0.9976),
        ),
    )


def test_what_is_missing_is_left_out(tmp_path):
    assert card_from("# nothing") == Card()
    assert read_card(tmp_path / "model.onnx") == Card()
    (tmp_path / "card.md").write_bytes(b"\xff\xfe\x00")
    assert read_card(tmp_path / "model.onnx") == Card()


def test_a_run_and_a_file_of_the_zoo(tmp_path):
    (tmp_path / "card.md").write_text("- **Weights**: 12.", encoding="utf-8")
    (tmp_path / "mine.md").write_text("- **Weights**: 34.", encoding="utf-8")
    assert read_card(tmp_path / "model.onnx").weights == 12
    assert read_card(tmp_path / "mine.onnx").weights == 34


def test_a_file_alone_brings_its_card_along(tmp_path):
    alone = tmp_path / "model.onnx"
    assert read_card(alone, TEXT) == card_from(TEXT) != Card()
    (tmp_path / "card.md").write_text("- **Weights**: 12.", encoding="utf-8")
    assert read_card(alone, TEXT).weights == 12


def test_the_server_knows_weights_and_figures_of_a_bare_file(tmp_path):
    path = brightness(tmp_path / "alone.onnx", card=TEXT)
    (served,) = open_models([path]).all
    assert (served.card.weights, served.family) == (940_282, "cnn")
    assert [one.name for one in served.card.figures] == ["AUROC", "Sensitivity, threshold 0.1354"]


@pytest.mark.parametrize(
    "text",
    [
        f"- **Weights**: {'9' * 5000}.",
        "- **Weights**: ,.",
        '  name: "A (95% interval 0.1 to 0.2)"\n  value: 0.1.2',
        f'  name: "A (95% interval 0.1 to 0.2)"\n  value: {"9" * 400}',
        '  name: "A (95% interval ٣ to ٤)"\n  value: ٣',
        '  name: "' + "A" * 100_000,
        '  name: "A\n' * 20_000,
    ],
)
def test_nonsense_in_a_strangers_card_is_left_out(text):
    assert card_from(text) == Card()


def test_a_card_full_of_figures_is_cut():
    one = '  name: "A (95% interval 0.1 to 0.3)"\n  value: 0.2\n'
    assert len(card_from(one * 1000).figures) == 50


def test_every_card_of_the_zoo_is_read():
    for name in zoo.names():
        card = read_card(zoo.model_file_path(name))
        assert card.weights, name
        assert card.weights > 10_000, name
        assert card.family in ("pixels", "hog", "cnn"), name
        assert any(one.name == "Accuracy" for one in card.figures), name
        assert all(one.low <= one.value <= one.high for one in card.figures), name
