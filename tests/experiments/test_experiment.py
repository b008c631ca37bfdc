"""What is frozen, what a digest holds, and settings that contradict one another."""

import pytest
from pydantic import ValidationError

from leadline.errors import SpecError
from leadline.experiments import Study, load_experiment, load_study, parse_experiment
from leadline.experiments.experiment import Data, Experiment
from leadline.experiments.image_form import ImageForm

HEAD = """
name = "x"
family = "cnn"
[features]
kind = "pixels"
"""

MLP_1 = "fc7669fde48bc18c6c701f83d1248df2b12d3ec7476a55f738ec4600995c3a0b"
CHEST_CNN = "d54dafd4dad0a7bd2aaa6838afca3b513072d26403e021f8915df631f0ac905a"


def experiment(text: str = "", head: str = HEAD) -> Experiment:
    return parse_experiment(head + text, "x.toml")


def test_differences_name_settings_as_set_does():
    dense = '[[layers]]\ntype = "Dense"\nunits = 5\n'
    here = experiment(dense + "[training]\nepochs = 3\n")
    there = experiment(dense.replace("5", "6") + "[training]\ntime_limit_s = 9.0\n")
    assert here.differences(there) == (
        ("layers.1.units", 5, 6),
        ("training.epochs", 3, 10),
        ("training.time_limit_s", None, 9.0),
    )
    assert here.differences(here) == ()


def test_what_does_not_decide_is_no_difference():
    renamed = experiment().model_copy(update={"name": "y", "title": "Y"})
    assert experiment().differences(renamed) == ()
    assert experiment().digest() == renamed.digest()


def test_defaults():
    plain = experiment()
    assert plain.data.source == "mnist"
    assert plain.data.open_settings == ("size_px", "channels", "fit")
    assert plain.data.form == ImageForm((28, 28), 1, "stretch")
    assert plain.data.validation == "carve"
    assert plain.training.optimizer.name == "RMSprop"
    assert (plain.training.epochs, plain.training.batch_size) == (10, 128)
    assert plain.layers == ()


@pytest.mark.parametrize(("key", "value"), [("family", "hog"), ("layers", ())])
def test_experiments_are_frozen(key, value):
    with pytest.raises(ValidationError, match="frozen"):
        setattr(experiment(), key, value)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace('"x"', '"y"'),
        'title = "t"' + HEAD,
        'description = "d"' + HEAD,
        'prepare = "digit"' + HEAD,
        'reference = {source = "s"}' + HEAD,
    ],
)
def test_the_digest_leaves_out_what_decides_nothing(head):
    assert experiment(head=head) != experiment()
    assert experiment(head=head).digest() == experiment().digest()


@pytest.mark.parametrize(
    "text",
    [
        "flatten = true",
        "[data]\nvalidation_fraction = 0.2",
        "[data]\ntrain_limit = 500",
        "[data]\nevaluation_limit = 500",
        "[data]\nsize_px = 56",
        "[data]\nchannels = 'colour'",
        "[data]\nfit = 'pad'",
        "[data]\ngroup_pattern = 'p'",
        "[decision]\nsensitivity = 0.9",
        "[training]\nepochs = 11",
        "[training]\noptimizer = {name = 'RMSprop', rho = 0.91}",
        "[training]\noptimizer = {name = 'Adam'}",
        "[training]\naugmentation = {}",
        "[[layers]]\ntype = 'Flatten'",
        "[model]\npython = 'a:b'",
    ],
)
def test_the_digest_holds_every_setting(text):
    assert experiment(text).digest() != experiment().digest()


def test_the_digest_does_not_hang_on_what_is_written_out():
    said = experiment("[training]\nepochs = 10\noptimizer = {name = 'RMSprop', momentum = 0}")
    assert said.digest() == experiment().digest()


