"""Every mistake in a file gets one line: where, the value, what is allowed."""

import pytest

from leadline.errors import SpecError
from leadline.experiments import parse_experiment

HEAD = 'name = "x"\nfamily = "cnn"\n'
FEATURES = 'features = {kind = "pixels"}\n'
CONV = '[[layers]]\ntype = "Conv2D"\nfilters = 3\nkernel_size = 3\n'


def message(text: str) -> str:
    with pytest.raises(SpecError) as raised:
        parse_experiment(text, "x.toml")
    assert "\n" not in str(raised.value)
    return str(raised.value).removeprefix("x.toml: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epochs = 0", "training.epochs = 0: should be greater than or equal to 1."),
        ("epochs = '3'", "training.epochs = '3': should be a whole number."),
        ("epochs = 3.0", "training.epochs = 3.0: should be a whole number."),
        ("epochs = true", "training.epochs = true: should be a whole number."),
        ("epochs = nan", "training.epochs = nan: should be a whole number."),
        ("epoch = 3", "training.epoch = 3 is not a setting; nearest: epochs, keep_epoch."),
        ("label_smoothing = 1", "training.label_smoothing = 1: should be less than 1."),
        ("time_limit_s = inf", "training.time_limit_s = inf: should be a finite number."),
        ("time_limit_s = '9'", "training.time_limit_s = '9': should be a number."),
        ("keep_epoch = 'first'", "training.keep_epoch = 'first': should be 'last' or 'best'."),
        ("optimizer = 'Adam'", "training.optimizer = 'Adam': should be a table."),
        ("optimizer = {rho = 0.5}", "training.optimizer needs a name."),
        (
            "optimizer = {name = 'Adm'}",
            (
                "training.optimizer.name = 'Adm': should be one of 'RMSprop', 'SGD', 'Adam', "
                "'AdamW', 'Nadam', 'Adamax', 'Adagrad', 'Adadelta', 'Lion'."
            ),
        ),
        (
            "optimizer = {name = 'Adam', momentum = 0.9}",
            (
                "training.optimizer.momentum = 0.9 is not a setting; allowed: learning_rate, "
                "weight_decay, exclude_from_weight_decay, clipnorm, clipvalue, global_clipnorm, "
                "name, beta_1, beta_2, epsilon, amsgrad."
            ),
        ),
        (
            "optimizer = {name = 'Adam', exclude_from_weight_decay = ['bias']}",
            (
                "training.optimizer: exclude_from_weight_decay = ['bias'] has no effect "
                "without weight_decay; set weight_decay, or remove it."
            ),
        ),
        (
            "schedule = {kind = 'step', at_epochs = [2, 0]}",
            "training.schedule.at_epochs.2 = 0: should be greater than or equal to 1.",
        ),
        (
            "augmentation = {rotation = 3}",
            (
                "training.augmentation.rotation = 3 is not a setting; "
                "nearest: rotation_deg, zoom_fraction, contrast_fraction."
            ),
        ),
        (
            "augmentation = {flip_horizontal = 1}",
            "training.augmentation.flip_horizontal = 1: should be true or false.",
        ),
    ],
)
def test_training(text, expected):
    assert message(f"{HEAD}{FEATURES}[training]\n{text}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("padding = 'sme'", "layer 2 (Conv2D).padding = 'sme': should be 'valid' or 'same'."),
        ("stride = 2", "layer 2 (Conv2D).stride = 2 is not a setting; nearest: strides."),
        ("groups = -1", "layer 2 (Conv2D).groups = -1: should be greater than or equal to 1."),
        ("use_bias = 'no'", "layer 2 (Conv2D).use_bias = 'no': should be true or false."),
        ("strides = 0", "layer 2 (Conv2D).strides = 0: should be greater than or equal to 1."),
        ("strides = [2]", "layer 2 (Conv2D).strides.2 is missing."),
        (
            "strides = [2, 0]",
            "layer 2 (Conv2D).strides.2 = 0: should be greater than or equal to 1.",
        ),
        (
            "strides = [1, 2, 3]",
            "layer 2 (Conv2D).strides = [1, 2, 3]: should have at most 2 items, not 3.",
        ),
        (
            "strides = '2'",
            "layer 2 (Conv2D).strides = '2': should be a whole number or a list.",
        ),
        ("input = 3", "layer 2 (Conv2D).input = 3: should be a string or a list."),
        (
            "name = 'a b'",
            "layer 2 (Conv2D).name = 'a b': should be letters, digits, '_' or '-'.",
        ),
    ],
)
def test_layers_count_from_one(text, expected):
    assert message(f"{HEAD}{FEATURES}{CONV}{CONV}{text}") == expected


