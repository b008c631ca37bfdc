"""What a card says, read back from cards as they are written."""

from leadline import zoo
from leadline.serving.cards import Card, Figure, card_from, read_card

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


def test_every_card_of_the_zoo_is_read():
    for name in zoo.names():
        card = read_card(zoo.artefact_path(name))
        assert card.weights, name
        assert card.weights > 10_000, name
        assert card.family in ("pixels", "hog", "cnn"), name
        assert any(one.name == "Accuracy" for one in card.figures), name
        assert all(one.low <= one.value <= one.high for one in card.figures), name
