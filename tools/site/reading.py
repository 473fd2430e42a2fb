"""Reading edition: each notebook as a static page, its pictures with alternative text.

No page loads anything from another host, and none needs a script: equations are MathML (see `mathml`), and pictures are
files of the site. With JavaScript, an explorer's picture becomes a panel that plays a flip book (see `flipbook`).
"""

import base64
import html
import itertools
import re
import shutil
import tomllib
from pathlib import Path

import jinja2
import nbformat
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from lstm_helpers.view.style import inks, variables
from tools.notebooks import CHECK, opens_a_panel, thumbnail
from tools.site import flipbook
from tools.site.dates import changed
from tools.site.mathml import mathml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SERIES = "The LSTM, number by number"
GUIDE = "Teaching guide"
LIVE = "live"  # the folder of the live edition
SHOWN = ("image/png", "text/html", "text/markdown", "text/plain")  # the preferred forms of an output, best first

# A lesson's heading in the teaching guide, its title, and the numbers of its notebooks.
LESSON = re.compile(r"^### (\d+\. (.+) \(([\d, ]+)\))$", re.MULTILINE)
_FORMULA = r'<math xmlns="[^"]*" display="inline">(?:(?!</math>).)*</math>'
TIED = re.compile(rf"[(“]{_FORMULA}[.,;:!?)”]*|{_FORMULA}[.,;:!?)”]+", re.DOTALL)


def build(notebooks, target, flipbooks=None, own_pyodide=False):
    """Write the pages.

    Args:
        notebooks: the folder of the notebooks, with the teaching guide (README.md) and the worksheets.
        target: the folder of the site; it must exist.
        flipbooks: name of a picture, such as "02_pointwise_operations_2" for the second one of that notebook -> its
            flip book.
        own_pyodide: true if the site includes Pyodide; the landing page says where it comes from.

    Returns:
        The pages written, a list of paths.

    Raises:
        ValueError: a page cannot show a part of a notebook: an error, a picture without words, an unknown link.
    """
    paths = sorted(notebooks.glob("*.ipynb"))
    books = [nbformat.read(path, as_version=4) for path in paths]
    pages = [
        {"name": path.stem, "changed": changed(path), **described(book)}
        for path, book in zip(paths, books, strict=True)
    ]
    sheets = sorted(notebooks.glob("*.html"))
    known = {path.name: f"{path.stem}.html" for path in paths}
    known |= {sheet.name: sheet.name for sheet in sheets} | {"README.md": "guide.html"}

    (target / "pictures").mkdir(exist_ok=True)
    for name in ("style.css", "reach.js", "flipbook.js"):
        shutil.copy(HERE / name, target)
    _write(target / "flipbook.css", colors() + (HERE / "flipbook.css").read_text(encoding="utf-8"))
    for sheet in sheets:
        shutil.copy(sheet, target)
    for k, (page, book) in enumerate(zip(pages, books, strict=True)):
        neighbors = {"before": pages[k - 1] if k else None, "after": pages[k + 1] if k + 1 < len(pages) else None}
        exporter = ReadingExporter(page["name"], target / "pictures", known, flipbooks)
        body, resources = exporter.from_notebook_node(book, {"page": page, **neighbors, **_shared()})
        page["pictures"] = resources["pictures"]
        part = thumbnail(book)
        page["thumbnail"] = {"file": f"pictures/{page['name']}.png", "width": part.width, "height": part.height}
        part.save(target / page["thumbnail"]["file"], optimize=True)
        _write(target / f"{page['name']}.html", body)
    guide = notebooks / "README.md"
    words, text = Words(known), guide.read_text(encoding="utf-8")
    body = words.html(text)
    days = [changed(guide), *(page["changed"] for page in pages)]
    about = {"body": body, "sections": words.sections, "changed": days[0]}
    _write(target / "guide.html", _template("guide.html.j2").render(**about, **_shared()))
    about = {"sheets": sheets, "own_pyodide": own_pyodide, "changed": max(filter(None, days), default=None)}
    _write(target / "index.html", _template("index.html.j2").render(**about, **course(text, pages), **_shared()))
    return [target / f"{name}.html" for name in ["index", "guide", *(page["name"] for page in pages)]]


