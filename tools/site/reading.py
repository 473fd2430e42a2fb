"""The reading edition: each notebook as a static page, its pictures with the words that describe them.

No page loads anything from another host or needs a script: equations are MathML (see `mathml`), and pictures are files
beside the page.
"""

import base64
import html
import re
import shutil
from pathlib import Path

import jinja2
import nbformat
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.notebooks import thumbnail
from tools.site.mathml import mathml

HERE = Path(__file__).resolve().parent
SERIES = "The LSTM, number by number"
GUIDE = "Teaching guide"
LIVE = "live"  # the folder of the live edition
SHOWN = ("image/png", "text/html", "text/markdown", "text/plain")  # which form of an output is shown, if it has several

_FORMULA = r'<math xmlns="[^"]*" display="inline">(?:(?!</math>).)*</math>'
TIED = re.compile(rf"[(“]{_FORMULA}[.,;:!?)”]*|{_FORMULA}[.,;:!?)”]+", re.DOTALL)


def build(notebooks, target):
    """Write the pages.

    Args:
        notebooks: the folder of the notebooks, with README.md, the teaching guide, and the worksheets.
        target: the folder of the site; it must exist.

    Returns:
        The pages written, a list of paths.

    Raises:
        ValueError: a notebook has something a page cannot show: an error, a picture without words, an unknown link.
    """
    paths = sorted(notebooks.glob("*.ipynb"))
    books = [nbformat.read(path, as_version=4) for path in paths]
    pages = [{"name": path.stem, **described(book)} for path, book in zip(paths, books, strict=True)]
    sheets = sorted(notebooks.glob("*.html"))
    known = {path.name: f"{path.stem}.html" for path in paths}
    known |= {sheet.name: sheet.name for sheet in sheets} | {"README.md": "guide.html"}

    (target / "pictures").mkdir(exist_ok=True)
    shutil.copy(HERE / "style.css", target)
    for sheet in sheets:
        shutil.copy(sheet, target)
    for k, (page, book) in enumerate(zip(pages, books, strict=True)):
        around = {"before": pages[k - 1] if k else None, "after": pages[k + 1] if k + 1 < len(pages) else None}
        exporter = ReadingExporter(page["name"], target / "pictures", known)
        body, _ = exporter.from_notebook_node(book, {"page": page, **around, **_shared()})
        part = thumbnail(book)
        page["thumbnail"] = {"file": f"pictures/{page['name']}.png", "width": part.width, "height": part.height}
        part.save(target / page["thumbnail"]["file"], optimize=True)
        _write(target / f"{page['name']}.html", body)
    guide = Words(known)
    body = guide.html((notebooks / "README.md").read_text(encoding="utf-8"))
    _write(target / "guide.html", _template("guide.html.j2").render(body=body, sections=guide.sections, **_shared()))
    _write(target / "index.html", _template("index.html.j2").render(pages=pages, sheets=sheets, **_shared()))
    return [target / f"{name}.html" for name in ["index", "guide", *(page["name"] for page in pages)]]


def described(notebook):
    """The title of a notebook, the question it answers and the minutes it takes, from its first cell."""
    first = notebook.cells[0].source
    question = re.search(r"^\*\*(.+\?)\*\*$", first, re.MULTILINE)[1]
    minutes = re.search(r"\| (\d+) minutes \|", first)[1]
    return {"title": re.match(r"# (.+)", first)[1], "question": question, "minutes": minutes}


def _shared():
    return {"series": SERIES, "guide": GUIDE, "live": LIVE}


def _template(name):
    loader = jinja2.FileSystemLoader(HERE)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(name)


def _write(path, text):
    path.write_text(re.sub(r"[ \t]+\n", "\n", text), encoding="utf-8", newline="\n")


