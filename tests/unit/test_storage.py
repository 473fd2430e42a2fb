import io
import json
import os
import pickle
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from lstm_helpers import GRU, LSTM, RNN
from lstm_helpers.layers import Reversed, Stack
from lstm_helpers.training import Model, load, save
from tests.support.layer_cases import LAYERS
from tests.support.refusals import assert_refused


def some_model(rng, kind=LSTM, dtype=np.float64, **options):
    return Model.initialize(kind.initialize(2, 5, rng=rng, dtype=dtype, **options), 3, rng=rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind, options", LAYERS.values(), ids=LAYERS)
def test_what_is_saved_comes_back_and_computes_the_same(kind, options, dtype, rng, tmp_path):
    model = some_model(rng, kind, dtype, **options)
    for w in model.weights:
        w[...] = np.where(w == 0, 0, rng.normal(size=w.shape))
    save(tmp_path / "model.npz", model)
    again = load(tmp_path / "model.npz")
    assert type(again.layer) is kind and again.layer.dtype == dtype
    assert again.layer.options == model.layer.options and again.layer.options.items() >= options.items()
    x = rng.normal(size=(7, 4, 2))
    np.testing.assert_array_equal(again.forward(x)[0], model.forward(x)[0])
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]


def some_stack(rng, kind=LSTM, dtype=np.float64, **options):
    """Two levels, the lower one in both directions, every weight random."""
    below = [kind(2, 5, dtype=dtype, **options), Reversed(kind(2, 4, dtype=dtype, **options))]
    model = Model.initialize(Stack([below, kind(9, 3, dtype=dtype, **options)]), 3, rng=rng)
    for owner in model.owners:
        for name in owner.parts:
            setattr(owner, name, rng.normal(size=getattr(owner, name).shape))
    return model


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind, options", LAYERS.values(), ids=LAYERS)
def test_a_stack_comes_back_with_its_levels_and_directions(kind, options, dtype, rng, tmp_path):
    model = some_stack(rng, kind, dtype, **options)
    save(tmp_path / "model.npz", model)
    again = load(tmp_path / "model.npz")
    assert [[type(layer) for layer in level] for level in again.layer.levels] == [[kind, Reversed], [kind]]
    assert all(layer.options.items() >= options.items() and layer.dtype == dtype for layer in again.layer.layers)
    x = rng.normal(size=(7, 4, 2))
    np.testing.assert_array_equal(again.forward(x)[0], model.forward(x)[0])
    for ours, theirs in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def a_huge_level(about):
    about["levels"][1][0]["hidden_size"] = 10**7


def what_does_not_fit(about):
    about["levels"].reverse()


def a_reversed_reversed(about):
    about["levels"][0][1]["of"] = {"layer": "Reversed", "of": about["levels"][0][1]["of"]}


def more_about_a_side(about):
    about["levels"][0][1]["more"] = 1


def more_about_the_stack(about):
    about["more"] = 1


CLAIMS = [a_huge_level, what_does_not_fit, a_reversed_reversed, more_about_a_side, more_about_the_stack]


def arrays_saved(path, model):
    """The arrays of a file that a model has been saved to."""
    save(path, model)
    with np.load(path) as file:
        return dict(file)


def assert_refused_without_memory(path):
    """A file is refused in one sentence, and loading it has not taken 10 MB."""
    sentence = f"path must be an intact file written by save; {path} is damaged or something else"
    tracemalloc.start()
    assert_refused(lambda: load(path), ValueError, sentence)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10**7


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_stack_that_is_not_what_its_file_says_is_refused_and_takes_no_memory(claim, rng, tmp_path):
    path = tmp_path / "model.npz"
    arrays = arrays_saved(path, some_stack(rng))
    about = json.loads(str(arrays.pop("about")))
    claim(about)
    np.savez(path, about=json.dumps(about), **arrays)
    assert_refused_without_memory(path)


def test_a_stack_of_a_hundred_layers_with_the_weights_of_one_is_not_made(rng, tmp_path):
    path = tmp_path / "model.npz"
    arrays = arrays_saved(path, Model.initialize(Stack([LSTM.initialize(100, 100, rng=rng)]), 3, rng=rng))
    about = json.loads(str(arrays.pop("about")))
    about["levels"] *= 100
    np.savez(path, about=json.dumps(about), **arrays)
    tracemalloc.start()
    with pytest.raises(ValueError, match="path must be an intact file written by save"):
        load(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 6 * path.stat().st_size


def test_a_file_that_cannot_be_written_leaves_nothing_behind(rng, tmp_path, monkeypatch):
    def full(*arguments, **arrays):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path / "model.npz", some_model(rng))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_a_file_may_be_read_by_those_who_may_read_any_new_one(rng, tmp_path):
    (tmp_path / "new").write_text("")
    save(tmp_path / "model.npz", some_model(rng))
    assert (tmp_path / "model.npz").stat().st_mode == (tmp_path / "new").stat().st_mode


