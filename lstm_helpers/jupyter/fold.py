"""A cell's answer, folded until its reader opens it: *Run All Cells* runs the cell and gives nothing away."""

from IPython.display import display

from lstm_helpers._arguments import short_traceback

# What a cell shows next are JupyterLab's and Notebook's siblings of this output. A page that has no such siblings, or
# takes the style away (GitHub, the reading edition), shows the answer as it shows any other output, and no fold.
_FOLD = """<style>
.jp-OutputArea-child .lstm-answer { display: block !important; }
.jp-OutputArea-child:has(.lstm-answer:not([open])) ~ .jp-OutputArea-child { display: none !important; }
</style>
<details class="lstm-answer" hidden><summary>Predict first, then open the answer</summary></details>"""


@short_traceback
def fold_answer(prediction=...):
    """Fold all that the cell shows from here on; a prediction opens it.

    Args:
        prediction: what the reader typed; `...` as long as there is none, or where it is made on paper.
    """
    if prediction is ...:
        display({"text/plain": "Predict first.", "text/html": _FOLD}, raw=True)
