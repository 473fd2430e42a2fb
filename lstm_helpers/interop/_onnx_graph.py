"""The recurrent nodes in a model of ONNX: which of them are meant, and what stands at their inputs."""

import re
from functools import cached_property
from itertools import pairwise
from math import prod

import numpy as np

from lstm_helpers._arguments import refuse
from lstm_helpers.interop import orders

KINDS = "RNN", "LSTM", "GRU"
INPUTS = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
LEFT_TO_THE_CALLER = {"sequence_lens": "lengths", "initial_h": "h0", "initial_c": "c0"}  # as `forward` calls them
STANDARD = "", "ai.onnx"

# What exporters write between numbers that are stored and an input of a node: it moves them, and computes nothing.
FOLDED = {"Constant", "Identity", "Cast", "Transpose", "Concat", "Slice", "Squeeze", "Unsqueeze", "Reshape"}
MOVED = FOLDED | {"Expand", "Tile", "Gather"}  # these want sizes that are only known when the model runs


class Graph:
    """The main graph of a model.

    Args:
        model: an `onnx.ModelProto`.
        onnx: the library, which whoever has a model has imported.

    Attributes:
        remarks: sentences on what `nodes` has found, for a warning.
    """

    def __init__(self, model, onnx):
        self.model, self.onnx, self.remarks = model, onnx, []
        self.stored = {tensor.name: tensor for tensor in model.graph.initializer}
        self.made_by = {name: node for node in model.graph.node for name in node.output if name}
        self.recurrent = [node for node in model.graph.node if _is_recurrent(node)]

    def nodes(self, names=None):
        """The nodes of these names as plain data, from the bottom to the top: kind, attributes and tensors of each.

        Without names it is the only node there is, or all of them if each sees the one below it and nothing else.
        """
        found = [self._node(name) for name in names] if names else self.recurrent
        if not names and (not found or not all(self._sees(above, below) for below, above in pairwise(found))):
            self._refuse("one RNN, LSTM or GRU, or one on top of the other", found)
        if len({_input(node, "sequence_lens") for node in found}) > 1:
            refuse(ValueError, "source must have the same sequence_lens for all nodes of a Stack; give node")
        return [self._plain(node) for node in found]

    def _node(self, name):
        found = [node for node in self.recurrent if name in (node.name, *node.output)]
        if len(found) != 1:
            self._refuse(f"one RNN, LSTM or GRU called {name!r}", found)
        return found[0]

    def _refuse(self, wanted, found):
        """Refuse the model: it has too many of them, or none, or none that can be read."""
        elsewhere = [] if found else list(_elsewhere(self.model))
        listed = ", ".join([*map(_called, self.recurrent), *elsewhere]) or "none"
        how = " (a list from the bottom to the top is a Stack); give node" if len(found) > 1 else ""
        refuse(ValueError, f"source must have {wanted}; it has {listed}{how}")

    def _plain(self, node):
        if len(node.input) > len(INPUTS):
            refuse(ValueError, f"source must have a node with {', '.join(INPUTS)}, got {len(node.input)} inputs")
        tensors = {}
        for role, name in zip(INPUTS, node.input, strict=False):
            if name and role in "WRBP":
                tensors[role] = self._weights(role, name)
            elif name and role in LEFT_TO_THE_CALLER:
                self._leave_to_the_caller(role, name)
        return node.op_type, _attributes(node, self.onnx), tensors

    def _weights(self, role, name):
        array = self.array(name)
        if array is None:
            leaf = next(leaf for leaf in self._leaves(name) if not isinstance(leaf, np.ndarray))
            where = f"an input, {leaf!r}" if isinstance(leaf, str) else f"the node {_called(leaf)}, {leaf.op_type}"
            how = "; take the model from before it was quantized" if "quantize" in where.lower() else ""
            refuse(ValueError, f"source must hold the numbers of {role}; {name!r} comes from {where}{how}")
        return array

    def _leave_to_the_caller(self, role, name):
        """Refuse a constant that changes the numbers, and remark on what another node computes: the caller gives it.

        An input of the model is the caller's to give in any case, and states of 0 are no different from none.
        """
        leaves, ours = self._leaves(name), LEFT_TO_THE_CALLER[role]
        stored = [leaf for leaf in leaves if isinstance(leaf, np.ndarray)]
        if any(role == "sequence_lens" or array.any() for array in stored):
            wanted = role if role == "sequence_lens" else f"{role} other than 0"
            advice = f"take it out of the node and give it to forward, as {ours}"
            refuse(ValueError, f"source must have no constant {wanted}, got {name!r}: {advice}")
        if computed := [leaf for leaf in leaves if not isinstance(leaf, (np.ndarray, str))]:
            origin = f"{computed[0].op_type} {_called(computed[0])}"
            self.remarks.append(f"{role} comes from another node, {origin}: give it to forward, as {ours}")

    def array(self, name):
        """The numbers of this name, or None if they are not in the model."""
        if name in self.stored:
            return self._loaded(self.stored[name])
        node = self.made_by.get(name)
        if node is None or node.op_type not in FOLDED or node.domain not in STANDARD:
            return None
        given = {one: self.array(one) for one in node.input if one}
        return None if any(array is None for array in given.values()) else self._folded(node, given)

    def _loaded(self, tensor):
        if self.onnx.external_data_helper.uses_external_data(tensor):
            where = next(entry.value for entry in tensor.external_data if entry.key == "location")
            how = "load the model with onnx.load(its path), which reads both"
            refuse(
                ValueError, f"source must hold its numbers; those of {tensor.name!r} are in the file {where!r}: {how}"
            )
        return self.onnx.numpy_helper.to_array(tensor)

    def _folded(self, node, given):
        """The result of a node whose inputs are known, by ONNX's own reference."""
        helper, ends = self.onnx.helper, ([self.onnx.ValueInfoProto(name=n) for n in ns] for ns in (given, node.output))
        model = helper.make_model(helper.make_graph([node], "folded", *ends), opset_imports=self.model.opset_import)
        return orders.library("onnx.reference").ReferenceEvaluator(model).run(None, given)[0]

    def _leaves(self, name):
        """What a value is made of: arrays, names of the model's inputs, and nodes that compute something."""
        array, node = self.array(name), self.made_by.get(name)
        if array is not None:
            return [array]
        if node is None:
            return [name]
        if node.op_type == "ConstantOfShape":
            value = _attributes(node, self.onnx).get("value")
            return [np.zeros(1) if value is None else self.onnx.numpy_helper.to_array(value)]
        if node.op_type not in MOVED:
            return [node]
        sources = node.input if node.op_type == "Concat" else node.input[:1]
        return [leaf for source in sources for leaf in self._leaves(source)]

    def _sees(self, above, below):
        """Whether a node sees h of the one below, of all its sides at every step, and nothing else."""
        name, between = above.input[0], []
        while name != below.output[0]:
            node = self.made_by.get(name)
            if node is None or _is_recurrent(node) or not node.input:
                return False
            name, between = node.input[0], [node, *between]
        axes = _axes(below, self.onnx)
        for node in between:
            axes = axes and self._rearranged(axes, node)
        T, N = ("N", "T") if _attributes(above, self.onnx).get("layout") else ("T", "N")
        return axes in ([T, N, "H"], [T, N, "sides H"])

    def _rearranged(self, axes, node):
        """The names of a value's axes after a node that only arranges them; None after any other."""
        given = _attributes(node, self.onnx)
        if node.op_type == "Identity" or (node.op_type == "Dropout" and self._is_idle(node)):
            return axes
        if node.op_type == "Transpose":
            return [axes[k] for k in given.get("perm", range(len(axes))[::-1])]
        second = self.array(node.input[1]) if len(node.input) > 1 else None
        if node.op_type == "Squeeze":
            gone = [k % len(axes) for k in given.get("axes", second if second is not None else [])]
            return [axis for k, axis in enumerate(axes) if k not in gone]
        if node.op_type == "Reshape" and len(node.input) > 1 and self._keeps_two_axes(node):
            return [*axes[:2], " ".join(axes[2:]).removeprefix("one side ")]
        return None

    def _is_idle(self, dropout):
        """Whether a Dropout lets everything through: it does unless it is told that this is training."""
        if len(dropout.input) < 3 or not dropout.input[2]:
            return True
        training = self.array(dropout.input[2])
        return training is not None and not training.any()

    @cached_property
    def _sizes(self):
        """The lengths of each value's axes, as they follow from what the model declares: numbers, names, or ""."""
        graph = self.onnx.shape_inference.infer_shapes(self.model, data_prop=True).graph
        values = [*graph.value_info, *graph.input, *graph.output]
        return {v.name: [a.dim_value or a.dim_param for a in v.type.tensor_type.shape.dim] for v in values}

    def _keeps_two_axes(self, node):
        """Whether a Reshape keeps the first two axes, and makes one of all others."""
        before, after = (self._sizes.get(name, []) for name in (node.input[0], node.output[0]))
        shape = self.array(node.input[1])
        if shape is None:
            return len(after) == 3 and after[:2] == before[:2] and "" not in after[:2]
        # a 0 is the size before; if two of three sizes are right, the third is, too: the number of elements stays
        width = prod(before[2:]) if all(isinstance(size, int) for size in before[2:]) else None
        wanted = [0, *before[:1]], [0, *before[1:2]], [width]
        return len(shape) == 3 and sum(size in sizes for size, sizes in zip(shape, wanted, strict=True)) >= 2


