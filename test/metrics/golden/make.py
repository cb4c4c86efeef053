"""Writes sklearn.json: measures by scikit-learn (1.2.1 when last run) on random inputs. Run: python3 make.py"""
import json
import pathlib
import warnings

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("error")
rng = np.random.default_rng(0)


def detection(positives, negatives):
    scores = np.concatenate([positives, negatives])
    labels = np.repeat([1, 0], [len(positives), len(negatives)])
    fpr, tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    return {
        "positives": positives.tolist(),
        "negatives": negatives.tolist(),
        "auroc": metrics.roc_auc_score(labels, scores),
        "auprIn": metrics.average_precision_score(labels, scores),
        "auprOut": metrics.average_precision_score(1 - labels, -scores),
        "fpr95": fpr[np.argmax(tpr >= 0.95)],
        "fpr": fpr.tolist(),
        "tpr": tpr.tolist(),
    }


def adaptive_ece(confidence, hit, bins):
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, bins)
    return sum(len(p) / len(order) * abs(hit[p].mean() - confidence[p].mean()) for p in parts)


def classification(n, k):
    logits = np.round(rng.normal(size=(n, k)) * 2, 3)
    labels = np.array([rng.choice(k, p=softmax(row / 2)) for row in logits])
    p = softmax(logits, axis=1)
    confidence, hit = p.max(1), p.argmax(1) == labels
    accuracy_of_bins, confidence_of_bins = calibration_curve(hit, confidence, n_bins=15, strategy="uniform")
    nll = lambda log_t: -log_softmax(logits / np.exp(log_t), axis=1)[np.arange(n), labels].mean()
    fit = minimize_scalar(nll, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-10})
    return {
        "logits": logits.ravel().tolist(),
        "labels": labels.tolist(),
        "classes": k,
        "accuracy": metrics.accuracy_score(labels, p.argmax(1)),
        "nll": metrics.log_loss(labels, p, labels=range(k)),
        "brier": 2 * metrics.brier_score_loss(labels, p[:, 1]) if k == 2 else float(((p - np.eye(k)[labels]) ** 2).sum(1).mean()),
        "auroc": metrics.roc_auc_score(labels, p[:, 1]) if k == 2 else metrics.roc_auc_score(labels, p, multi_class="ovr"),
        "confusion": metrics.confusion_matrix(labels, p.argmax(1), labels=range(k)).ravel().tolist(),
        "calibrationCurve": [confidence_of_bins.tolist(), accuracy_of_bins.tolist()],
        "adaptiveEce": adaptive_ece(confidence, hit, 15),
        "temperature": float(np.exp(fit.x)),
        "leastNll": float(fit.fun),
    }


cases = {
    "detection": {
        "distinct": detection(rng.normal(1, 1, 90), rng.normal(0, 1.5, 70)),
        "ties": detection(rng.integers(2, 9, 120).astype(float), rng.integers(0, 7, 40).astype(float)),
        "equal": detection(np.ones(5), np.ones(3)),
        "few": detection(np.array([0.3, 0.1]), np.array([0.2])),
    },
    "classification": {"binary": classification(120, 2), "five": classification(150, 5)},
}
path = pathlib.Path(__file__).with_name("sklearn.json")
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
