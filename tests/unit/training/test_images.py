"""What the loop and the evaluations see of a split."""

import numpy as np
import torch
from tests.tiny_study import tiny_data

from study.config.training import TrainingSettings
from study.training.contracts import RunKey
from study.training.images import Images, Normalisation, TrainingImages, evaluation_batch_size

CPU = torch.device("cpu")


RUN = RunKey(0, 0, "mlp")


def training_images(data, run=RUN, **settings):
    return TrainingImages(
        data.train,
        3,
        TrainingSettings(batch_size=8, **settings),
        run,
        Normalisation(data.train.inputs, CPU),
        CPU,
    )


def test_inputs_are_centred_and_scaled_per_channel_by_the_training_split():
    data = tiny_data()
    normalise = Normalisation(data.train.inputs, CPU)
    values = data.test.inputs.astype(np.float64)
    train = data.train.inputs.astype(np.float64)
    expected = (values - train.mean((0, 2, 3), keepdims=True)) / train.std((0, 2, 3), keepdims=True)
    got = torch.cat([inputs for _, inputs, _ in Images(data.test, normalise, CPU).evaluation_batches()])
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-5, atol=1e-5)
    assert got.is_contiguous(memory_format=torch.channels_last)


def test_a_channel_without_variation_is_only_centred():
    inputs = np.full((4, 1, 2, 2), 9, np.uint8)
    assert torch.equal(Normalisation(inputs, CPU)(torch.from_numpy(inputs)), torch.zeros(4, 1, 2, 2))


def test_each_example_comes_once_an_epoch_with_its_own_label():
    data = tiny_data()
    task = training_images(data)
    batches = list(task.batches(1))
    indices = np.concatenate([batch.indices for batch in batches])
    assert len(batches) == task.steps == 3
    assert sorted(indices) == list(range(21))
    for batch in batches:
        assert np.array_equal(batch.labels.numpy(), data.train.labels[batch.indices])


def test_without_augmentation_the_inputs_are_the_images_themselves():
    data = tiny_data()
    task = training_images(data, shift=0)
    plain = torch.cat([inputs for _, inputs, _ in task.evaluation_batches()])
    for batch in task.batches(1):
        assert torch.equal(batch.inputs, plain[batch.indices])


def test_order_and_augmentation_follow_from_study_seed_run_seed_model_and_epoch():
    data = tiny_data()

    def seen(epoch=1, run=RUN):
        return torch.cat([batch.inputs for batch in training_images(data, run).batches(epoch)])

    first = seen()
    assert torch.equal(first, seen())
    others = [
        seen(epoch=2),
        *(seen(run=RunKey(*key)) for key in [(1, 0, "mlp"), (0, 1, "mlp"), (0, 0, "vgg")]),
    ]
    assert not any(torch.equal(first, other) for other in others)


def test_evaluation_batches_are_large_for_small_images_only():
    assert evaluation_batch_size((1, 8, 8), "cpu") == 512
    assert evaluation_batch_size((3, 32, 32), "cpu") == 128
    assert evaluation_batch_size((3, 224, 224), "cpu") == 16
    assert evaluation_batch_size((3, 32, 32), "cuda") == 512
