"""Data sets known by the names of their files."""

import pytest

from leadline.data.sources.source_list import known_by_names, load_dataset
from leadline.experiments import Data


@pytest.mark.parametrize(
    "names",
    [
        ["person1_virus_6.jpeg", "train/NORMAL/IM-0115-0001.jpeg"],
        ["NORMAL2-IM-0383-0001.jpeg"],
        ["PNEUMONIA/person1946_bacteria_4874.jpeg"],
    ],
)
def test_films_are_known_by_their_patients(names):
    found = known_by_names(names)
    assert found is not None
    assert found.name == "chest-xray"


@pytest.mark.parametrize("names", [[], ["cat.png"], ["person1_virus_6.jpeg", "cat.png"]])
def test_one_other_name_is_another_data_set(names):
    assert known_by_names(names) is None


def test_a_folder_of_films_is_called_what_it_is(chest_folder):
    data = Data(source="chest-xray", size_px=(16, 16))
    found = load_dataset(data, path=chest_folder)
    assert (found.name, found.source) == ("chest-xray", str(chest_folder))