def test_the_file_needs_no_pickle_and_names_the_weights(rng, tmp_path):
    save(tmp_path / "model.npz", some_model(rng))
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        assert {"about", "W_f", "b_f", "W_i", "W_g", "W_o", "W_y", "b_y"} <= set(file.files)


def damage(path, kind, rng):
    """Turn a good file into a bad one."""
    whole = path.read_bytes()
    with np.load(path) as file:
        arrays = dict(file)
    if kind == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "a bit flipped":
        at = whole.index(b"NUMPY") + 300
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    elif kind == "text":
        path.write_text("not a model")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "a pickle":
        with path.open("wb") as file:
            np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    elif kind == "other arrays":
        np.savez(path, a=np.ones(3))
    elif kind == "one missing":
        np.savez(path, **{k: v for k, v in arrays.items() if k != "W_g"})
    elif kind == "one too many":
        np.savez(path, **arrays, more=np.ones(2))
    elif kind == "a wrong shape":
        np.savez(path, **{**arrays, "b_f": np.ones(4)})
    elif kind == "another precision":
        np.savez(path, **{**arrays, "b_f": arrays["b_f"].astype(np.float32)})
    elif kind == "not finite":
        np.savez(path, **{**arrays, "b_f": np.full(5, np.nan)})
    elif kind == "another layer":
        np.savez(path, **{**arrays, "about": str(arrays["about"]).replace("LSTM", "Transformer")})
    elif kind == "no sizes":
        np.savez(path, **{**arrays, "about": "[]"})


DAMAGE = "cut, a bit flipped, text, empty, a pickle, other arrays, one missing, one too many, a wrong shape, "
DAMAGE += "another precision, not finite, another layer, no sizes"


@pytest.mark.parametrize("kind", DAMAGE.split(", "))
def test_a_damaged_or_foreign_file(kind, rng, tmp_path):
    path = tmp_path / "model.npz"
    save(path, some_model(rng))
    damage(path, kind, rng)
    sentence = f"path must be an intact file written by save; {path} is damaged or something else"
    assert_refused(lambda: load(path), ValueError, sentence)


def test_refusals(rng, tmp_path):
    model = some_model(rng, RNN)
    assert_refused(lambda: save(tmp_path / "model.pt", model), ValueError, "path must end in .npz, got model.pt")
    assert_refused(lambda: save(tmp_path / "m.npz", model.layer), TypeError, "model must be a Model, got an RNN")
    sentence = f"path must be in a folder that exists; there is no folder {tmp_path / 'none'}"
    assert_refused(lambda: save(tmp_path / "none" / "m.npz", model), FileNotFoundError, sentence)
    assert_refused(lambda: save(tmp_path / "m.npz", GRU), TypeError, "model must be a Model, got a type")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.npz")


def packed(path, arrays):
    np.savez_compressed(path, **arrays, bomb=np.zeros(10**7))


def twice(path, arrays):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("b_f.npy", archive.read("b_f.npy"))


def deep(path, arrays):
    np.savez(path, **{**arrays, "about": "[" * 10**5 + "]" * 10**5})


def a_huge_layer(path, arrays):
    about = str(arrays["about"]).replace('"hidden_size": 5', '"hidden_size": 10000000')
    np.savez(path, **{**arrays, "about": about})


def a_header_that_promises_much(path, arrays):
    np.savez(path, **{name: a for name, a in arrays.items() if name != "b_f"})
    data = io.BytesIO()
    np.lib.format.write_array_header_1_0(data, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b_f.npy", data.getvalue() + bytes(40))


def objects(path, arrays):
    np.savez(path, **{**arrays, "b_f": np.array([{}] * 5, dtype=object)})


def a_pipe(path, arrays):
    path.unlink()
    os.mkfifo(path)


HOSTILE = [packed, twice, deep, a_huge_layer, a_header_that_promises_much, objects]
HOSTILE += [a_pipe] if hasattr(os, "mkfifo") else []


@pytest.mark.parametrize("make", HOSTILE)
def test_a_file_made_to_do_harm_is_refused_and_takes_no_memory(make, rng, tmp_path):
    path = tmp_path / "model.npz"
    arrays = arrays_saved(path, some_model(rng))
    make(path, arrays)
    assert_refused_without_memory(path)


def test_nothing_that_a_file_holds_is_run(rng, tmp_path):
    """Even if its size is what the header says."""
    path, ran = tmp_path / "model.npz", tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(ran),)

    program = pickle.dumps(Trap())
    program += bytes(-len(program) % 8)
    data = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": (len(program) // 8,)}
    np.lib.format.write_array_header_1_0(data, header)
    save(path, some_model(rng))
    with np.load(path) as file:
        np.savez(path, **{name: file[name] for name in file if name != "b_f"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b_f.npy", data.getvalue() + program)
    with pytest.raises(ValueError, match="path must be an intact file written by save"):
        load(path)
    assert not ran.exists()


def test_a_folder_or_nothing_is_no_file(tmp_path):
    for path in ("", str(tmp_path)):
        assert_refused(lambda path=path: load(path), ValueError, f"path must be the name of a file, got {path!r}")
