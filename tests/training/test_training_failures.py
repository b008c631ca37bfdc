"""What stops training is said with place and fix."""

from __future__ import annotations

import pytest
import torch
from tests.training.conftest import build, experiment, images, split_of

from leadline.errors import TrainingError
from leadline.training.loop import fit
from leadline.training.session import Pass
from leadline.training.training_failures import check_finite, explain_memory


def test_a_finite_loss_passes():
    check_finite(1, Pass(0.5, 0.5, 10, 1.0, (0.4, 0.6)), [])


@pytest.mark.parametrize(
    ("losses", "earlier", "said"),
    [
        ((0.5, 0.25, float("nan"), 1.0), [9.0], r"nan in epoch 3, batch 3 \(last finite.*0\.25\)"),
        ((float("inf"),), [9.0, 0.125], r"inf in epoch 3, batch 1 \(last finite loss: 0\.125\)"),
        ((float("nan"),), [], r"batch 1 \(last finite loss: none\)"),
    ],
)
def test_the_message_names_the_place(losses, earlier, said):
    with pytest.raises(TrainingError, match=said):
        check_finite(3, Pass(float("nan"), 0.5, 10, 1.0, losses), earlier)


def test_a_learning_rate_that_is_too_high_is_named(split):
    made = experiment(
        [{"type": "Dense", "units": 8}], optimizer={"name": "SGD", "learning_rate": 1e38}, epochs=9
    )
    with pytest.raises(TrainingError, match=r"epoch 1, batch .*learning_rate .*clipnorm"):
        fit(build(made), split, made.training, seed=0)


@pytest.mark.parametrize("part", ["training", "validation"])
def test_a_split_without_images_is_named(part):
    none, some = images(0), images(9)
    split = split_of(none, some) if part == "training" else split_of(some, none)
    made = experiment()
    with pytest.raises(TrainingError, match=f"0 {part} images"):
        fit(build(made), split, made.training, seed=0)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"),
    ],
)
def test_want_of_memory_names_the_batch_size(error):
    said = r"batch_size = 4096; make it smaller"
    with pytest.raises(TrainingError, match=said), explain_memory(4096):
        raise error


def test_torch_itself_is_understood():
    with pytest.raises(TrainingError, match="out of memory"), explain_memory(1):
        torch.empty(2**60, dtype=torch.uint8)


@pytest.mark.parametrize("error", [RuntimeError("mat1 and mat2 differ"), NotImplementedError("x")])
def test_other_errors_pass_through(error):
    with pytest.raises(type(error)) as caught, explain_memory(1):
        raise error
    assert caught.value is error
