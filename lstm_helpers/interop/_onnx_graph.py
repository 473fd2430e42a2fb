"""The recurrent nodes in a model of ONNX: how they are selected, and what their inputs hold.

Exporters surround an RNN, LSTM or GRU with nodes that only move numbers: weights arrive by way of Concat and
Unsqueeze, and the output of one layer reaches the next by way of Transpose and Reshape. `Graph` looks through these.
"""

import re
from functools import cached_property
from itertools import pairwise
from math import prod

import numpy as np

from lstm_helpers._arguments import refuse
from lstm_helpers.interop import orders

KINDS = "RNN", "LSTM", "GRU"
INPUTS = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
ARGUMENTS = {"sequence_lens": "lengths", "initial_h": "h0", "initial_c": "c0"}  # of `forward`, for the other inputs
STANDARD = "", "ai.onnx"

# Nodes that move numbers and compute nothing. Those in FOLDED are evaluated if their inputs are stored in the model.
FOLDED = {"Constant", "Identity", "Cast", "Transpose", "Concat", "Slice", "Squeeze", "Unsqueeze", "Reshape"}
MOVED = FOLDED | {"Expand", "Tile", "Gather"}  # the sizes for these are only known when the model runs


class Graph:
    """The main graph of a model.

    Args:
        model: an `onnx.ModelProto`.
        onnx: the library, which any caller with a model has imported.

    Attributes:
        warnings: sentences about the selected nodes, filled by `nodes`.
    """

    def __init__(self, model, onnx):
        self.model, self.onnx, self.warnings = model, onnx, []
        self.stored = {tensor.name: tensor for tensor in model.graph.initializer}
        self.made_by = {name: node for node in model.graph.node for name in node.output if name}
        self.recurrent = [node for node in model.graph.node if _is_recurrent(node)]

    def nodes(self, names=None):
        """The nodes with these names as plain data, from the bottom to the top: kind, attributes and tensors of each.

        Without names, the model must have a single node, or a chain in which each reads the one below it and nothing
        else.
        """
        selected = [self._node(name) for name in names] if names else self.recurrent
        is_chain = all(self._reads(above, below) for below, above in pairwise(selected))
        if not names and not (selected and is_chain):
            self._refuse("one RNN, LSTM or GRU, or one on top of the other", selected)
        if len({dict(_inputs(node)).get("sequence_lens", "") for node in selected}) > 1:
            refuse(ValueError, "source must have the same sequence_lens for all nodes of a Stack; give node")
        return [self._plain(node) for node in selected]

    def _node(self, name):
        matches = [node for node in self.recurrent if name in (node.name, *node.output)]
        if len(matches) != 1:
            self._refuse(f"one RNN, LSTM or GRU called {name!r}", matches)
        return matches[0]

    def _refuse(self, expected, matches):
        """Refuse a model with too many matching nodes, or with none, and list those that it has."""
        unsupported = [] if matches else list(_unsupported(self.model))
        listing = ", ".join([*map(_quoted, self.recurrent), *unsupported]) or "none"
        hint = " (a list from the bottom to the top is a Stack); give node" if len(matches) > 1 else ""
        refuse(ValueError, f"source must have {expected}; it has {listing}{hint}")

    def _plain(self, node):
        if len(node.input) > len(INPUTS):
            refuse(ValueError, f"source must have a node with {', '.join(INPUTS)}, got {len(node.input)} inputs")
        tensors = {}
        for role, name in _inputs(node):
            if role in "WRBP":
                tensors[role] = self._weights(role, name)
            elif role in ARGUMENTS:
                self._check_argument(role, name)
        return node.op_type, _attributes(node, self.onnx), tensors

    def _weights(self, role, name):
        """The array at an input of a node, or a refusal if the model does not store it."""
        array = self._array(name)
        if array is None:
            origin = next(origin for origin in self._origins(name) if not isinstance(origin, np.ndarray))
            is_input = isinstance(origin, str)
            where = f"an input, {origin!r}" if is_input else f"the node {_quoted(origin)}, {origin.op_type}"
            hint = "; take the model from before it was quantized" if "quantize" in where.lower() else ""
            refuse(ValueError, f"source must hold the numbers of {role}; {name!r} comes from {where}{hint}")
        return array

    def _check_argument(self, role, name):
        """Refuse a constant that changes the result, and warn of a value that another node computes.

        The caller passes both to `forward`, like an input of the model. States of 0 are its default.
        """
        origins, argument = self._origins(name), ARGUMENTS[role]
        stored = [origin for origin in origins if isinstance(origin, np.ndarray)]
        if any(role == "sequence_lens" or array.any() for array in stored):
            constant = role if role == "sequence_lens" else f"{role} other than 0"
            advice = f"remove it from the node and pass it to forward, as {argument}"
            refuse(ValueError, f"source must have no constant {constant}, got {name!r}: {advice}")
        if computed := [origin for origin in origins if not isinstance(origin, (np.ndarray, str))]:
            node = f"{computed[0].op_type} {_quoted(computed[0])}"
            self.warnings.append(f"{role} comes from another node, {node}: pass it to forward, as {argument}")

    def _array(self, name):
        """The array of this name, or None if the model does not store it."""
        if name in self.stored:
            return self._loaded(self.stored[name])
        node = self.made_by.get(name)
        if node is None or node.op_type not in FOLDED or node.domain not in STANDARD:
            return None
        inputs = {name: self._array(name) for name in node.input if name}
        return None if any(array is None for array in inputs.values()) else self._folded(node, inputs)

    def _loaded(self, tensor):
        if self.onnx.external_data_helper.uses_external_data(tensor):
            where = next(entry.value for entry in tensor.external_data if entry.key == "location")
            stored = f"those of {tensor.name!r} are in the file {where!r}"
            advice = "load the model with onnx.load(its path), which reads both"
            refuse(ValueError, f"source must hold its numbers; {stored}: {advice}")
        return self.onnx.numpy_helper.to_array(tensor)

    def _folded(self, node, inputs):
        """The output of a node whose inputs are known, by ONNX's own reference."""
        helper = self.onnx.helper
        ends = ([self.onnx.ValueInfoProto(name=name) for name in names] for names in (inputs, node.output))
        model = helper.make_model(helper.make_graph([node], "folded", *ends), opset_imports=self.model.opset_import)
        evaluator = orders.import_library("onnx.reference").ReferenceEvaluator(model)
        return evaluator.run(None, inputs)[0]

    def _origins(self, name):
        """The origins of a value: arrays, names of the model's inputs, and nodes that compute something."""
        array, node = self._array(name), self.made_by.get(name)
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
        return [origin for source in sources for origin in self._origins(source)]

    def _reads(self, above, below):
        """Return whether a node reads h of the one below it, all sides at every step, and nothing else."""
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
        attributes = _attributes(node, self.onnx)
        if node.op_type == "Identity" or (node.op_type == "Dropout" and self._is_idle(node)):
            return axes
        if node.op_type == "Transpose":
            return [axes[k] for k in attributes.get("perm", range(len(axes))[::-1])]
        second = self._array(node.input[1]) if len(node.input) > 1 else None
        if node.op_type == "Squeeze":
            removed = [k % len(axes) for k in attributes.get("axes", second if second is not None else [])]
            return [axis for k, axis in enumerate(axes) if k not in removed]
        if node.op_type == "Reshape" and len(node.input) > 1 and self._keeps_two_axes(node):
            return [*axes[:2], " ".join(axes[2:]).removeprefix("one side ")]
        return None

    def _is_idle(self, dropout):
        """Return whether a Dropout changes nothing: it is active only if its third input, training mode, is true."""
        if len(dropout.input) < 3 or not dropout.input[2]:
            return True
        training = self._array(dropout.input[2])
        return training is not None and not training.any()

    @cached_property
    def _sizes(self):
        """The lengths of each value's axes, inferred from those that the model declares: numbers, names, or ""."""
        graph = self.onnx.shape_inference.infer_shapes(self.model, data_prop=True).graph
        values = [*graph.value_info, *graph.input, *graph.output]
        return {v.name: [a.dim_value or a.dim_param for a in v.type.tensor_type.shape.dim] for v in values}

    def _keeps_two_axes(self, node):
        """Return whether a Reshape keeps the first two axes and merges all others."""
        before, after = (self._sizes.get(name, []) for name in (node.input[0], node.output[0]))
        shape = self._array(node.input[1])
        if shape is None:
            return len(after) == 3 and after[:2] == before[:2] and "" not in after[:2]
        # 0 keeps a size. Two sizes of three determine the third, as the number of elements stays the same.
        width = prod(before[2:]) if all(isinstance(size, int) for size in before[2:]) else None
        expected = [0, *before[:1]], [0, *before[1:2]], [width]
        return len(shape) == 3 and sum(size in sizes for size, sizes in zip(shape, expected, strict=True)) >= 2


