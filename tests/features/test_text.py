"""Texts as numbers."""

import numpy as np

from tsgen.features.text import TextFeatures

TEXTS = ["red tea mug", "blue tea mug", "garden chair", "garden table"] * 5


def test_texts_of_the_same_words_are_near_and_unknown_words_are_nothing():
    features = TextFeatures.fit(TEXTS, 3, 0)
    mugs, chair, nothing = features(["red mug", "garden chair", "zebra"])
    near = features(["blue mug"])[0]
    assert np.linalg.norm(mugs - near) < np.linalg.norm(mugs - chair)
    assert (nothing == 0).all()


def test_what_is_kept_is_enough():
    features = TextFeatures.fit(TEXTS, 3, 0)
    again = TextFeatures(features.words, features.idf.copy(), features.components.copy())
    np.testing.assert_array_equal(again(TEXTS), features(TEXTS))
    np.testing.assert_allclose(features(TEXTS).std(axis=0)[:2], 1, rtol=1e-6)


def test_empty_texts_and_few_ones_have_all_numbers():
    assert TextFeatures.fit(["", ""], 4, 0)(["tea"]).shape == (1, 4)
    assert np.isfinite(TextFeatures.fit(["tea", "mug"], 4, 0)(["tea", ""])).all()