def test_layers_that_are_none():
    types = (
        "'Dense', 'Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'MaxPooling2D', "
        "'AveragePooling2D', 'GlobalMaxPooling2D', 'GlobalAveragePooling2D', "
        "'BatchNormalization', 'LayerNormalization', 'GroupNormalization', 'Dropout', "
        "'SpatialDropout2D', 'Flatten', 'Activation', 'Add', 'Concatenate'"
    )
    start = HEAD + FEATURES
    assert message(f"{start}[[layers]]\ntype = 'Dens'") == (
        f"layer 1.type = 'Dens': should be one of {types}."
    )
    assert message(f"{start}[[layers]]\ntype = 7") == f"layer 1.type = 7: should be one of {types}."
    assert message(f"{start}[[layers]]\nunits = 7") == "layer 1 needs a type."
    assert message(f"{start}[[layers]]\ntype = 'Dense'") == "layer 1 (Dense).units is missing."
    assert message(f"{start}layers = [1]") == "layer 1 = 1: should be a table."
    assert message(f"{start}[layers]\nx = 1") == "layers = {'x': 1}: should be a list."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("family = 'cnn'\n" + FEATURES, "name is missing."),
        (HEAD, "features is missing."),
        (HEAD + "features = 'hog'", "features = 'hog': should be a table."),
        (
            HEAD + "features = {kind = 'hogg'}",
            "features.kind = 'hogg': should be one of 'pixels', 'hog'.",
        ),
        (
            HEAD + "features = {kind = 'hog', orientation = 3}",
            "features.orientation = 3 is not a setting; nearest: orientations.",
        ),
        (HEAD + FEATURES + "famly = 1", "famly = 1 is not a setting; nearest: family."),
        (
            HEAD + FEATURES + "data = {channels = 2}",
            (
                "data.channels: 2 is not a number of channels; write 1 (grey), 3 (colour), "
                '"grey", "colour" or "auto".'
            ),
        ),
        (
            HEAD + FEATURES + "data = {size_px = 'big'}",
            (
                "data.size_px: 'big' is not a size; write one side (96), [height, width], "
                '"96x128" or "auto".'
            ),
        ),
        (HEAD + FEATURES + "data = {size_px = 0}", "data.size_px: 0 should be from 1 to 4,096 px."),
        (
            HEAD + FEATURES + "data = {fit = 'fill'}",
            (
                'data.fit: \'fill\' is not a way to fit an image; write "pad", "crop", '
                '"stretch" or "auto".'
            ),
        ),
        (
            HEAD + FEATURES + "model = {python = 'builder'}",
            "model.python = 'builder': should be written module:function.",
        ),
        (
            "name = 'My net'\nfamily = 'cnn'\n" + FEATURES,
            (
                "name = 'My net': should be lower-case letters, digits, '.', '_' or '-', "
                "a letter or digit first."
            ),
        ),
        (
            f"name = '{'a' * 81}'\nfamily = 'cnn'\n" + FEATURES,
            f"name = '{'a' * 79}…: should have at most 80 characters.",
        ),
        ("name = 3\nfamily = 'cnn'\n" + FEATURES, "name = 3: should be a string."),
    ],
)
def test_the_rest_of_the_file(text, expected):
    assert message(text) == expected


def test_five_mistakes_are_told_and_the_rest_counted():
    text = HEAD + FEATURES + "[training]\n" + "\n".join(f"zz{number} = 1" for number in range(7))
    found = message(text)
    assert [f"zz{number} = 1" in found for number in range(7)] == [True] * 5 + [False] * 2
    assert found.endswith("; and 2 more.")


def test_a_mistake_is_told_once_though_the_union_tried_twice():
    assert message(f"{HEAD}{FEATURES}{CONV}strides = 0").count("strides") == 1
