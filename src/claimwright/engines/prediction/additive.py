"""Turns boosted trees that use at most two features each into tables of one feature and of two.

A tree with three leaves has two conditions: a function of one feature or of two. The sum of all trees with
the same features is one table, so that the tables say exactly what the trees say. What a pair of features
says of one of them alone is moved to that feature's own table (purification; Lengerich and others 2020), so
that nothing is said twice; every table has the mean 0 over the claims of training.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .terms import STEP, Places, Real, Term, TermTables, in_steps, places_in
from .trees import cut_of, is_low_without, trees_of

# Enough for the means of a pair's rows and columns to be moved away completely.
_SWEEPS = 30

Tables = dict[tuple[int, ...], Real]


def features_of(root: dict[str, Any]) -> tuple[int, ...]:
    """The features of a tree, ascending."""
    found: set[int] = set()
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if "split_feature" in node:
            found.add(int(node["split_feature"]))
            nodes += [node["left_child"], node["right_child"]]
    return tuple(sorted(found))


def additive(boosters: list[Any], names: tuple[str, ...], columns: Real, weights: Real) -> TermTables:
    """The tables of the mean of LightGBM boosters whose trees use at most two features each.

    `columns` and `weights` are those of the claims of training, over which tables have the mean 0.
    """
    roots = [root for booster in boosters for root in trees_of(booster)]
    cuts = _cuts(roots)
    tables: Tables = {}
    constant = 0.0
    for root in roots:
        features = features_of(root)
        if not features:
            constant += float(root["leaf_value"])
            continue
        shape = tuple(len(cuts[feature]) + 2 for feature in features)
        found = tables.setdefault(features, np.zeros(shape))
        found += _values(root, features, cuts)
    constant /= len(boosters)
    for table in tables.values():
        table /= len(boosters)
    places = {feature: places_in(cuts[feature], columns[:, feature]) for feature in cuts}
    constant += _purified(tables, places, weights)
    terms = [Term(features, in_steps(table)) for features, table in sorted(tables.items(), key=_order)]
    return TermTables(names, tuple(terms), int(np.rint(constant * STEP)), cuts)


def _order(item: tuple[tuple[int, ...], Real]) -> tuple[int, tuple[int, ...]]:
    return len(item[0]), item[0]


def _cuts(roots: list[dict[str, Any]]) -> dict[int, Real]:
    """Every cut of every feature."""
    found: dict[int, set[float]] = {}
    nodes = list(roots)
    while nodes:
        node = nodes.pop()
        if "split_feature" in node:
            found.setdefault(int(node["split_feature"]), set()).add(cut_of(node))
            nodes += [node["left_child"], node["right_child"]]
    return {feature: np.array(sorted(cuts)) for feature, cuts in sorted(found.items())}


def _values(node: dict[str, Any], features: tuple[int, ...], cuts: dict[int, Real]) -> Real:
    """What a tree says, by the positions of its features."""
    if "split_feature" not in node:
        return np.array(float(node["leaf_value"]))
    feature = int(node["split_feature"])
    own = cuts[feature]
    is_left = np.arange(len(own) + 2) <= np.searchsorted(own, cut_of(node)) + 1
    is_left[0] = is_low_without(node)
    along = tuple(len(own) + 2 if each == feature else 1 for each in features)
    found: Real = np.where(
        is_left.reshape(along),
        _values(node["left_child"], features, cuts),
        _values(node["right_child"], features, cuts),
    )
    return found


def _purified(tables: Tables, places: dict[int, Places], weights: Real) -> float:
    """Moves means of pairs to single features, and means of these to the constant, which is returned."""
    for pair in [features for features in tables if len(features) == 2]:
        table = tables[pair]
        size = np.zeros(table.shape)
        np.add.at(size, (places[pair[0]], places[pair[1]]), weights)
        for axis, feature in enumerate(pair):
            if (feature,) not in tables:
                tables[(feature,)] = np.zeros(table.shape[axis])
        for _ in range(_SWEEPS):
            for axis, feature in enumerate(pair):
                across = 1 - axis
                mean = (table * size).sum(axis=across) / np.maximum(size.sum(axis=across), 1e-9)
                table -= np.expand_dims(mean, across)
                tables[(feature,)] += mean
        table[size.sum(axis=1) == 0] = 0.0
        table[:, size.sum(axis=0) == 0] = 0.0
    constant = 0.0
    for features, table in tables.items():
        if len(features) == 1:
            own: Real = np.bincount(places[features[0]], weights, len(table)).astype(np.float64)
            mean = float((table * own).sum() / own.sum())
            table -= mean
            constant += mean
            if not own[0]:
                table[0] = 0.0
    return constant