def described(notebook):
    """Return a notebook's title, question and minutes, from its first cell."""
    first = notebook.cells[0].source
    question = re.search(r"^\*\*(.+\?)\*\*$", first, re.MULTILINE)[1]
    minutes = re.search(r"\| (\d+) minutes \|", first)[1]
    return {"title": re.match(r"# (.+)", first)[1], "question": question, "minutes": minutes}


def course(guide, pages):
    """Return the core lessons, as the teaching guide lists them, the electives, and the landing page's picture."""
    by_number = {page["name"][:2]: page for page in pages}
    lessons = [
        {"title": title, "anchor": anchor(heading), "pages": [by_number.pop(number) for number in numbers.split(", ")]}
        for heading, title, numbers in LESSON.findall(guide)
    ]
    first = lessons[0]["pages"][0]
    opening = next(picture for picture in first["pictures"] if picture["live"])
    return {"lessons": lessons, "electives": list(by_number.values()), "first": first, "opening": opening}


def anchor(words):
    """Make the anchor of a heading from its words."""
    return re.sub(r"\W+", "-", words.lower()).strip("-")


def unique(name, taken):
    """Return the name, with a number appended if it is in `taken`; add the result to `taken`."""
    numbered = (f"{name}-{k}" for k in itertools.count(2))
    name = next(other for other in itertools.chain([name], numbered) if other not in taken)
    taken.add(name)
    return name


def colors():
    """Return the panels' colors for light and dark pages, as CSS."""
    dark = f"@media screen and (prefers-color-scheme: dark) {{ .lstm-panel {{ {variables(dark=True)} }} }}"
    return f".lstm-panel {{ {variables(dark=False)} }}\n{dark}\n{inks()}\n"


def _shared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    authors = ", ".join(author["name"] for author in project["authors"])
    return {"series": SERIES, "guide": GUIDE, "live": LIVE, "authors": authors}


def _template(name):
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(name)


def _write(path, text):
    path.write_text(re.sub(r"[ \t]+\n", "\n", text), encoding="utf-8", newline="\n")


class Words(IPythonRenderer):
    """Markdown renderer for one page: MathML, links between pages, unique anchors, scrolling boxes for wide content.

    Attributes:
        sections: (anchor, words) of the headings of level 2, in order.
    """

    def __init__(self, known):
        super().__init__(escape=False)
        self.known, self.sections, self._anchors = known, [], set()

    def html(self, source):
        """Render Markdown as HTML, without line breaks between a formula and its brackets or punctuation."""
        return TIED.sub(r'<span class="tied">\g<0></span>', MarkdownWithMath(renderer=self).render(source))

    def heading(self, text, level, **attributes):
        words = html.unescape(re.sub(r"<[^>]+>", "", text))
        name = unique(anchor(words), self._anchors)
        if level == 1:
            return f'<h1 id="{name}">{text}</h1>\n'
        if level == 2:
            self.sections.append((name, words))
        return f'<div class="headed"><h{level} id="{name}">{text}</h{level}>{permalink(name, words)}</div>\n'

    def link(self, text, url, title=None):
        if not re.match(r"[a-z]+:|#", url):
            page, _, anchor = url.partition("#")
            if page not in self.known:
                raise ValueError(f"a link leads to {url}, which is not on the site")
            url = self.known[page] + (f"#{anchor}" if anchor else "")
        return super().link(text, url, title)

    def inline_math(self, body):
        return mathml(body)

    def block_math(self, body):
        return f'<span class="wide equation" role="group" aria-label="Equation">{mathml(body, "block")}</span>'

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def table(self, text):
        return f'<div class="wide" role="group" aria-label="Table"><table>\n{text}</table></div>\n'

    def block_code(self, source, info=None):
        return code(source) if info == "python" else boxed(super().block_code(source, info), "code", "Code")


def boxed(content, kind, name):
    """Put code or output into a box that scrolls on a narrow screen."""
    return f'<div class="wide {kind}" role="group" aria-label="{name}">{content}</div>\n'


