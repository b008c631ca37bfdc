"""What is known of data sets before they are read."""

from leadline.data.sources.source_list import SOURCES
from leadline.experiments.citations import ORIGINS
from leadline.experiments.intended_use import LIMITS


def test_every_source_has_its_licence_and_whom_to_cite():
    assert set(ORIGINS) == set(SOURCES)
    assert set(LIMITS) <= set(ORIGINS)
    for origin in ORIGINS.values():
        assert origin.licence.startswith("CC BY")
        assert "doi:10." in origin.citation


def test_classes_are_those_of_the_data():
    counts = {name: origin.classes for name, origin in ORIGINS.items()}
    assert counts == {"mnist": 10, "chest-xray": 2, "pneumoniamnist": 2}


def test_the_chest_films_may_be_shared_when_their_makers_are_named():
    assert ORIGINS["chest-xray"].licence == "CC BY 4.0"
    for maker in ("Kermany", "Zhang", "Goldbaum"):
        assert maker in ORIGINS["chest-xray"].citation
    # PneumoniaMNIST is made of them.
    assert ORIGINS["chest-xray"].citation in ORIGINS["pneumoniamnist"].citation
