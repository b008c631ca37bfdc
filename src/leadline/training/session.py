"""A training session: model, data, optimizer and generators, an epoch at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from leadline.data.dataset import Split
from leadline.errors import TrainingError
from leadline.experiments.training_settings import Training
from leadline.training.averaging import Averager
from leadline.training.batch_statistics import BatchStatistics
from leadline.training.batches import Batches, judged_at_once
from leadline.training.early_stopping import auroc, check_ranked
from leadline.training.forward import Forward
from leadline.training.history import StatisticsCheck
from leadline.training.loss import Objective, class_weights
from leadline.training.optimizer_steps import update_for
from leadline.training.optimizers import build_optimizer, check_excluded, learning_rate

if TYPE_CHECKING:
    from leadline.models.built_model import BuiltModel

PURPOSES = ("shuffle", "dropout", "augment")


@dataclass(frozen=True)
class Pass:
    """Means over the images seen. loss in nats per image; batch_losses: one for each batch.

    auroc: only of a validation that asks for it.
    """

    loss: float
    accuracy: float
    images: int
    wall_s: float
    batch_losses: tuple[float, ...] = ()
    auroc: float | None = None


class Session:
    """All that changes while training, and the two things that can be done: train and validate."""

    def __init__(self, built: BuiltModel, split: Split, training: Training, seed: int) -> None:
        self.training, self.model = training, built.classifier
        self.variables = list(self.model.trainable_variables)
        self.tensors = [variable.value for variable in self.variables]
        _check(self.tensors, split)
        self._ranked = training.monitor == "validation_auroc"
        if self._ranked:
            check_ranked(split.validation.images.labels, split.classes)
        device = self.tensors[0].device
        self.generators = make_generators(seed, device)
        self.train_batches = Batches(
            split.train.images,
            built.features,
            device,
            changes=training.augmentation,
            generator=self.generators["augment"],
        )
        self.validation_batches = Batches(split.validation.images, built.features, device)
        self._judged = judged_at_once(split.validation.images.pixels)
        steps_per_epoch = -(-len(self.train_batches) // training.batch_size)
        self._rate = learning_rate(training, steps_per_epoch)
        check_excluded(training, self.variables)
        self.optimizer = build_optimizer(training, steps_per_epoch)
        self.update = update_for(self.optimizer, self.variables)
        # Every weight: moving statistics of normalisation layers are averaged and kept as well.
        self.weights = [variable.value for variable in self.model.weights]
        self.averager = Averager(training.averaging, self.weights)
        self._statistics = BatchStatistics(self.model)
        self._order = np.random.default_rng(seed).permutation(len(self.train_batches))
        self._sample = self._first(self._statistics.sample_size(len(self._order)))
        self._forward = Forward(self.model, self.generators["dropout"])
        self._predict = Forward(self.model)
        weights = class_weights(training, split.train.images.labels, len(split.classes))
        self._objective = Objective(
            from_logits=self._forward.gives_logits,
            label_smoothing=training.label_smoothing,
            weights=None if weights is None else weights.to(device),
        )
        self._plain = Objective(from_logits=self._predict.gives_logits)
        self._penalised: bool | None = None
        self._arithmetic = torch.autocast(
            device.type, torch.bfloat16, enabled=training.precision == "bfloat16"
        )

    @property
    def last_rate(self) -> float:
        """Learning rate of the last step taken, to the seven digits of single precision."""
        steps = int(self.optimizer.iterations.value)
        rate = self._rate(steps - 1) if callable(self._rate) else self.optimizer.learning_rate
        return float(f"{float(rate):.7g}")

    def step(
        self, features: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Learn from one batch; its mean loss and the number of right answers, on the device."""
        with self._arithmetic:
            outputs = self._forward(features)
        outputs = outputs.float()
        loss = self._objective(outputs, labels) + self._penalties()
        self.update(torch.autograd.grad(loss, self.tensors, allow_unused=True))
        self.averager.after_step()
        return loss.detach(), (outputs.detach().argmax(dim=1) == labels).sum()

    def train_epoch(self, deadline: float) -> Pass:
        """One pass over the training images, cut short once `time.monotonic()` is past it."""
        start = time.monotonic()
        losses: list[torch.Tensor] = []
        correct: list[torch.Tensor] = []
        sizes: list[int] = []
        batches = self.train_batches.shuffled(self.training.batch_size, self.generators["shuffle"])
        for features, labels in batches:
            loss, hits = self.step(features, labels)
            losses.append(loss)
            correct.append(hits)
            sizes.append(len(labels))
            if time.monotonic() > deadline:
                break
        return _summary(losses, correct, sizes, start)

    def validate(self) -> Pass:
        """Plain cross-entropy and accuracy over the validation images; AUROC where monitored."""
        start = time.monotonic()
        losses, correct, sizes = [], [], []
        ranked: list[tuple[torch.Tensor, torch.Tensor]] = []
        with torch.no_grad():
            for features, labels in self.validation_batches.ordered(self._judged):
                outputs = self._predict(features)
                losses.append(self._plain(outputs, labels))
                correct.append((outputs.argmax(dim=1) == labels).sum())
                sizes.append(len(labels))
                if self._ranked:
                    ranked.append((self._predict.as_probabilities(outputs), labels))
        validated = _summary(losses, correct, sizes, start)
        return replace(validated, auroc=_auroc(ranked)) if ranked else validated

    @contextmanager
    def as_judged(self) -> Iterator[None]:
        """Inside the block the model is the one that is judged, and kept if training ends here.

        It has the averaged weights where there are some, and the statistics of training images in
        its batch normalization layers. After the block it is as training left it.
        """
        with self.averager.in_place(), self._statistics.in_place(self._sampled_features):
            yield

    def settle_statistics(self) -> None:
        """Compute the statistics of batch normalization over the training images, for good."""
        chosen = self._first(self._statistics.final_size(len(self._order)))
        self._statistics.compute(lambda: self.train_batches.unchanged(self._judged, chosen))

    def statistics_checked(self) -> StatisticsCheck | None:
        """Evaluate the batch-normalization statistics on validation; None without such layers.

        The weights are the last ones, not averaged, with the moving statistics that training left.
        """
        if not self._statistics.count:
            return None
        moving = self.validate()
        with self._statistics.in_place(self._sampled_features):
            computed = self.validate()
        return StatisticsCheck(
            layers=self._statistics.count,
            steps=int(self.optimizer.iterations.value),
            images=self._statistics.final_size(len(self._order)),
            moving_accuracy=moving.accuracy,
            computed_accuracy=computed.accuracy,
        )

    def _first(self, size: int) -> torch.Tensor:
        """Indices of so many training images, drawn at random, in their order."""
        return torch.from_numpy(np.sort(self._order[:size]))

    def _sampled_features(self) -> Iterator[torch.Tensor]:
        return self.train_batches.unchanged(self._judged, self._sample)

    def _penalties(self) -> Any:
        """Sum of what the user's own layers add to the loss. Asking costs, so ask once."""
        if self._penalised is None:
            self._penalised = bool(self.model.losses)
        return sum(self.model.losses) if self._penalised else 0.0


