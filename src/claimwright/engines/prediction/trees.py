"""A boosted model of trees that use many features at once, as arrays: fast, and not to be explained.

Each tree has at most 16 leaves. Whether a leaf can still be reached is one bit of a number: each node whose
condition fails clears the bits of the leaves on its left, and the lowest bit that remains is the leaf
(Lucchese and others 2015, QuickScorer). So scoring is comparisons of whole columns, and needs no library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .terms import Parts, Real

Whole = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint16]

LEAVES = 16
_ALL = np.uint16(2**LEAVES - 1)


def _lowest_bits() -> npt.NDArray[np.int8]:
    numbers = np.arange(2**LEAVES, dtype=np.int64)
    lowest = numbers & -numbers
    found = np.zeros(2**LEAVES, dtype=np.int8)
    for place in range(1, LEAVES):
        found[lowest == 1 << place] = place
    return found


_LOWEST = _lowest_bits()


@dataclass(frozen=True)
class TreeTables:
    """The trees.

    Attributes:
        names: of the features.
        tree, feature, cut: of each node: the number of its tree, and the condition that the feature is below
            the cut.
        kept: of each node, a bit for each leaf of the tree that can be reached if the condition fails.
        is_low: of each node, whether a missing value counts as below the cut.
        values: log odds, one row per tree, one column per leaf.
    """

    names: tuple[str, ...]
    tree: Whole
    feature: Whole
    cut: Real
    kept: Bits
    is_low: npt.NDArray[np.bool_]
    values: Real

    def contributions(self, columns: Real) -> Parts:
        """None: what a feature contributes depends on all others."""
        return np.zeros((len(columns), 0), dtype=np.int16)

    def scored(self, columns: Real) -> tuple[Parts, Real]:
        """Contributions, of which there are none, and log odds."""
        scores = np.zeros(len(columns))
        alive = np.empty(len(columns), dtype=np.uint16)
        by_feature = {
            number: np.ascontiguousarray(columns[:, number]) for number in np.unique(self.feature).tolist()
        }
        missing = {number: np.isnan(column) for number, column in by_feature.items()}
        starts = np.searchsorted(self.tree, np.arange(len(self.values) + 1))
        for number, values in enumerate(self.values):
            alive[:] = _ALL
            for node in range(starts[number], starts[number + 1]):
                feature = int(self.feature[node])
                fails = by_feature[feature] >= self.cut[node]
                if not self.is_low[node]:
                    fails |= missing[feature]
                alive &= np.where(fails, self.kept[node], _ALL)
            scores += values[_LOWEST[alive]]
        return self.contributions(columns), scores


def trees_of(booster: Any) -> list[dict[str, Any]]:
    """The root of each tree of a LightGBM booster."""
    return [each["tree_structure"] for each in booster.dump_model()["tree_info"]]


def cut_of(node: dict[str, Any]) -> float:
    """The least value that goes to the right: LightGBM sends values up to its threshold to the left."""
    return float(np.nextafter(node["threshold"], np.inf))


def is_low_without(node: dict[str, Any]) -> bool:
    """Whether a missing value goes to the left; without any in training, LightGBM takes it for 0."""
    if node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return bool(node["threshold"] >= 0)


def tables_of(booster: Any, names: tuple[str, ...]) -> TreeTables:
    """The arrays of a LightGBM booster whose trees have at most 16 leaves."""
    roots = trees_of(booster)
    nodes: list[tuple[int, int, float, int, bool]] = []
    values = np.zeros((len(roots), LEAVES))
    for number, root in enumerate(roots):
        leaves: list[float] = []

        def visit(node: dict[str, Any], number: int = number, leaves: list[float] = leaves) -> int:
            """The bits of the leaves below."""
            if "split_feature" not in node:
                leaves.append(float(node["leaf_value"]))
                return 1 << (len(leaves) - 1)
            left = visit(node["left_child"])
            right = visit(node["right_child"])
            kept = int(_ALL) & ~left
            nodes.append((number, node["split_feature"], cut_of(node), kept, is_low_without(node)))
            return left | right

        visit(root)
        values[number, : len(leaves)] = leaves
    tree, feature, cut, kept, is_low = zip(*nodes, strict=True) if nodes else ((),) * 5
    return TreeTables(
        names,
        np.array(tree, dtype=np.int64),
        np.array(feature, dtype=np.int64),
        np.array(cut, dtype=np.float64),
        np.array(kept, dtype=np.uint16),
        np.array(is_low, dtype=np.bool_),
        values,
    )
