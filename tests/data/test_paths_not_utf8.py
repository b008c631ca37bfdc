"""Paths that are not UTF-8, as on old shares: spelt out wherever they are written."""

from __future__ import annotations

import json
import os

from leadline.data.mnist import own_name
from leadline.durable import write_text

NAME = os.fsdecode(b"radio_\xe9")


def test_text_files_spell_them_out(tmp_path):
    write_text(tmp_path / "a.html", f"<p>{NAME}</p>")
    assert (tmp_path / "a.html").read_bytes() == b"<p>radio_\\xe9</p>"
    write_text(tmp_path / "a.json", json.dumps({"path": NAME}, ensure_ascii=False))
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"path": "radio_\\xe9"}


def test_a_data_set_is_called_so_that_every_file_can_hold_it(tmp_path):
    assert own_name(tmp_path / NAME) == "radio_\\xe9"