def test_the_digest_counts_what_is_open_as_the_data_set_has_it():
    """So that the digests in the models that ship stay what they are."""
    said = experiment("[data]\nsize_px = [28, 28]\nchannels = 1\nfit = 'stretch'")
    assert said.digest() == experiment().digest()


def test_the_digest_of_a_built_in_experiment_is_that_of_the_first_version():
    """Written down before there were data.fit and data.evaluation_limit."""
    assert load_experiment("mlp-1").digest() == MLP_1
    assert load_experiment("chest-cnn").digest() == CHEST_CNN


def test_the_digest_of_a_layer_list_holds_its_order():
    two = "[[layers]]\ntype = 'Dense'\nunits = {}\n[[layers]]\ntype = 'Dense'\nunits = {}"
    assert experiment(two.format(8, 9)).digest() != experiment(two.format(9, 8)).digest()
    assert len(experiment().digest()) == 64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[[layers]]\ntype = 'Flatten'\n[model]\npython = 'a:b'",
            "x.toml: give either layers or model.python, not both.",
        ),
        (
            "[data]\nvalidation = 'test'\n[training.early_stopping]\n",
            (
                "x.toml: data.validation = 'test' with training.early_stopping would choose the "
                "epoch on test data; set data.validation = 'carve'."
            ),
        ),
        (
            "[data]\nvalidation = 'test'\n[training]\nkeep_epoch = 'best'\nearly_stopping = {}",
            (
                "x.toml: data.validation = 'test' with training.early_stopping and "
                "training.keep_epoch = 'best' would choose the epoch on test data; "
                "set data.validation = 'carve'."
            ),
        ),
        (
            "[training]\nepochs = 3\naveraging = {kind = 'epochs', from_epoch = 4}",
            (
                "x.toml: training: averaging.from_epoch = 4 with epochs = 3 averages nothing; "
                "lower it."
            ),
        ),
        (
            "[training.optimizer]\nname = 'SGD'\nclipnorm = 1\nclipvalue = 2.0",
            (
                "x.toml: training.optimizer: clipnorm = 1.0 and clipvalue = 2.0 exclude one "
                "another; keep one."
            ),
        ),
    ],
)
def test_settings_that_contradict_one_another(text, message):
    with pytest.raises(SpecError) as raised:
        experiment(text)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("person(", "missing ), unterminated subpattern at position 6"),
        ("a{99999999999}", "the repetition number is too large"),
        ("[", "unterminated character set at position 0"),
    ],
)
@pytest.mark.parametrize(
    ("table", "key"), [("data", "group_pattern"), ("decision", "subgroup_pattern")]
)
def test_a_pattern_that_is_no_regular_expression(table, key, pattern, reason):
    with pytest.raises(SpecError) as raised:
        experiment(f"[{table}]\n{key} = '{pattern}'")
    assert str(raised.value) == (
        f"x.toml: {table}.{key}: {pattern!r} is not a valid regular expression ({reason}); write, "
        f"for "
        "instance, '^(patient[0-9]+)_'."
    )


@pytest.mark.parametrize(
    ("data", "dataset", "expected"),
    [
        ("", "mnist", "digit"),
        ("", "my-images", "none"),
        ("size_px = [28, 30]", "mnist", "none"),
        ("channels = 3", "mnist", "none"),
    ],
)
def test_only_what_was_trained_on_digits_of_their_form_makes_pictures_so(data, dataset, expected):
    made = experiment(f"[data]\n{data}", head="prepare = 'digit'\n" + HEAD)
    assert made.prepare_as(dataset) == expected


@pytest.mark.parametrize(("family", "kind"), [("hog", "pixels"), ("cnn", "hog"), ("pixels", "hog")])
def test_a_family_has_its_features(family, kind):
    with pytest.raises(SpecError) as raised:
        parse_experiment(f"name='x'\nfamily='{family}'\nfeatures={{kind='{kind}'}}", "x.toml")
    assert str(raised.value) == (
        f"x.toml: family = '{family}' does not go with features.kind = '{kind}'; "
        "set both to 'hog', or neither."
    )


