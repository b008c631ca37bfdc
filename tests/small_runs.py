"""Built-in experiments, small enough to be trained in seconds."""

from leadline.experiments import Experiment, load_experiment


def small(name: str = "first-hog", *overrides: str) -> Experiment:
    return load_experiment(name, ["training.epochs=2", *overrides])
