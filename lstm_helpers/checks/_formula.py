"""Formulas of question files, which can compute and nothing else.

A formula is one Python expression. It is parsed with `ast` and evaluated here, node by node, never with `eval`. It may
have numbers, the names of its question, arithmetic, comparisons, indexing, tuples, lists, and calls of listed
functions: no attribute, no method, no import. The size of each result is checked before it is computed, so no formula
fills the memory or runs for long.
"""

import ast
import math

import numpy as np

MAX_LENGTH = 1000  # characters in a formula
MAX_DEPTH = 40  # levels of brackets and operators
MAX_SIZE = 10**6  # numbers in a result, and steps of a product

_OPERATORS = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.remainder,
    ast.Pow: np.float_power,
    ast.MatMult: np.matmul,
    ast.UAdd: np.positive,
    ast.USub: np.negative,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}

# fmt: off
_NUMPY_NAMES = (
    "abs", "all", "any", "arange", "arctan", "arctanh", "argmax", "argmin", "array", "ceil", "clip", "concatenate",
    "cos", "cumprod", "cumsum", "exp", "floor", "log", "log10", "log2", "max", "maximum", "mean", "median", "min",
    "minimum", "ones", "outer", "prod", "ravel", "reshape", "resize", "round", "sign", "sin", "size", "sort", "split",
    "sqrt", "stack", "std", "sum", "swapaxes", "tan", "tanh", "transpose", "var", "where", "zeros",
)
# fmt: on
NUMPY = {name: getattr(np, name) for name in _NUMPY_NAMES} | {"len": len, "norm": np.linalg.norm}


class FormulaError(ValueError):
    """A formula that is not allowed; its message says why."""


class Scope(dict):
    """The values of the names in a formula. A name that stands for a formula is evaluated on first use.

    Args:
        values: name -> value.
        where: name -> formula.
        functions: name -> function.
    """

    def __init__(self, values, where, functions):
        super().__init__(values)
        self.where, self.functions = where, functions

    def __missing__(self, name):
        self[name] = self.where[name].value(self)
        return self[name]


class Formula:
    """One expression.

    Args:
        text: the expression, as written in the file.
        functions: the functions it may call, by name.

    Attributes:
        names: the other names in it, a set.
    """

    def __init__(self, text, functions):
        self.text, self.names = text, set()
        self._compute = self._read(_parsed(text), functions)

    def value(self, scope):
        """The value of the formula in a `Scope`."""
        with np.errstate(all="ignore"):
            return self._compute(scope)

    def _read(self, node, functions, depth=1):
        """Turn a node into a function of a scope; raise a `FormulaError` if the node is not allowed."""
        if depth > MAX_DEPTH:
            raise FormulaError(f"it has more than {MAX_DEPTH} levels of brackets and operators")

        def read(part):
            return self._read(part, functions, depth + 1)

        match node:
            case ast.Constant(value=value) if _is_plain(value):
                return lambda scope: value
            case ast.Name(id=name) if name in functions:
                raise FormulaError(f"{name} is a function, but it is not called")
            case ast.Name(id=name) if not name.startswith("_"):
                self.names.add(name)
                return lambda scope: scope[name]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                parts, kind = [read(part) for part in parts], tuple if isinstance(node, ast.Tuple) else list
                return lambda scope: kind(part(scope) for part in parts)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                operand = read(operand)
                return lambda scope: _apply(op, operand(scope))
            case ast.BinOp(left=a, op=op, right=b) | ast.Compare(left=a, ops=[op], comparators=[b]) if (
                type(op) in _OPERATORS
            ):
                a, b = read(a), read(b)
                return lambda scope: _apply(op, a(scope), b(scope))
            case ast.Subscript(value=value, slice=index):
                value, index = read(value), read(index)
                return lambda scope: value(scope)[index(scope)]
            case ast.Slice(lower=lower, upper=upper, step=step):
                bounds = [read(bound or ast.Constant(None)) for bound in (lower, upper, step)]
                return lambda scope: slice(*(bound(scope) for bound in bounds))
            case ast.Call(func=ast.Name(id=name)):
                return self._read_call(node, name, functions, read)
        raise FormulaError(f"it has {_IN_WORDS.get(type(node), ast.unparse(node))}, which no formula may have")

    def _read_call(self, node, name, functions, read):
        """Turn a call into a function of a scope. NumPy's take no text, and no keyword but axis and keepdims."""
        if name not in functions:
            raise FormulaError(f"{name} is not a function that a formula may call")
        keywords = {keyword.arg for keyword in node.keywords}
        if None in keywords or (name in NUMPY and keywords - {"axis", "keepdims"}):
            raise FormulaError(f"{name} takes no keywords here but axis and keepdims")

        def argument(part):
            is_text = isinstance(part, ast.Constant) and isinstance(part.value, str) and name not in NUMPY
            return (lambda scope: part.value) if is_text else read(part)

        parts = [argument(part) for part in node.args]
        options = {keyword.arg: argument(keyword.value) for keyword in node.keywords}

        def call(scope):
            given = [part(scope) for part in parts]
            _refuse_large(_size(given))
            if name in _SIZES:
                _refuse_large(_SIZES[name](*given))
            return scope.functions[name](*given, **{key: value(scope) for key, value in options.items()})

        return call


_IN_WORDS = {
    ast.Attribute: "an attribute",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Starred: "a star",
    ast.Call: "a call of something other than a name",
} | dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension")


def _parsed(text):
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"it is longer than {MAX_LENGTH} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError("it is not a Python expression") from None


def _is_plain(value):
    """True for a number of moderate size, and for the constants of indices and keywords."""
    if type(value) in (int, float):
        return abs(value) <= 10**15
    return value is None or value is ... or isinstance(value, bool)


def _apply(op, *values):
    """Apply an operator to numbers and arrays; lists and text have no arithmetic here."""
    for value in values:
        if isinstance(value, (list, tuple, str, slice)) or value is None or value is ...:
            raise FormulaError(f"it computes with {value!r:.40}, which is neither a number nor an array")
    arrays = [np.asarray(value) for value in values]
    if isinstance(op, ast.MatMult):
        _refuse_large(math.prod(array.size for array in arrays) // max((1, *arrays[0].shape[-1:])))
    else:
        _refuse_large(_broadcast_size(*arrays))
    return _OPERATORS[type(op)](*arrays)


# The size of a result, from the arguments of those NumPy functions that return more numbers than they take.


def _broadcast_size(*arrays):
    return math.prod(np.broadcast_shapes(*map(np.shape, arrays)))


def _size_of_shape(shape):
    return math.prod(int(length) for length in np.ravel(shape))


_SIZES = dict.fromkeys(("clip", "maximum", "minimum", "where"), _broadcast_size) | {
    "ones": _size_of_shape,
    "zeros": _size_of_shape,
    "arange": lambda *ends: max(map(abs, ends)),
    "outer": lambda a, b: np.size(a) * np.size(b),
    "resize": lambda a, length: length,
    "split": lambda a, pieces: pieces,
}


def _size(value):
    """The count of numbers in a value, nested lists included."""
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else np.size(value)


def _refuse_large(count):
    if count > MAX_SIZE:
        raise FormulaError(f"it computes with more than {MAX_SIZE} numbers")