def test_what_the_lab_did_stays_allowed():
    assert load_experiment("mlp-1").data.validation == "test"
    best = experiment("[data]\nvalidation = 'given'\n[training]\nkeep_epoch = 'best'")
    assert best.training.keep_epoch == "best"
    last = experiment("[training]\nepochs = 4\naveraging = {kind = 'epochs', from_epoch = 4}")
    assert last.training.averaging is not None


def test_a_study_has_each_experiment_once():
    mlp, cnn = load_experiment("mlp-1"), load_experiment("cnn-1")
    with pytest.raises(ValidationError, match="experiments appear twice: mlp-1"):
        Study(name="s", experiments=(mlp, cnn, mlp))
    assert Study(name="s", experiments=(mlp, cnn)).seeds == 1


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("size_px = 96", ((96, 96), 1, "stretch")),
        ("size_px = '96'", ((96, 96), 1, "stretch")),
        ("size_px = '96x128'", ((96, 128), 1, "stretch")),
        ("size_px = '96 × 128 px'", ((96, 128), 1, "stretch")),
        ("size_px = 'auto'", ((28, 28), 1, "stretch")),
        ("channels = 'Color'", ((28, 28), 3, "stretch")),
        ("channels = 'rgb'", ((28, 28), 3, "stretch")),
        ("channels = 'gray'", ((28, 28), 1, "stretch")),
        ("channels = 'auto'", ((28, 28), 1, "stretch")),
        ("fit = 'crop'", ((28, 28), 1, "crop")),
    ],
)
def test_size_channels_and_fit_as_people_write_them(text, form):
    assert experiment(f"[data]\n{text}").data.form == ImageForm(*form)


@pytest.mark.parametrize(
    "text",
    ["size_px = true", "size_px = inf", "size_px = nan", "size_px = 4097",
     "size_px = 0.5", "size_px = '9x9x9'", "channels = 'cmyk'",
     "channels = true", "size_px = [0, 9]", "fit = 'fill'"],
)  # fmt: skip
def test_other_sizes_are_refused(text):
    with pytest.raises(SpecError, match=r"^x\.toml: data\."):
        experiment(f"[data]\n{text}")


def test_the_repr_of_an_experiment_is_a_summary():
    assert repr(load_experiment("cnn-3")) == (
        "Experiment(name='cnn-3', family='cnn', source='mnist', layers=<9 layers>, epochs=3)"
    )
    own = experiment('[model]\npython = "my_model:build"\n')
    assert "model='my_model:build'" in repr(own)
    assert "layers" not in repr(own)


def test_the_repr_of_a_study_names_its_first_experiments():
    lab = load_study("lab")
    assert repr(lab) == "Study(name='lab', seeds=1, experiments=<9: mlp-1, mlp-2, mlp-3, ...>)"
    two = lab.model_copy(update={"experiments": lab.experiments[:2]})
    assert repr(two) == "Study(name='lab', seeds=1, experiments=<2: mlp-1, mlp-2>)"


def test_reprs_are_short_for_any_names():
    longest = load_experiment("cnn-3").model_copy(
        update={"name": "x" * 80, "data": Data(source="/" + "d" * 4000)}
    )
    many = Study(name="y" * 80, experiments=tuple(
        longest.model_copy(update={"name": f"{number:080d}"}) for number in range(40)
    ))  # fmt: skip
    assert len(repr(longest)) < 300
    assert len(repr(many)) < 500


def test_the_repr_of_settings_shows_what_differs_from_the_defaults():
    found = experiment("[training]\nepochs = 7\n")
    assert repr(found.training) == "Training(epochs=7)"
    assert repr(found.features) == "Pixels(kind='pixels')"
    layer = load_experiment("cnn-3").layers[0]
    assert repr(layer) == (
        "Conv2D(name='l1', type='Conv2D', filters=32, kernel_size=5, padding='same', "
        "activation='relu')"
    )