def _check(weights: list[torch.Tensor], split: Split) -> None:
    if not weights:
        raise TrainingError("the model has no trainable weights; add a layer that has some.")
    for name, part in (("training", split.train), ("validation", split.validation)):
        if not len(part.images):
            raise TrainingError(f"the split has 0 {name} images; give it at least one.")


def make_generators(seed: int, device: torch.device) -> dict[str, torch.Generator]:
    """One generator for each purpose, so that one more draw of one moves no other."""
    states = np.random.SeedSequence(seed).generate_state(len(PURPOSES), np.uint64)
    generators = {}
    for purpose, state in zip(PURPOSES, states, strict=True):
        # Dropout draws where the network runs; orders and changes of images are drawn on the CPU.
        home = device if purpose == "dropout" else torch.device("cpu")
        generators[purpose] = torch.Generator(home).manual_seed(int(state))
    return generators


def _auroc(ranked: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    probabilities, labels = (torch.cat(parts).cpu().numpy() for parts in zip(*ranked, strict=True))
    return auroc(probabilities, labels)


def _summary(
    losses: list[torch.Tensor], correct: list[torch.Tensor], sizes: list[int], start: float
) -> Pass:
    batch_losses = torch.stack(losses).double().cpu()
    counts = torch.tensor(sizes, dtype=torch.float64)
    images = sum(sizes)
    loss = float((batch_losses * counts).sum() / images)
    accuracy = int(torch.stack(correct).sum()) / images
    return Pass(loss, accuracy, images, time.monotonic() - start, tuple(batch_losses.tolist()))
