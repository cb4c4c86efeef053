"""What a Python user would write: the same file read by NumPy in parts of 65,536 rows, scored by scikit-learn's MLP, and written."""
import os
import pickle
import sys
from itertools import islice

import numpy as np
from sklearn.neural_network import MLPClassifier

folder, kind = sys.argv[1:3]
WORDS = ["blue", "green", "grey", "orange", "red", "violet"]
CATEGORIES = 5 if kind == "mixed" else 0
PART = 65_536


def features(lines):
    numbers = np.loadtxt(lines, delimiter=",", usecols=range(20))
    if not CATEGORIES:
        return numbers
    words = np.loadtxt(lines, delimiter=",", usecols=range(20, 20 + CATEGORIES), dtype="U8")
    return np.hstack([numbers] + [(words[:, [j]] == WORDS).astype(float) for j in range(CATEGORIES)])


def trained():
    path = f"{folder}/{kind}.pickle"
    if os.path.exists(path):
        return pickle.load(open(path, "rb"))
    lines = open(f"{folder}/{kind}.train.csv").read().splitlines()[1:]
    model = MLPClassifier((256, 256), max_iter=30, random_state=0).fit(features(lines), [line.rsplit(",", 1)[1] for line in lines])
    pickle.dump(model, open(path, "wb"))
    return model


model = trained()
with open(f"{folder}/{kind}.csv") as source, open(f"{folder}/{kind}.peer.csv", "w") as out:
    next(source)
    out.write("line,class,probability\n")
    line = 2
    while part := list(islice(source, PART)):
        p = model.predict_proba(features(part))
        best = p.argmax(1)
        names = model.classes_[best]
        out.writelines(f"{line + i},{name},{q:.7g}\n" for i, (name, q) in enumerate(zip(names, p[np.arange(len(p)), best])))
        line += len(part)