def _is_recurrent(node):
    return node.op_type in KINDS and node.domain in STANDARD


def _input(node, role):
    """The name of what stands at this input of a node; "" if there is nothing."""
    return dict(zip(INPUTS, node.input, strict=False)).get(role, "")


def _attributes(node, onnx):
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _axes(node, onnx):
    """The axes of Y."""
    given = _attributes(node, onnx)
    sides = "sides" if given.get("direction") == b"bidirectional" else "one side"
    return ["N", "T", sides, "H"] if given.get("layout") else ["T", sides, "N", "H"]


def _called(node):
    """The names by which a node can be chosen: its own, or those of its outputs if it has none."""
    return repr(node.name) if node.name else " or ".join(repr(name) for name in node.output if name)


def _elsewhere(model):
    """The recurrent nodes that are not read, in words: of other libraries, in bodies of If and Loop, in functions."""
    for node in model.graph.node:
        if re.search("RNN|LSTM|GRU", node.op_type) and not _is_recurrent(node):
            yield f"a {node.op_type} of {node.domain}, which is not read, {_called(node)}"
        yield from _in_bodies(node)
    for function in model.functions:
        how = "which onnx.inliner.inline_local_functions(source) resolves"
        yield from (f"{_called(n)} in the function {function.name}, {how}" for n in function.node if _is_recurrent(n))


def _in_bodies(node):
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            for inner in graph.node:
                if _is_recurrent(inner):
                    yield f"{_called(inner)} in a body of the {node.op_type} {_called(node)}, which is not read"
                yield from _in_bodies(inner)
