"""Patients and subtypes from file names."""

import pytest

from leadline.data.audit.file_name_facts import identify
from leadline.data.remarks import remark
from leadline.errors import DataError

CHEST = (
    "train/NORMAL/IM-0115-0001.jpeg",
    "train/NORMAL/NORMAL2-IM-0115-0001-0002.jpeg",
    "train/PNEUMONIA/person1_bacteria_1.jpeg",
    "test/PNEUMONIA/person1_virus_12.jpeg",
)


def test_chest_names_are_known_and_said_to_be():
    found = identify(CHEST, None, None)
    assert found.groups == ("IM-0115", "NORMAL2-IM-0115", "person1_bacteria", "person1_virus")
    assert found.subgroups == ("", "", "bacteria", "virus")
    (note,) = map(str, found.notes)
    assert note.startswith("The file names are those of the chest X-rays of Kermany")
    assert "person" in note


def test_one_other_name_and_they_are_not():
    found = identify((*CHEST, "train/NORMAL/scan7.png"), None, None)
    assert found.groups is None
    assert found.subgroups == ("",) * 5
    assert found.notes == (remark("no-group-pattern"),)


def test_the_users_pattern_goes_first():
    found = identify(CHEST, "-|_", "(0001|12)")
    assert found.groups == ("-", "-", "_", "_")
    assert found.subgroups == ("0001", "0001", "", "12")
    assert found.notes == ()


def test_a_pattern_without_groups_is_what_it_matches():
    assert identify(("a/x1_y.png", "b/x2_y.png"), "x[0-9]", "y").subgroups == ("y", "y")


def test_a_pattern_that_finds_no_group_in_some_names_says_which():
    with pytest.raises(DataError, match=r"--group-pattern 'person.*2 of 4 .*IM-0115-0001\.jpeg"):
        identify(CHEST, r"person\d+", None)


@pytest.mark.parametrize("option", ["--group-pattern", "--subgroup-pattern"])
def test_no_regular_expression(option):
    patterns = ("(", None) if option == "--group-pattern" else (None, "(")
    with pytest.raises(DataError, match=rf"{option} '\(' is not a valid regular expression"):
        identify(CHEST, *patterns)
