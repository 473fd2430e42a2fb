"""The sheets to print: they are stored as they are made, only the key has the answers, and the answers are right."""

import math
import re

import pytest

from tools.worksheet import FOLDER, SHEETS, sheet


def tables(page):
    """The tables of a sheet, one after the other: name of a row -> its cells as they stand there."""
    found = []
    for table in re.findall(r"<table>(.+?)</table>", page):
        rows = {}
        for row in re.findall(r"<tr>(.+?)</tr>", table):
            name = re.search(r"<th>(.*?)</th>", row)
            rows[name[1] if name else f"row {len(rows)}"] = re.findall(r"<td[^>]*>(.*?)</td>", row)
        found.append(rows)
    return found


def values(cells):
    return [float(cell.replace("−", "-")) for cell in cells]


def spoken(page):
    """What is to be said in words, on a key."""
    return re.findall(r"<p><b>(.+?)</b></p>", page)


def two(numbers):
    return [f"{number:.2f}".replace("-", "−") for number in numbers]


def over_time(rows):
    """The memory after each step, by a plain loop."""
    c, memories = 0.0, []
    gates = (values(rows[name]) for name in ("forget gate f", "input gate i", "candidate g"))
    for f, i, g in zip(*gates, strict=True):
        c = f * c + i * g
        memories.append(c)
    return memories


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("with_key", [False, True])
def test_is_stored_as_it_is_made(name, with_key):
    stored = (FOLDER / f"{name}{'_key' * with_key}.html").read_text(encoding="utf-8")
    assert stored == sheet(name, with_key), "run `make worksheet`"


@pytest.mark.parametrize(("name", "cells", "sentences"), [("worksheet", 11, 4), ("final_test", 27, 6)])
def test_only_the_key_holds_the_answers(name, cells, sentences):
    page, key = (sheet(name, with_key) for with_key in (False, True))
    blanks = re.findall(r'<td class="blank">([^<]*)</td>', page)
    assert len(blanks) == len(re.findall(r'<td class="key">[^<]+</td>', key)) == cells and not any(blanks)
    assert page.count('<p class="line"></p>') == len(spoken(key)) == sentences and not spoken(page)
    assert 'class="key"' not in page and 'class="blank"' not in key and "Name ___" not in key


def test_the_worksheet_asks_what_the_first_lesson_teaches_and_its_key_is_right():
    page = sheet("worksheet", with_key=True)
    forget, powers, schedule = tables(page)
    kept = [f * c for f, c in zip(values(forget["forget gate f"]), values(forget["old memory c"]), strict=True)]
    assert forget["kept: f × c"] == two(kept)
    assert powers["memory c"] == two([0.9, 0.9 * 0.9, 0.9 * 0.9 * 0.9])
    assert schedule["memory c"] == two(over_time(schedule))
    name, half, shows, both = spoken(page)
    assert "keeps 70%" in name and "forgets 30%" in name
    assert half.startswith("After 7") and 0.9**7 < 0.5 < 0.9**6
    shown = [c * o for c, o in zip(over_time(schedule), values(schedule["output gate o"]), strict=True)]
    assert f"Only at step {next(k for k, h in enumerate(shown, 1) if h)}." in shows and sum(map(bool, shown)) == 1
    schedule["input gate i"][2] = "1"
    assert both.startswith(f"0.8 + (−0.4) = {over_time(schedule)[2]:g}.")
    assert "σ" not in page and "weights" not in page  # those come in lessons 2 to 4


def test_the_key_of_the_final_test_is_right():
    page = sheet("final_test", with_key=True)
    power, schedule, add, a_gate, step, left, inside = tables(page)
    assert power["memory c"] == two([0.5 * 0.8, 0.5 * 0.8**2])
    assert schedule["memory c"] == two(over_time(schedule))
    kept = [f * c for f, c in zip(values(add["forget gate f"]), values(add["old memory c"]), strict=True)]
    assert add["kept"] == two(kept)
    assert add["kept + new"] == two(k + new for k, new in zip(kept, values(add["new"]), strict=True))
    z = 2 * 0.5 - 1 * 1 + 2
    assert "[0.5, 1]" in page and "[2, −1]" in page and a_gate["row 1"] == two([z, 1 / (1 + math.exp(-z))])
    assert "Old memory 0.5, f = 0.8, i = 0.5, g = −0.6, o = 0.5." in page
    c = 0.8 * 0.5 + 0.5 * -0.6
    assert step["row 1"] == two([0.8 * 0.5, 0.5 * -0.6, c, 0.5 * math.tanh(c)])
    assert f"tanh({c:.1f})&nbsp;=&nbsp;{math.tanh(c):.2f}" in page
    assert left["row 1"] == two([0.5**20, (1 / (1 + math.exp(-3))) ** 20])
    told = [1 / (1 + math.exp(-4 * h)) for h in (0.5, -0.5)]
    assert inside["nothing is changed"] == inside["unit 2 forgets"] == two(told)
    assert inside["unit 1 forgets"] == two([0.5, 0.5])
    steps, _, _, size, loss, unit = spoken(page)
    assert 0.8 ** int(steps) < 0.5 < 0.8 ** (int(steps) - 1)
    assert f"= {4 * (10 * (10 + 4) + 10)}:" in size and f"= {math.log(8):.2f}." in loss and unit.startswith("Unit 1:")


def test_the_final_test_has_eight_questions():
    questions = re.findall(r"<h2>(\d)\. ", sheet("final_test", with_key=False))
    assert questions == [str(k) for k in range(1, 9)]
