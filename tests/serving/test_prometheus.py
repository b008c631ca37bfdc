"""Counters as Prometheus reads them."""

from leadline.serving.prometheus import Metrics


def test_every_line():
    metrics = Metrics()
    metrics.request("page", 200, 0.004)
    metrics.request("page", 404, 0.3)
    metrics.batch('a "b"\\\n', 3)
    metrics.batch('a "b"\\\n', 2)
    metrics.gauges["leadline_waiting"] = ("Waiting.", lambda: 7)
    lines = metrics.text().splitlines()
    kept = [line for line in lines if not line.startswith("#")]
    assert kept[:2] == [
        'leadline_requests_total{route="page",status="200"} 1',
        'leadline_requests_total{route="page",status="404"} 1',
    ]
    assert 'leadline_request_seconds_bucket{route="page",le="0.005"} 1' in kept
    assert 'leadline_request_seconds_bucket{route="page",le="0.25"} 1' in kept
    assert 'leadline_request_seconds_bucket{route="page",le="0.5"} 2' in kept
    assert 'leadline_request_seconds_bucket{route="page",le="+Inf"} 2' in kept
    assert 'leadline_request_seconds_sum{route="page"} 0.304000' in kept
    assert 'leadline_request_seconds_count{route="page"} 2' in kept
    assert 'leadline_images_total{model="a \\"b\\"\\\\\\n"} 5' in kept
    assert 'leadline_batches_total{model="a \\"b\\"\\\\\\n"} 2' in kept
    assert kept[-1] == "leadline_waiting 7"
    assert "# TYPE leadline_request_seconds histogram" in lines
    assert metrics.text().endswith("\n")
