"""What the machine says of itself."""

import platform

from leadline.system.environment import processor_name


def test_the_processors_own_name(tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nmodel\t\t: 85\nmodel name\t: A Chip @ 2 GHz\n")
    assert processor_name(listing) == "A Chip @ 2 GHz"


def test_where_the_system_does_not_tell(tmp_path):
    expected = platform.processor() or platform.machine()
    assert processor_name(tmp_path / "none") == expected
    (tmp_path / "cpuinfo").write_text("model name :\n")
    assert processor_name(tmp_path / "cpuinfo") == expected
