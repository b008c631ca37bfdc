"""The server's metrics, read back with Prometheus's own parser."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from leadline.serving.prometheus import Metrics

NAME = 'a "b"\\\n'


@pytest.fixture
def samples():
    """Values by sample name and labels."""
    metrics = Metrics()
    metrics.request("page", 200, 0.004)
    metrics.request("page", 404, 0.3)
    metrics.batch(NAME, 3)
    metrics.batch(NAME, 2)
    metrics.gauge("waiting", "Waiting.", lambda: 7)
    families = text_string_to_metric_families(metrics.text())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("requests_total", "200", "page"), 1),
        (("requests_total", "404", "page"), 1),
        (("request_seconds_bucket", "0.005", "page"), 1),
        (("request_seconds_bucket", "0.25", "page"), 1),
        (("request_seconds_bucket", "0.5", "page"), 2),
        (("request_seconds_bucket", "+Inf", "page"), 2),
        (("request_seconds_sum", "page"), 0.304),
        (("request_seconds_count", "page"), 2),
        (("images_total", NAME), 5),
        (("batches_total", NAME), 2),
        (("waiting",), 7),
    ],
)
def test_each_sample(samples, key, value):
    assert samples[f"leadline_{key[0]}", *key[1:]] == pytest.approx(value)


def test_nothing_else_is_published(samples):
    """No times of creation, no figures of the process: 2 + 13 + 2 + 1 samples."""
    assert len(samples) == 18


def test_servers_count_for_themselves():
    first, second = Metrics(), Metrics()
    first.batch("a", 1)
    assert 'leadline_batches_total{model="a"}' not in second.text()
