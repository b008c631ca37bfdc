"""Which extras are installed, by the modules of their packages."""

import pytest

from leadline.cli import extras


def test_every_installed_package_is_found_by_its_module():
    """A distribution and its module may differ in name, as pyyaml and yaml do."""
    installed = [package.name for package in extras.packages() if package.version is not None]
    assert {"numpy", "pillow", "torch"} <= set(installed)
    assert [name for name in installed if not extras.importable(name)] == []


@pytest.mark.parametrize(("name", "found"), [("pyyaml", True), ("no-such-package", False)])
def test_importable(name, found):
    assert extras.importable(name) is found
