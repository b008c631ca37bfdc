"""Where weights sit: the lab's models by hand, and layers of other kinds."""

from math import prod

import pytest
from tests.report.sections.questions.studies import rows, run

from leadline.analysis.weight_distribution import WeightDistribution, deeper_pairs, exception
from leadline.experiments import Experiment
from leadline.models.build import build_model
from leadline.models.weight_table import LayerRow, layer_table
from leadline.report.sections.questions.weight_bars import weight_bars


def weighed(name):
    return WeightDistribution(rows(run(name))[0])


def of_layers(*layers):
    return WeightDistribution(rows(run("cnn-1", layers=layers))[0])


def layer(kind, shape, weights=0, multiply_adds=0):
    return LayerRow(
        kind.lower(), kind, (None, *shape), weights, weights, (weights,), multiply_adds, 0
    )


def test_cnn_1_by_hand():
    """The convolutions: 28 × 28 × 32 positions and filters, each 4, 128 and 128 multiply-adds."""
    model = weighed("cnn-1")
    assert model.places == {"convolutions": 8416, "first": 401_472, "dense": 650}
    assert model.depth == 5
    assert model.row.totals.multiply_adds == 25_088 * (4 + 128 + 128) + 6272 * 64 + 64 * 10
    assert model.per_weight == pytest.approx(6_924_928 / 410_538)
    assert model.share("first") == pytest.approx(401_472 / 410_538)
    outputs = 784 + 3 * 25_088 + 6272 + 64 + 10
    assert model.activations_bytes == 4 * outputs
    assert model.peak_bytes == 4 * 2 * 25_088


def test_what_pooling_before_the_dense_layer_saves():
    row = weighed("cnn-1").flattened
    assert (row.maps, row.units, row.pooled) == ((14, 14, 32), 64, (7, 7, 32))
    assert row.if_pooled == 8416 + (1568 * 64 + 64) + 650
    assert row.if_averaged == 8416 + (32 * 64 + 64) + 650


def test_a_shallow_model_has_no_maps():
    model = weighed("mlp-3")
    assert model.places == {"first": 401_920, "dense": 131_328 + 2570}
    assert (model.flattened, model.convolves, model.depth) == (None, False, 3)


@pytest.mark.parametrize("name", ["mlp-1", "hog-2", "cnn-2", "cnn-3"])
def test_places_hold_all_weights(name):
    model = weighed(name)
    assert sum(model.places.values()) == model.weights == model.row.totals.weights


def test_layers_of_other_kinds_have_their_places():
    model = of_layers(
        layer("InputLayer", (8, 8, 3)),
        layer("SeparableConv2D", (8, 8, 4), 43),
        layer("BatchNormalization", (8, 8, 4), 16),
        layer("Add", (8, 8, 4)),
        layer("GlobalAveragePooling2D", (4,)),
        layer("Mystery", (4,), 7),
        layer("Dense", (2,), 10),
    )
    assert model.places == {"convolutions": 43, "first": 10, "normalisation": 16, "other": 7}
    assert model.depth == 3
    assert model.flattened is None
    assert model.per_weight is None


def test_a_size_that_is_not_known_leaves_memory_out():
    model = of_layers(layer("InputLayer", (8,)), layer("Dense", (None, 2), 10))
    assert (model.outputs, model.activations_bytes, model.peak_bytes) == (None, None, None)


def test_no_weights_at_all():
    model = of_layers(layer("InputLayer", (8,)))
    assert (model.share("first"), model.per_weight, model.depth) == (0, None, 0)


def test_dropout_between_maps_and_dense_changes_nothing():
    model = of_layers(
        layer("InputLayer", (8, 8, 3)),
        layer("Conv2D", (4, 6, 5), 20),
        layer("Flatten", (120,)),
        layer("Dropout", (120,)),
        layer("Dense", (7,), 847),
    )
    row = model.flattened
    assert (row.maps, row.units, row.if_pooled) == ((4, 6, 5), 7, 867 - (120 - 30) * 7)


def test_pooling_before_the_dense_layer_as_keras_counts_it():
    """What is said to be saved is what a model with that pooling has."""
    kinds = [{"type": "Conv2D", "filters": 5, "kernel_size": 3}, {"type": "Flatten"}]
    tail = {"type": "Dense", "units": 4}
    trial = {"name": "trial", "family": "cnn", "features": {"kind": "pixels"}}

    def table(*layers):
        experiment = Experiment.model_validate(trial | {"layers": layers})
        return layer_table(build_model(experiment, (11, 9, 1), 3, seed=0).model)

    row = of_layers(*table(*kinds, tail)).flattened
    pooled = table(kinds[0], {"type": "MaxPooling2D"}, kinds[1], tail)
    averaged = table(kinds[0], {"type": "GlobalAveragePooling2D"}, tail)
    assert row.if_pooled == sum(one.weights for one in pooled)
    assert row.if_averaged == sum(one.weights for one in averaged)
    assert row.inputs == prod((9, 7, 5))


def test_pairs_of_different_depth():
    models = [weighed(name) for name in ("mlp-1", "mlp-3", "cnn-1")]
    pairs = [(deep.name, shallow.name) for deep, shallow in deeper_pairs(models)]
    assert pairs == [("mlp-3", "mlp-1"), ("cnn-1", "mlp-1"), ("cnn-1", "mlp-3")]
    found = exception(deeper_pairs(models))
    assert found is not None
    deep, shallow = found
    assert (deep.name, shallow.name) == ("cnn-1", "mlp-3")
    assert exception(deeper_pairs(models[:2])) is None


def test_bars_say_every_part():
    svg = weight_bars([weighed("cnn-1"), weighed("mlp-3")], uid="w")
    assert "cnn-1: 410,538 weights" in svg
    assert "97.8%" in svg
    assert "cnn-1, convolutions: 8,416 weights, 2.0%" in svg
    assert "mlp-3: first dense layer 75.0%, other dense layers 25.0%." in svg
    assert "normalisation" not in svg
