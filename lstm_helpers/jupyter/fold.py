"""Answers that stay folded until the reader opens them, so that *Run All Cells* gives nothing away."""

from IPython.display import display

from lstm_helpers._arguments import short_traceback

# In JupyterLab and Notebook, the cell's later outputs are siblings of this one, and the style hides them. Where the
# style has no effect (an untrusted page, GitHub), they show. So "Predict first." must make sense above an answer, and
# `hidden` hides the <details> that would open nothing. (It needs a value: JupyterLab removes the bare attribute.)
# Before a stored page is run, the cell's metadata hide the outputs (tools/notebooks.py), and JupyterLab shows the first
# line of this text instead.
_FOLD = """Predict first.
<style>
.jp-OutputArea-child .lstm-answer { display: inline-block !important; margin-left: 0.5em; }
.jp-OutputArea-child:has(.lstm-answer:not([open])) ~ .jp-OutputArea-child { display: none !important; }
</style>
<details class="lstm-answer" hidden="hidden"><summary>The answer</summary></details>"""


@short_traceback
def fold_answer(prediction=...):
    """Fold the cell's later outputs, unless there is a prediction.

    Args:
        prediction: the reader's prediction; `...` if there is none yet, or if it is on paper.
    """
    if prediction is ...:
        display({"text/plain": "Predict first.", "text/html": _FOLD}, raw=True)
