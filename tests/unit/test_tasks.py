import re
import unicodedata

import numpy as np
import pytest

from lstm_helpers.tasks import (
    CountModel,
    Vocabulary,
    adding_problem,
    cat_sentences,
    crops,
    light_switch,
    nested_calls,
    one_hot,
    read_text,
    remember_first,
    running_total,
    sentences_batch,
    signs,
)
from tests.support.refusals import assert_refused


class TestSequences:
    @pytest.mark.parametrize("T", [2, 3, 100])
    def test_adding_problem(self, T, rng):
        x, target, weight = adding_problem(T, 500, rng=rng)
        values, marks = x[..., 0], x[..., 1]
        assert x.shape == (T, 500, 2) and values.min() >= 0 and values.max() <= 1
        np.testing.assert_array_equal(marks[: T // 2].sum(0), 1)
        np.testing.assert_array_equal(marks[T // 2 :].sum(0), 1)
        np.testing.assert_allclose(target[-1, :, 0], (values * marks).sum(0))
        np.testing.assert_array_equal(weight, np.arange(T)[:, None] == np.full(500, T - 1))
        assert np.mean((target[-1] - 1) ** 2) == pytest.approx(1 / 6, rel=0.2)

    def test_remember_first(self, rng):
        x, target, weight = remember_first(9, 300, rng=rng, symbols=3, fillers=2)
        symbols = x.argmax(-1)
        assert x.shape == (9, 300, 5) and (x.sum(-1) == 1).all()
        assert set(symbols[0]) == {0, 1, 2} and set(symbols[1:].ravel()) == {3, 4}
        np.testing.assert_array_equal(target[-1], symbols[0])
        assert weight[-1].all() and not weight[:-1].any()

    def test_running_total(self, rng):
        x, target, weight = running_total(60, 40, rng=rng, customer=0.2)
        for n in range(40):
            total = 0
            for t in range(60):
                total = x[t, n, 0] + (0 if x[t, n, 1] else total)
                assert target[t, n, 0] == pytest.approx(total)
        assert weight.all() and 0.15 < x[..., 1].mean() < 0.25

    def test_light_switch(self, rng):
        x, target, weight = light_switch(30, 40, rng=rng, press=0.4)
        assert x.shape == (30, 40, 1) and set(x.ravel()) == {0, 1} and 0.35 < x.mean() < 0.45
        for n in range(40):
            on = False
            for t in range(30):
                on = not on if x[t, n, 0] else on
                assert target[t, n] == on
        assert weight.all() and target.dtype.kind == "i"

    def test_the_same_seed_gives_the_same_batch(self):
        for task in (adding_problem, remember_first, running_total, light_switch):
            first, second = (task(10, 4, rng=np.random.default_rng(1)) for _ in range(2))
            for a, b in zip(first, second, strict=True):
                np.testing.assert_array_equal(a, b)

    def test_refusals(self, rng):
        assert_refused(lambda: adding_problem(1, 4, rng=rng), ValueError, "T must be at least 2, got 1")
        sentence = "customer must be from 0 to 1, got 2"
        assert_refused(lambda: running_total(5, 4, rng=rng, customer=2), ValueError, sentence)
        assert_refused(lambda: light_switch(5, 4, rng=rng, press=-1), ValueError, "press must be from 0 to 1, got -1")
        assert_refused(lambda: one_hot([0, 3], 3), ValueError, "indices must lie from 0 to 2, got from 0 to 3")
        assert_refused(lambda: one_hot([0.5], 3), TypeError, "indices must be whole numbers, got [0.5]")


class TestCatSentences:
    def test_the_noun_comes_back_after_6_to_14_words(self, rng):
        learn, unseen = cat_sentences(rng=rng)
        lags = set()
        for sentence in learn + unseen:
            first, second = (k for k, word in enumerate(sentence) if word in ("cat", "dog"))
            assert first == 1 and second == len(sentence) - 4 and sentence[first] == sentence[second]
            lags.add(second - first - 1)
        assert lags == set(range(6, 15))

    def test_the_example_of_the_series_is_one_of_them(self, rng):
        learn, unseen = cat_sentences(rng=rng)
        assert "the cat quietly sat on the mat near the door because the cat was tired .".split() in learn + unseen

    @pytest.mark.parametrize("nouns", [("cat", "dog"), ("cat", "dog", "bird", "fox")])
    def test_the_halves_share_all_nouns_and_no_sentence(self, nouns, rng):
        learn, unseen = ({tuple(s) for s in half} for half in cat_sentences(rng=rng, nouns=nouns))
        assert not learn & unseen and len(learn) == len(unseen) == len(nouns) * 1120
        assert {s[1] for s in learn} == {s[1] for s in unseen} == set(nouns)

    def test_refusals(self, rng):
        for nouns, kind, sentence in (
            ("cat", TypeError, "nouns must be a list of words, got 'cat'"),
            (("cat",), ValueError, "nouns must hold at least 2 words, got 1"),
            (("cat", "cat"), ValueError, "nouns must be 2 or more different words, got ['cat', 'cat']"),
        ):
            assert_refused(lambda nouns=nouns: cat_sentences(rng=rng, nouns=nouns), kind, sentence)


class TestNestedCalls:
    LINE = re.compile(r"""[a-h]\(|\)|,|[a-h]|"[a-h(),]+"|\n""")

    def test_parentheses_outside_strings_balance_at_the_end_of_the_line(self, rng):
        lines, depths = nested_calls(500, rng=rng), set()
        for line in lines:
            parts = self.LINE.findall(line)
            assert "".join(parts) == line and parts[-1] == "\n" and parts.count("\n") == 1
            open_now = np.cumsum([part.endswith("(") - (part == ")") for part in parts])
            assert open_now[-1] == 0 and open_now[:-2].min() > 0
            depths.add(int(open_now.max()))
        assert depths == {1, 2, 3, 4} and any("(" in part for line in lines for part in re.findall('".+?"', line))
        assert set("".join(lines)) == set('\n"(),abcdefgh')

    def test_after_each_character_a_string_may_close(self, rng):
        lengths = [len(s) - 2 for line in nested_calls(3000, rng=rng) for s in re.findall('".+?"', line)]
        assert min(lengths) == 1 and np.mean(lengths) == pytest.approx(5, rel=0.1)
        assert np.mean(np.array(lengths) > 10) == pytest.approx(0.8**10, rel=0.3)

    def test_refusals(self, rng):
        for given, kind, sentence in (
            ({"N": 0}, ValueError, "N must be at least 1, got 0"),
            ({"deepest": 0}, ValueError, "deepest must be at least 1, got 0"),
            ({"closes": 0}, ValueError, "closes must be above 0, at most 1, got 0"),
            ({"closes": 1.5}, ValueError, "closes must be above 0, at most 1, got 1.5"),
        ):
            assert_refused(lambda given=given: nested_calls(**{"N": 3, "rng": rng} | given), kind, sentence)


class TestText:
    def test_vocabulary(self):
        vocabulary = Vocabulary("hello")
        assert len(vocabulary) == 4 and vocabulary.tokens == ("e", "h", "l", "o")
        np.testing.assert_array_equal(vocabulary.encode("hole"), [1, 3, 2, 0])
        assert "".join(vocabulary.decode([1, 3, 2, 0])) == "hole"
        assert_refused(lambda: vocabulary.encode("help"), ValueError, "tokens must be in the vocabulary; 'p' is not")
        assert_refused(
            lambda: vocabulary.encode("abcdefghi"),
            ValueError,
            "tokens must be in the vocabulary; 'a', 'b', 'c', 'd', 'f', ... are not",
        )
        sentence = "numbers must lie from 0 to 3, got from -1 to -1"
        assert_refused(lambda: vocabulary.decode([-1]), ValueError, sentence)  # not the last one, as Python has it
        assert_refused(lambda: vocabulary.decode([4, 0]), ValueError, "numbers must lie from 0 to 3, got from 0 to 4")
        assert_refused(lambda: vocabulary.decode([0.0]), TypeError, "numbers must be whole numbers, got [0.0]")
        assert_refused(lambda: Vocabulary(""), ValueError, "tokens must hold at least one token, got none")

    def test_signs_are_names_of_characters(self):
        names = signs()
        assert len(names) == len(set(names)) == 11721
        assert all(unicodedata.lookup(name) for name in names[::500])
        assert sorted(set("".join(names))) == list(" -0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    def test_crops_are_pieces_of_the_text_with_the_next_tokens(self, rng):
        numbers = rng.integers(7, size=50)
        x, target, weight = crops(numbers, 7, 5, 200, rng=rng)
        assert x.shape == (5, 200, 7) and target.shape == weight.shape == (5, 200)
        pieces = np.concatenate([x.argmax(-1), target[-1:]]).T
        possible = {tuple(numbers[k : k + 6]) for k in range(45)}
        assert {tuple(piece) for piece in pieces} == possible
        np.testing.assert_array_equal(x.argmax(-1)[1:], target[:-1])

    def test_crops_of_a_short_text_are_refused(self, rng):
        assert_refused(
            lambda: crops([1, 2], 3, 2, 1, rng=rng), ValueError, "numbers must be more than T = 2 tokens, got 2"
        )

    def test_sentences_batch(self):
        sentences = [["a", "b", "c"], ["b", "a"]]
        x, target, weight = sentences_batch(sentences, Vocabulary("abc"))
        np.testing.assert_array_equal(x.argmax(-1).T, [[0, 1], [1, 0]])
        np.testing.assert_array_equal(target.T, [[1, 2], [0, 0]])
        np.testing.assert_array_equal(weight.T, [[1, 1], [1, 0]])
        by_texts = sentences_batch(["abc", "ba"], Vocabulary("abc"))
        for of_words, of_texts in zip((x, target, weight), by_texts, strict=True):
            np.testing.assert_array_equal(of_texts, of_words)

    def test_a_sentence_of_one_word_has_nothing_to_predict(self):
        for sentences, at in (([["a"]], 0), ([["a", "b"], ["a"]], 1), ([["a", "b"], ["b", "a"], []], 2)):
            sentence = f"sentences[{at}] must hold at least 2 words, got {len(sentences[at])}"
            assert_refused(lambda s=sentences: sentences_batch(s, Vocabulary("ab")), ValueError, sentence)

    def test_count_model_by_hand(self):
        numbers = [0, 1, 0, 1, 0]  # 0 three times and 1 twice: n = 5, t = 2; after 0 twice 1: n = 2, t = 1
        np.testing.assert_allclose(CountModel(numbers, 2, 1).probabilities([]), [(3 + 2 / 2) / 7, (2 + 2 / 2) / 7])
        bigram = CountModel(numbers, 2, 2)
        np.testing.assert_allclose(bigram.probabilities([0]), [(0 + 4 / 7) / 3, (2 + 3 / 7) / 3])
        np.testing.assert_allclose(bigram.probabilities([1, 0, 0]), bigram.probabilities([0]))
        assert bigram.bits([1, 0]) == pytest.approx(-np.log2([3 / 7, (2 + 4 / 7) / 3]).mean())
        assert bigram.size == 4  # 0, 1, 01, 10

    def test_the_shorter_history_counts_more_after_many_different_tokens(self):
        # After 0 came 1, 2 and 1: n = 3, t = 2. All: 0 three times, 1 twice, 2 twice: n = 7, t = 3.
        model = CountModel([0, 1, 2, 0, 2, 0, 1], 4, 2)
        p = (np.array([3, 2, 2, 0]) + 3 / 4) / 10
        np.testing.assert_allclose(model.probabilities([]), p)
        np.testing.assert_allclose(model.probabilities([0]), (np.array([0, 2, 1, 0]) + 2 * p) / 5)
        np.testing.assert_allclose(model.probabilities([3]), p)  # a history that never occurred says nothing

    def test_restart_by_hand(self):
        # Two lines, 01 and 11, each closed by 2. All: 0 once, 1 three times, 2 twice: n = 6, t = 3.
        numbers = [0, 1, 2, 1, 1, 2]
        model = CountModel(numbers, 3, 3, restart=2)
        p = (np.array([1, 3, 2]) + 3 / 3) / 9
        after_end = (np.array([0, 1, 0]) + 1 * p) / 2  # after 2 came 1, once
        np.testing.assert_allclose(model.probabilities([2]), after_end)
        np.testing.assert_allclose(model.probabilities([0, 1, 2]), after_end)  # not: 12 was followed by 1, once
        after_one = (np.array([0, 1, 2]) + 2 * p) / 5
        np.testing.assert_allclose(model.probabilities([0, 2, 1]), (np.array([0, 1, 0]) + 1 * after_one) / 2)
        assert model.size == 3 + 4 + 3  # 01 12 21 11; 012 211 112, but neither 121 nor any other across the end
        assert CountModel(numbers, 3, 3).size == 3 + 4 + 4

    def test_bits_are_the_mean_surprise_given_the_whole_history(self, rng):
        numbers, unseen = rng.integers(3, size=200), rng.integers(3, size=30)
        for order, restart in ((1, None), (2, 1), (5, None), (5, 0), (20, None), (20, 2)):
            model = CountModel(numbers, 3, order, restart=restart)
            for text in (unseen, unseen[:1], unseen[:4]):
                p = [model.probabilities(text[:at])[text[at]] for at in range(len(text))]
                assert model.bits(text) == pytest.approx(-np.log2(p).mean(), rel=1e-12)

    @pytest.mark.parametrize("restart", [None, "A"])
    def test_counts_of_long_pieces_by_searching_the_text(self, restart, rng):
        text, vocabulary = "".join(rng.choice(list("ABC"), size=300)), Vocabulary("ABC")
        numbers = vocabulary.encode(text)
        model = CountModel(numbers, 3, 6, restart=restart and 0)
        for before in ("", "B", "CA", "ABC", "CAB", text[40:45], text[7:40], "AAAAAAA", "BBBBBB"):
            begun = before[before.rfind(restart) :] if restart and restart in before else before
            p = np.full(3, 1 / 3)
            for length in range(min(len(begun), 5) + 1):
                history = begun[len(begun) - length :]
                count = np.array([sum(text.startswith(history + c, k) for k in range(300)) for c in "ABC"])
                t = np.count_nonzero(count)
                p = (count + t * p) / (count.sum() + t) if t else p
            np.testing.assert_allclose(model.probabilities(vocabulary.encode(before)), p, rtol=1e-12)
        assert model.bits(numbers) < CountModel(numbers, 3, 1).bits(numbers)

    @pytest.mark.parametrize("order", [1, 2, 4, 7])
    def test_a_shorter_model_is_the_one_of_that_order(self, order, rng):
        numbers, unseen = rng.integers(3, size=200), rng.integers(3, size=30)
        longer = CountModel(numbers, 3, 7, restart=1)
        before = longer.bits(unseen), longer.size
        shorter, same = longer.shorter(order), CountModel(numbers, 3, order, restart=1)
        assert (shorter.order, shorter.size, shorter.bits(unseen)) == (order, same.size, same.bits(unseen))
        np.testing.assert_array_equal(shorter.probabilities(unseen[:9]), same.probabilities(unseen[:9]))
        assert (longer.order, longer.bits(unseen), longer.size) == (7, *before)

    def test_a_large_order_and_vocabulary(self, rng):
        numbers = np.concatenate([rng.permutation(5000), np.arange(100), np.arange(100)])
        model = CountModel(numbers, 5000, 60)
        assert model.probabilities(np.arange(59))[59] > 0.95
        assert model.probabilities(np.append(70, np.arange(41, 60)))[60] > 0.9

    def test_a_text_shorter_than_the_history(self):
        model = CountModel([0, 1], 2, 5)
        np.testing.assert_allclose(model.probabilities([0, 1, 0, 1, 0])[0], model.probabilities([0])[0])
        assert model.bits([0, 1, 0]) > 0 and CountModel([], 4, 2).bits([3]) == 2

    def test_count_model_refusals(self):
        numbers = [0, 1, 2]
        sentence = "numbers must lie from 0 to 1, got from 0 to 2"
        assert_refused(lambda: CountModel(numbers, 2, 2), ValueError, sentence)
        assert_refused(lambda: CountModel(numbers, 3, 2, restart=3), ValueError, "restart must lie from 0 to 2, got 3")
        assert_refused(lambda: CountModel(numbers, 3, 0), ValueError, "order must be at least 1, got 0")
        for wrong in ([0.5], ["a"]):
            sentence = f"numbers must be whole numbers, got {wrong}"
            assert_refused(lambda wrong=wrong: CountModel(wrong, 3, 2), TypeError, sentence)
        sentence = "numbers must be a vector (one axis), got shape ()"
        assert_refused(lambda: CountModel(1, 3, 2), ValueError, sentence)
        model = CountModel(numbers, 3, 2)
        assert_refused(lambda: model.probabilities([-1]), ValueError, "before must lie from 0 to 2, got from -1 to -1")
        assert_refused(lambda: model.shorter(3), ValueError, "order must lie from 1 to 2, got 3")
        assert_refused(lambda: model.bits([]), ValueError, "numbers must hold at least one token, got none")

    def test_probabilities_sum_to_1_and_a_higher_order_needs_fewer_bits(self, rng):
        vocabulary = Vocabulary("\n".join(signs()[:500]))
        numbers = vocabulary.encode("\n".join(signs()[:500]))
        models = [CountModel(numbers[:9000], len(vocabulary), order) for order in (1, 2, 3)]
        for model in models:
            for at in (1, 2, 5, 700):
                p = model.probabilities(numbers[:at])
                assert p.sum() == pytest.approx(1) and p.min() > 0
        bits = [model.bits(numbers[9000:]) for model in models]
        assert bits[0] > bits[1] > bits[2] > 0


class TestReadText:
    def test_a_byte_order_mark_and_other_scripts(self, tmp_path):
        path = tmp_path / "mine.txt"
        path.write_text("The cat – le chat – Кошка\n", encoding="utf-8-sig")
        assert read_text(path) == "The cat – le chat – Кошка\n"

    def test_a_large_file_is_read_up_to_a_million_characters(self, tmp_path):
        path = tmp_path / "large.txt"
        path.write_text("0123456789" * 5_000_000)
        assert len(read_text(path)) == 10**6
        assert len(read_text(path, longest=10)) == 10

    @pytest.mark.parametrize(
        "content, why",
        [
            (b"", "path must be a file with some text in it; {} has none"),
            (b" \n ", "path must be a file with some text in it; {} has none"),
            (b"\x89PNG\r\n\x1a\n\xff\xfe", "path must be a text file in UTF-8; {} is not: save it as UTF-8 text first"),
            (b"abc\0\0\1", "path must be a text file; {} contains bytes that are not text"),
        ],
        ids=["empty", "blank", "a picture", "zeros"],
    )
    def test_content_that_is_not_text(self, content, why, tmp_path):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert_refused(lambda: read_text(path), ValueError, why.format(path))

    def test_no_file(self, tmp_path):
        path = tmp_path / "none.txt"
        assert_refused(
            lambda: read_text(path),
            ValueError,
            f"path must be a readable file, got {path}: No such file or directory",
        )