def _is_recurrent(node):
    return node.op_type in KINDS and node.domain in STANDARD


def _inputs(node):
    """The inputs of a recurrent node that are connected: pairs of role and name."""
    return [(role, name) for role, name in zip(INPUTS, node.input, strict=False) if name]


def _attributes(node, onnx):
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _axes(node, onnx):
    """The names of the axes of Y."""
    attributes = _attributes(node, onnx)
    sides = "sides" if attributes.get("direction") == b"bidirectional" else "one side"
    return ["N", "T", sides, "H"] if attributes.get("layout") else ["T", sides, "N", "H"]


def _quoted(node):
    """The names that select a node: its own, or those of its outputs if it has none."""
    return repr(node.name) if node.name else " or ".join(repr(name) for name in node.output if name)


def _unsupported(model):
    """Descriptions of recurrent nodes that are not read: of other domains, in bodies of If and Loop, in functions."""
    for node in model.graph.node:
        if re.search("RNN|LSTM|GRU", node.op_type) and not _is_recurrent(node):
            yield f"a {node.op_type} of {node.domain}, which is not read, {_quoted(node)}"
        yield from _in_bodies(node)
    for function in model.functions:
        hint = "which onnx.inliner.inline_local_functions(source) resolves"
        yield from (f"{_quoted(n)} in the function {function.name}, {hint}" for n in function.node if _is_recurrent(n))


def _in_bodies(node):
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            for inner in graph.node:
                if _is_recurrent(inner):
                    yield f"{_quoted(inner)} in a body of the {node.op_type} {_quoted(node)}, which is not read"
                yield from _in_bodies(inner)
