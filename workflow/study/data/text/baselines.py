"""How far models get that read no sentence: what a data card says of a set of texts."""

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from study.data.dataset import Dataset
from study.data.text.packed import unpack

_TRAINED = 20_000  # examples at most: logistic regression on words takes seconds up to there


def baselines(dataset: Dataset) -> dict[str, float]:
    """Test accuracy of the largest class and of logistic regressions on counts of words.

    `bag_of_words` counts the words of each text apart; of pairs, `second_text_only` counts the words of the
    second text alone, and its pairs of neighbours: what it is above chance, the second texts give away.
    """
    train, test = dataset.train, dataset.test
    labels = train.labels[:_TRAINED]
    texts = [list(zip(*unpack(inputs), strict=True)) for inputs in (train.inputs[:_TRAINED], test.inputs)]
    found = {"majority": float((test.labels == np.bincount(train.labels).argmax()).mean())}
    counted = [_counted(*pair) for pair in zip(*texts, strict=True)]
    ways = {"bag_of_words": [hstack(part).tocsr() for part in zip(*counted, strict=True)]}
    if len(counted) == 2:
        ways["second_text_only"] = _counted(texts[0][1], texts[1][1], pairs=True)
    for name, (inside, outside) in ways.items():
        if len(np.unique(labels)) > 1:
            model = LogisticRegression(max_iter=1000).fit(inside, labels)
            found[name] = float(model.score(outside, test.labels))
    return found


def _counted(train: tuple[str, ...], test: tuple[str, ...], pairs: bool = False):
    """Counts of words, and of pairs of neighbours, as sparse matrices of both splits."""
    # Every run of non-blanks is a word: the default drops single letters, which are whole words elsewhere.
    counter = CountVectorizer(token_pattern=r"\S+", ngram_range=(1, 2) if pairs else (1, 1), min_df=2)
    return counter.fit_transform(train), counter.transform(test)