class Words(IPythonRenderer):
    """Markdown to HTML for one page: MathML, links between pages, numbered anchors, wide things in a box that scrolls.

    Attributes:
        sections: (anchor, words) of the headings below the title, in order.
    """

    def __init__(self, known):
        super().__init__(escape=False)
        self.known, self.sections, self._anchors = known, [], set()

    def html(self, source):
        """A Markdown text as HTML. A formula and the bracket or comma at its side stay on one line."""
        return TIED.sub(r'<span class="tied">\g<0></span>', MarkdownWithMath(renderer=self).render(source))

    def heading(self, text, level, **attributes):
        words = re.sub(r"<[^>]+>", "", text)
        anchor = name = re.sub(r"\W+", "-", html.unescape(words).lower()).strip("-")
        for k in range(2, 100):
            if anchor not in self._anchors:
                break
            anchor = f"{name}-{k}"
        self._anchors.add(anchor)
        if level == 2:
            self.sections.append((anchor, html.unescape(words)))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

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
    """Code or its output, in a box that scrolls on a narrow screen."""
    return f'<div class="wide {kind}" role="group" aria-label="{name}">{content}</div>\n'


def code(source):
    """Python in color. Each line is an element with its indent, so that a long line continues further in."""
    colored = highlight(source.strip("\n"), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
    indents = [len(line) - len(line.lstrip(" ")) for line in source.strip("\n").split("\n")]
    lines = "".join(
        f'<span class="line" style="--indent: {indent}ch">{line}\n</span>'
        for line, indent in zip(colored, indents, strict=True)
    )
    return f'<div class="code" role="group" aria-label="Code"><pre><code>{lines}</code></pre></div>\n'


class ReadingExporter(TemplateExporter):
    """A notebook as a page, by the template page.html.j2.

    Args:
        name: the name of the notebook, without its ending.
        folder: where its pictures go.
        known: link target -> page of the site.
    """

    file_extension = ".html"
    template_file = "page.html.j2"

    def __init__(self, name, folder, known):
        self._words = Words(known)
        super().__init__(extra_template_paths=[str(HERE)])
        self.register_preprocessor(Pictures(name, folder), enabled=True)

    def default_filters(self):
        yield from super().default_filters()
        yield "words", self._words.html
        yield "sections", lambda _: self._words.sections
        yield "code", code
        yield "printed", lambda text: boxed(f"<pre>{html.escape(text)}</pre>", "printed", "Printed")


def _folds(output):
    """Whether an output is the fold of `fold_answer`, which folds nothing on a page that is read."""
    return "lstm-answer" in output.get("data", {}).get("text/html", "")


class Pictures(Preprocessor):
    """Each output in the form that is shown; pictures are written to files and shown with their words."""

    def __init__(self, name, folder):
        super().__init__()
        self._name, self._folder, self._count = name, folder, 0

    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if "outputs" in cell:
                cell.outputs = [output for output in cell.outputs if not _folds(output)]
            for output in cell.get("outputs", []):
                self._choose(output)
                if output.get("shown") == "image/png":
                    self._store(output, live="Explorer(" in cell.source)
        return nb, resources

    def _choose(self, output):
        if output.output_type == "error" or output.get("name") == "stderr":
            raise ValueError(f"{self._name}: a cell stores an error")
        if output.output_type != "stream":
            output.shown = next((form for form in SHOWN if form in output.data), None)
            if output.shown is None:
                raise ValueError(f"{self._name}: an output can be shown in none of its forms: {', '.join(output.data)}")

    def _store(self, output, live):
        facts = output.metadata.get("image/png", {})
        words = facts.get("alt") or output.data.get("text/plain")
        if not words:
            raise ValueError(f"{self._name}: a picture has no words")
        self._count += 1
        file = f"{self._name}_{self._count}.png"
        (self._folder / file).write_bytes(base64.b64decode(output.data["image/png"]))
        size = {"width": facts["width"], "height": facts["height"]}
        output.picture = {"file": f"pictures/{file}", "alt": words, "live": live, **size}
