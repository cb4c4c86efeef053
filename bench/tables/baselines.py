"""The outlier detectors that a user would take instead, on one split. Reads train.csv, test.csv and truth.csv of a folder; prints their
AUROC as JSON. Settings are scikit-learn's, columns standardised, as commonly reported."""
import json
import sys
import warnings

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

warnings.filterwarnings("ignore")
folder, seed = sys.argv[1], int(sys.argv[2])
train, test, truth = (
    np.loadtxt(f"{folder}/{name}.csv", delimiter=",", skiprows=1, ndmin=2) for name in ("train", "test", "truth")
)
mean, std = train.mean(0), train.std(0)
std[std == 0] = 1
a, b, y = (train - mean) / std, (test - mean) / std, truth[:, 0]
rng = np.random.default_rng(seed)
few = a if len(a) <= 3000 else a[rng.choice(len(a), 3000, replace=False)]
covariance = np.cov(a.T).reshape(a.shape[1], -1) + 1e-3 * np.eye(a.shape[1])
detectors = {
    "isolation forest": lambda: -IsolationForest(random_state=seed).fit(a).score_samples(b),
    "LOF": lambda: -LocalOutlierFactor(n_neighbors=min(20, len(a) - 1), novelty=True).fit(a).score_samples(b),
    "one-class SVM": lambda: -OneClassSVM().fit(few).score_samples(b),
    "kNN, 5th": lambda: NearestNeighbors(n_neighbors=5).fit(a).kneighbors(b)[0][:, -1],
    "8 Gaussians": lambda: -GaussianMixture(
        min(8, max(1, len(a) // 10)), reg_covar=1e-3, random_state=seed, max_iter=60
    )
    .fit(a)
    .score_samples(b),
    "Mahalanobis": lambda: np.einsum("ij,ij->i", b, np.linalg.solve(covariance, b.T).T),
}
if a.shape[1] > 500:
    del detectors["8 Gaussians"]
print(json.dumps({name: float(roc_auc_score(y, run())) for name, run in detectors.items()}))
