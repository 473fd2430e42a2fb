"""Formulas in a file of questions: they can compute, and can do nothing else.

A formula is one expression of Python. It is read with `ast` and worked out here, step by step; nothing is handed to
`eval`. It has numbers, the names of its question, arithmetic, comparison, indexing, tuples, lists, and calls of listed
functions: no attribute, no method, no import. How large a result becomes is known before it is computed, so no formula
fills the memory or runs for long.
"""

import ast
import math

import numpy as np

from lstm_helpers.equations import candidate, cell_state, gate, hidden_state, logit, sigmoid, weights_for

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


class FormulaError(ValueError):
    """A formula that cannot be read, or that asks for more than a formula can do; its message says what."""


class Formula:
    """One expression.

    Args:
        text: the expression as it stands in the file.
        functions: those that it may call, by name.

    Attributes:
        names: the other names in it.
    """

    def __init__(self, text, functions):
        self.text, self._tree = text, _parsed(text)
        self.names = frozenset(_names(self._tree, functions))

    def value(self, scope):
        """The value of the formula where its names and functions are those of a `Scope`."""
        with np.errstate(all="ignore"):
            return _value(self._tree, scope)


class Scope:
    """What the names of a formula stand for.

    Args:
        values: the values of names.
        where: formulas that have a name of their own; each is worked out when it is asked for first.
        functions: the functions that may be called, by name.
    """

    def __init__(self, values, where, functions):
        self._values, self._where, self.functions = dict(values), where, functions

    def __getitem__(self, name):
        if name not in self._values:
            self._values[name] = self._where[name].value(self)
        return self._values[name]


def _parsed(text):
    if len(text) > LONGEST:
        raise FormulaError(f"it is longer than {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError("it is not an expression of Python") from None


def _names(node, functions, depth=1):
    """The names in a formula; a `FormulaError` where it has something that no formula may have."""
    if depth > DEEPEST:
        raise FormulaError(f"it has more than {DEEPEST} levels of brackets and operators")
    match node:
        case ast.Constant(value=value) if _is_plain(value):
            parts = []
        case ast.Name(id=name) if not name.startswith("_"):
            if name in functions:
                raise FormulaError(f"{name} is a function, and it is not called")
            return [name]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            pass
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            parts = [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            parts = [left, right]
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            parts = [left, right]
        case ast.Subscript(value=value, slice=index):
            parts = [value, index]
        case ast.Slice(lower=lower, upper=upper, step=step):
            parts = [part for part in (lower, upper, step) if part]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            if name not in functions:
                raise FormulaError(f"{name} is not one of the functions that a formula knows")
            if any(keyword.arg is None for keyword in keywords) or (
                name in NUMPY and {keyword.arg for keyword in keywords} - {"axis", "keepdims"}
            ):
                raise FormulaError(f"{name} takes no keyword here but axis and keepdims")
            parts = [*args, *(keyword.value for keyword in keywords)]
            parts = [part for part in parts if name in NUMPY or not _is_word(part)]
        case _:
            raise FormulaError(f"it has {_WHAT.get(type(node), ast.unparse(node))}, which no formula may have")
    return [name for part in parts for name in _names(part, functions, depth + 1)]


_WHAT = {
    ast.Attribute: "an attribute",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Starred: "a star",
    ast.Call: "a call of something that is no name",
} | dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension")


def _is_plain(value):
    """Whether a constant is a number of moderate size, or what stands in an index or for a keyword."""
    if type(value) in (int, float):
        return abs(value) <= 10**15
    return value is None or value is ... or isinstance(value, bool)


def _is_word(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _value(node, scope):
    """The value of one node, from the values of its parts."""

    def of(part):
        return None if part is None else _value(part, scope)

    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return scope[name]
        case ast.Tuple(elts=parts):
            return _small(tuple(map(of, parts)))
        case ast.List(elts=parts):
            return _small(list(map(of, parts)))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_numbers(of(operand)))
        case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
            return _combined(op, _numbers(of(left)), _numbers(of(right)))
        case ast.Subscript(value=value, slice=index):
            return of(value)[of(index)]
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(of(lower), of(upper), of(step))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            given = _small([of(arg) for arg in args])
            return scope.functions[name](*given, **{keyword.arg: of(keyword.value) for keyword in keywords})


def _combined(op, a, b):
    if isinstance(op, ast.MatMult):
        inner = a.shape[-1] if a.ndim else 1
        _refuse_large(a.size * b.size // max(inner, 1))
    else:
        _broadcast(a, b)
    return _OPERATORS[type(op)](a, b)


def _numbers(value):
    """The value as an array; a list or text has no arithmetic here."""
    if isinstance(value, (list, tuple, str, slice)) or value is None or value is ...:
        raise FormulaError(f"it computes with {value!r:.40}, which is no number and no array")
    return np.asarray(value)


def _broadcast(*arrays):
    _refuse_large(math.prod(np.broadcast_shapes(*(np.shape(array) for array in arrays))))


def _refuse_large(count):
    if count > LARGEST:
        raise FormulaError(f"it computes with more than {LARGEST} numbers")


def _small(values):
    """The values, or an error if they hold too many numbers altogether."""
    open_, count = [values], 0
    while open_:
        value = open_.pop()
        if isinstance(value, (list, tuple)):
            open_.extend(value)
        count += np.size(value) if isinstance(value, np.ndarray) else 1
        _refuse_large(count + len(open_))
    return values


def _of_shape(make):
    """A function that makes an array of a shape, or of a length, refusing a large one beforehand."""

    def make_small(shape):
        _refuse_large(math.prod(int(length) for length in np.ravel(shape)))
        return make(shape)

    return make_small


def _arange(start, stop=None):
    _refuse_large(max(abs(start), abs(stop or 0)))
    return np.arange(start, stop)


def _outer(a, b):
    _refuse_large(np.size(a) * np.size(b))
    return np.outer(a, b)


def _elementwise(function):
    def compute(*arrays):
        _broadcast(*arrays)
        return function(*arrays)

    return compute


def _resize(a, length):
    _refuse_large(length)
    return np.resize(a, length)


def _split(a, pieces):
    _refuse_large(pieces)
    return np.split(a, pieces)


# fmt: off
_SAME = (
    "abs", "arctanh", "argmax", "argmin", "array", "ceil", "concatenate", "cos", "cumprod", "cumsum", "exp", "floor",
    "log", "log10", "log2", "max", "mean", "median", "min", "prod", "ravel", "reshape", "round", "sign", "sin",
    "size", "sort", "sqrt", "stack", "std", "sum", "swapaxes", "tanh", "transpose", "var",
)
# fmt: on
NUMPY = {name: getattr(np, name) for name in _SAME} | {
    "arange": _arange,
    "clip": _elementwise(np.clip),
    "len": len,
    "maximum": _elementwise(np.maximum),
    "minimum": _elementwise(np.minimum),
    "norm": np.linalg.norm,
    "ones": _of_shape(np.ones),
    "outer": _outer,
    "resize": _resize,
    "split": _split,
    "where": _elementwise(np.where),
    "zeros": _of_shape(np.zeros),
}
EQUATIONS = {
    function.__name__: function for function in (sigmoid, logit, gate, candidate, cell_state, hidden_state, weights_for)
}
