"""The API held to its own description, by requests that schemathesis makes up."""

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.serving.asking import ADDRESS, png_of
from tests.serving.making import brightness

from leadline.serving.app import create_app
from leadline.serving.model_registry import open_models
from leadline.serving.server_settings import Settings

pytestmark = pytest.mark.slow

NOISE = np.random.default_rng(0).integers(0, 256, (9, 7), np.uint8)
FORMS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF",
         "image/bmp": "BMP"}  # fmt: skip
for kind, form in FORMS.items():  # else what is made up would be bytes that nothing can read
    schemathesis.openapi.media_type(kind, st.sampled_from([png_of(NOISE, form), b"", b"no image"]))


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    two = brightness(folder / "two.onnx")
    ten = brightness(folder / "ten.onnx", tuple("0123456789"), size_px=(28, 28), prepare="digit")
    app = create_app(open_models([two, ten]), Settings(requests_per_s=0, runs=folder))
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers={"Host": "localhost"})


def test_every_answer_is_as_described(described):
    asked = []
    for found in described.get_all_operations():
        operation = found.ok()
        asked.append(f"{operation.method.upper()} {operation.path}")

        @settings(max_examples=40, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case):
            case.call_and_validate(base_url=ADDRESS, excluded_checks=[positive_data_acceptance])

        check()
    assert len(asked) == 6, asked
    assert "POST /api/v1/predict" in asked
