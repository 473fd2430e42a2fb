"""A cell's answer, folded until its reader opens it: *Run All Cells* runs the cell and gives nothing away."""

from IPython.display import display

from lstm_helpers._arguments import short_traceback

# What a cell shows next are JupyterLab's and Notebook's siblings of this output, and the style folds them. A page that
# takes the style away (one that JupyterLab does not trust, GitHub) or has no such siblings shows the answer. So the
# words are true over an answer that shows, and `hidden` takes away what nothing would open; it has a value, for
# JupyterLab takes away one that has none. Until a stored page is run, JupyterLab folds these outputs by the cell's
# metadata (tools/notebooks.py), and shows the first line of this text in their place.
_FOLD = """Predict first.
<style>
.jp-OutputArea-child .lstm-answer { display: inline-block !important; margin-left: 0.5em; }
.jp-OutputArea-child:has(.lstm-answer:not([open])) ~ .jp-OutputArea-child { display: none !important; }
</style>
<details class="lstm-answer" hidden="hidden"><summary>The answer</summary></details>"""


@short_traceback
def fold_answer(prediction=...):
    """Fold all that the cell shows from here on; a prediction opens it.

    Args:
        prediction: what the reader typed; `...` as long as there is none, or where it is made on paper.
    """
    if prediction is ...:
        display({"text/plain": "Predict first.", "text/html": _FOLD}, raw=True)
