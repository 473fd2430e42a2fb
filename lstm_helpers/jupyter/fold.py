"""A cell's answer, folded until its reader opens it: *Run All Cells* runs the cell and gives nothing away."""

from IPython.display import display

from lstm_helpers._arguments import short_traceback

# What a cell shows next are JupyterLab's and Notebook's siblings of this output, and the style folds them. A page that
# takes the style away (one that JupyterLab does not trust, GitHub) or has no such siblings shows the answer, so it must
# not offer to open one: only the style brings the line onto the page, and says there what there is to open. (JupyterLab
# takes away `hidden` as well, unless it has a value.) Until a stored page is run, JupyterLab folds these outputs by the
# cell's metadata: tools/notebooks.py.
_FOLD = """<style>
.jp-OutputArea-child .lstm-answer { display: block !important; }
.jp-OutputArea-child .lstm-answer summary::after { content: ", then open the answer"; }
.jp-OutputArea-child:has(.lstm-answer:not([open])) ~ .jp-OutputArea-child { display: none !important; }
</style>
<details class="lstm-answer" hidden="hidden"><summary>Predict first</summary></details>"""


@short_traceback
def fold_answer(prediction=...):
    """Fold all that the cell shows from here on; a prediction opens it.

    Args:
        prediction: what the reader typed; `...` as long as there is none, or where it is made on paper.
    """
    if prediction is ...:
        display({"text/plain": "Predict first.", "text/html": _FOLD}, raw=True)
