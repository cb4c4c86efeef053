"""The classifiers that a user would take instead, on one split. Reads train.csv and test.csv of a folder, whose last column is the class
(empty where it is not known); writes the probabilities of the test rows, NAME.csv for each, with the classes as header."""
import csv
import sys
import warnings

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier

warnings.filterwarnings("ignore")
folder, seed = sys.argv[1], int(sys.argv[2])
MISSING = {"", "?", "na", "nan", "null"}


def read(name):
    rows = list(csv.reader(open(f"{folder}/{name}.csv", newline="")))[1:]
    return [r[:-1] for r in rows], np.array([r[-1].strip() for r in rows])


def number(text):
    return np.nan if text.strip().lower() in MISSING else float(text)


def is_number(column):
    try:
        return [number(v) for v in column] is not None
    except ValueError:
        return False


(train, labels), (test, _) = read("train"), read("test")
numeric = [j for j in range(len(train[0])) if is_number([r[j] for r in train + test])]
texts = [j for j in range(len(train[0])) if j not in numeric]


def matrix(rows):
    return np.array([[number(v) if j in numeric else v.strip() for j, v in enumerate(r)] for r in rows], dtype=object)


def pipeline(model):
    numbers = make_pipeline(FunctionTransformer(lambda x: x.astype(float)), SimpleImputer(), StandardScaler())
    columns = ColumnTransformer(
        [("numbers", numbers, numeric), ("texts", OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts)]
    )
    return make_pipeline(columns, model)


x, t = matrix(train), matrix(test)
known = labels != ""
classes = sorted(set(labels[known]))
models = {
    "logistic regression": LogisticRegression(max_iter=2000),
    "random forest": RandomForestClassifier(300, random_state=seed),
    "gradient boosting": HistGradientBoostingClassifier(random_state=seed),
}
semi = {}
if not known.all():
    codes = np.array([classes.index(v) if v else -1 for v in labels])
    semi = {
        "self-training": SelfTrainingClassifier(LogisticRegression(max_iter=2000)),
        "label spreading": LabelSpreading("knn", n_neighbors=10),
    }
for name, model in {**models, **semi}.items():
    p = pipeline(model).fit(x, codes) if name in semi else pipeline(model).fit(x[known], labels[known])
    of = [classes[c] for c in p[-1].classes_] if name in semi else list(p[-1].classes_)
    given = np.nan_to_num(p.predict_proba(t), nan=1 / len(classes))
    with open(f"{folder}/{name}.csv", "w", newline="") as f:
        csv.writer(f).writerows([of] + given.tolist())
