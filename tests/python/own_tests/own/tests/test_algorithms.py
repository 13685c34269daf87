"""It has no tests of its own: every algorithm stems some words, and the stems are compared."""

from collections.abc import Callable

import pytest
import snowballstemmer

WORDS = "running flies happily générations Häuser nationalités ходили книгами λόγους évek kitaplar"


@pytest.mark.parametrize("algorithm", snowballstemmer.algorithms())
def test_algorithm(algorithm: str, record_property: Callable[[str, object], None]) -> None:
    """Stem with one algorithm."""
    stemmer = snowballstemmer.stemmer(algorithm)
    record_property("stems", stemmer.stemWords(WORDS.split()))