def permalink(name, words):
    """Make a visible link to a heading or exercise, for sharing."""
    return f'<a class="permalink" href="#{name}" aria-label="{html.escape(f"Link to {words}")}">#</a>'


def exercise(source):
    """Make the anchor of an exercise, named after the question that its cell checks; "" for other cells."""
    name = CHECK.search(source)
    return f'<div class="exercise" id="{name[1]}">{permalink(name[1], f"exercise {name[1]}")}</div>' if name else ""


def code(source):
    """Highlight Python. Each line is an element with its indent, so that CSS can indent the rest of a long line."""
    colored = highlight(source.strip("\n"), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
    indents = [len(line) - len(line.lstrip(" ")) for line in source.strip("\n").split("\n")]
    lines = "".join(
        f'<span class="line" style="--indent: {indent}ch">{line}\n</span>'
        for line, indent in zip(colored, indents, strict=True)
    )
    return f'<div class="code" role="group" aria-label="Code"><pre><code>{lines}</code></pre></div>\n'


class ReadingExporter(TemplateExporter):
    """Exporter that renders a notebook with the template page.html.j2.

    Args:
        name: the name of the notebook, without its suffix.
        folder: the folder for its pictures.
        known: link target -> page of the site.
        flipbooks: name of a picture -> its flip book.
    """

    file_extension = ".html"
    template_file = "page.html.j2"

    def __init__(self, name, folder, known, flipbooks=None):
        self._words = Words(known)
        super().__init__(extra_template_paths=[str(HERE)])
        self.register_preprocessor(Pictures(name, folder, flipbooks or {}), enabled=True)

    def default_filters(self):
        yield from super().default_filters()
        yield "words", self._words.html
        yield "sections", lambda _: self._words.sections
        yield "code", code
        yield "exercise", exercise
        yield "printed", lambda text: boxed(f"<pre>{html.escape(text)}</pre>", "printed", "Printed")


def _folds(output):
    """Return true for the output of `fold_answer`, which has no effect on a static page."""
    return "lstm-answer" in output.get("data", {}).get("text/html", "")


class Pictures(Preprocessor):
    """Preprocessor that selects each output's form, and writes pictures and their flip books to files."""

    def __init__(self, name, folder, flipbooks):
        super().__init__()
        self._name, self._folder, self._count = name, folder, 0
        self._flipbooks, self._panels = flipbooks, set()

    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if "outputs" in cell:
                cell.outputs = [output for output in cell.outputs if not _folds(output)]
            for output in cell.get("outputs", []):
                self._choose(output)
                if output.get("shown") == "image/png":
                    self._store(output, cell.id, live=opens_a_panel(cell.source))
        pictures = [output.picture for cell in nb.cells for output in cell.get("outputs", []) if "picture" in output]
        return nb, resources | {"pictures": pictures}

    def _choose(self, output):
        if output.output_type == "error" or output.get("name") == "stderr":
            raise ValueError(f"{self._name}: a cell stores an error")
        if output.output_type != "stream":
            output.shown = next((form for form in SHOWN if form in output.data), None)
            if output.shown is None:
                raise ValueError(f"{self._name}: an output has no form that a page can show: {', '.join(output.data)}")

    def _store(self, output, cell, live):
        facts = output.metadata.get("image/png", {})
        words = facts.get("alt") or output.data.get("text/plain")
        if not words:
            raise ValueError(f"{self._name}: a picture has no words")
        self._count += 1
        file = f"{self._name}_{self._count}"
        (self._folder / f"{file}.png").write_bytes(base64.b64decode(output.data["image/png"]))
        size = {"width": facts["width"], "height": facts["height"]}
        book = file if file in self._flipbooks else None
        panel = {"live": live, "book": book, "panel": book and self._write_book(book)}
        output.picture = {"file": f"pictures/{file}.png", "alt": words, "cell": cell, **panel, **size}

    def _write_book(self, file):
        """Write a flip book to its file; return its panel's name in links, such as "gate" or "gate-2"."""
        book = self._flipbooks[file]
        _write(self._folder / f"{file}.js", flipbook.packed(file, book))
        return unique(anchor(book["title"].removesuffix("explorer")), self._panels)
