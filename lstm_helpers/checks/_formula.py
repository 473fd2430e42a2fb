"""Formulas in a file of questions: they can compute, and can do nothing else.

A formula is one expression of Python. It is read with `ast` and worked out here, step by step; nothing is handed to
`eval`. It has numbers, the names of its question, arithmetic, comparison, indexing, tuples, lists, and calls of listed
functions: no attribute, no method, no import. How large a result becomes is known before it is computed, so no formula
fills the memory or runs for long.
"""

import ast
import math

import numpy as np

LONGEST = 1000  # characters of a formula
DEEPEST = 40  # levels of brackets and operators
LARGEST = 10**6  # numbers in a result, and steps of a product

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
_SAME = (
    "abs", "all", "any", "arange", "arctan", "arctanh", "argmax", "argmin", "array", "ceil", "clip", "concatenate",
    "cos", "cumprod", "cumsum", "exp", "floor", "log", "log10", "log2", "max", "maximum", "mean", "median", "min",
    "minimum", "ones", "outer", "prod", "ravel", "reshape", "resize", "round", "sign", "sin", "size", "sort", "split",
    "sqrt", "stack", "std", "sum", "swapaxes", "tan", "tanh", "transpose", "var", "where", "zeros",
)
# fmt: on
NUMPY = {name: getattr(np, name) for name in _SAME} | {"len": len, "norm": np.linalg.norm}


class FormulaError(ValueError):
    """A formula that cannot be read, or that asks for more than a formula can do; its message says what."""


class Scope(dict):
    """The values of names in a formula; a name that is a formula itself is worked out when it is asked for first.

    Args:
        values: the values of names.
        where: formulas that have a name of their own.
        functions: the functions that may be called, by name.
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
        text: the expression as it stands in the file.
        functions: those that it may call, by name.

    Attributes:
        names: the other names in it.
    """

    def __init__(self, text, functions):
        self.text, self.names = text, set()
        self._compute = self._read(_parsed(text), functions)

    def value(self, scope):
        """The value of the formula where its names and functions are those of a `Scope`."""
        with np.errstate(all="ignore"):
            return self._compute(scope)

    def _read(self, node, functions, depth=1):
        """A node as a function of a scope; a `FormulaError` if the node is something that no formula may have."""
        if depth > DEEPEST:
            raise FormulaError(f"it has more than {DEEPEST} levels of brackets and operators")

        def read(part):
            return self._read(part, functions, depth + 1)

        match node:
            case ast.Constant(value=value) if _is_plain(value):
                return lambda scope: value
            case ast.Name(id=name) if name in functions:
                raise FormulaError(f"{name} is a function, and it is not called")
            case ast.Name(id=name) if not name.startswith("_"):
                self.names.add(name)
                return lambda scope: scope[name]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                parts, kind = [read(part) for part in parts], tuple if isinstance(node, ast.Tuple) else list
                return lambda scope: kind(part(scope) for part in parts)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                operand = read(operand)
                return lambda scope: _combined(op, operand(scope))
            case ast.BinOp(left=a, op=op, right=b) | ast.Compare(left=a, ops=[op], comparators=[b]) if (
                type(op) in _OPERATORS
            ):
                a, b = read(a), read(b)
                return lambda scope: _combined(op, a(scope), b(scope))
            case ast.Subscript(value=value, slice=index):
                value, index = read(value), read(index)
                return lambda scope: value(scope)[index(scope)]
            case ast.Slice(lower=lower, upper=upper, step=step):
                bounds = [read(bound or ast.Constant(None)) for bound in (lower, upper, step)]
                return lambda scope: slice(*(bound(scope) for bound in bounds))
            case ast.Call(func=ast.Name(id=name)):
                return self._read_call(node, name, functions, read)
        raise FormulaError(f"it has {_WHAT.get(type(node), ast.unparse(node))}, which no formula may have")

    def _read_call(self, node, name, functions, read):
        """A call as a function of a scope. Only functions of ours take words, and keywords of their own."""
        if name not in functions:
            raise FormulaError(f"{name} is not one of the functions that a formula knows")
        keywords = {keyword.arg for keyword in node.keywords}
        if None in keywords or (name in NUMPY and keywords - {"axis", "keepdims"}):
            raise FormulaError(f"{name} takes no keyword here but axis and keepdims")

        def argument(part):
            is_word = isinstance(part, ast.Constant) and isinstance(part.value, str) and name not in NUMPY
            return (lambda scope: part.value) if is_word else read(part)

        parts = [argument(part) for part in node.args]
        options = {keyword.arg: argument(keyword.value) for keyword in node.keywords}

        def call(scope):
            given = [part(scope) for part in parts]
            _refuse_large(_size(given))
            if name in _SIZES:
                _refuse_large(_SIZES[name](*given))
            return scope.functions[name](*given, **{key: value(scope) for key, value in options.items()})

        return call


_WHAT = {
    ast.Attribute: "an attribute",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Starred: "a star",
    ast.Call: "a call of something that is no name",
} | dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension")


def _parsed(text):
    if len(text) > LONGEST:
        raise FormulaError(f"it is longer than {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError("it is not an expression of Python") from None


def _is_plain(value):
    """Whether a constant is a number of moderate size, or what stands in an index or for a keyword."""
    if type(value) in (int, float):
        return abs(value) <= 10**15
    return value is None or value is ... or isinstance(value, bool)


def _combined(op, *values):
    """The result of an operator; a list or text has no arithmetic here."""
    for value in values:
        if isinstance(value, (list, tuple, str, slice)) or value is None or value is ...:
            raise FormulaError(f"it computes with {value!r:.40}, which is no number and no array")
    arrays = [np.asarray(value) for value in values]
    if isinstance(op, ast.MatMult):
        _refuse_large(math.prod(array.size for array in arrays) // max((1, *arrays[0].shape[-1:])))
    else:
        _refuse_large(_together(*arrays))
    return _OPERATORS[type(op)](*arrays)


# How large a result becomes, from the arguments: of the functions of NumPy that make more numbers than they are given.


def _together(*arrays):
    return math.prod(np.broadcast_shapes(*map(np.shape, arrays)))


def _of_shape(shape):
    return math.prod(int(length) for length in np.ravel(shape))


_SIZES = dict.fromkeys(("clip", "maximum", "minimum", "where"), _together) | {
    "ones": _of_shape,
    "zeros": _of_shape,
    "arange": lambda *ends: max(map(abs, ends)),
    "outer": lambda a, b: np.size(a) * np.size(b),
    "resize": lambda a, length: length,
    "split": lambda a, pieces: pieces,
}


def _size(value):
    """How many numbers a value has, in lists too."""
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else np.size(value)


def _refuse_large(count):
    if count > LARGEST:
        raise FormulaError(f"it computes with more than {LARGEST} numbers")
