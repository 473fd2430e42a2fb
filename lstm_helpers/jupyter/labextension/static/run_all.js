/* Keep the reader at what has just run, and folded text apart from the text after it.

   After Run All Cells, JupyterLab goes to the last cell of the notebook (issue 16402 of jupyterlab/jupyterlab). Our pages
   ask for Run All Cells in their first lines, and what comes to life is right below.

   After Shift+Enter, JupyterLab keeps the next cell in view, so a panel that grows above it scrolls out of view.

   JupyterLab leaves no space below a fold, so the text after it looks as if it had been unfolded.

   This is a prebuilt extension in plain JavaScript: JupyterLab expects a container with `init` and `get`. With one module
   and no dependencies, there is nothing to compile. */
(() => {
  const RUN_ALL = "notebook:run-all-cells";
  const RUN_ONE = "notebook:run-cell-and-select-next";

  const FOLDS = ".jp-RenderedMarkdown details:not(:last-child) { margin-bottom: 1em; }";

  const activate = (app) => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: FOLDS }));
    const notebook = () => app.shell.currentWidget?.content;
    let before = 0; // the active cell when the reader last did something
    let moves = 0;
    const remember = () => {
      before = notebook()?.activeCellIndex ?? 0;
      moves += 1;
    };
    const show = (page, index, ...where) => {
      page.scrollToItem(index, ...where).catch(() => {}); // rejected when the reader scrolls meanwhile
    };
    // A command is started by a click or a key, and its signal comes after it has moved to another cell.
    for (const event of ["pointerdown", "keydown", "wheel"]) {
      window.addEventListener(event, remember, { capture: true, passive: true });
    }
    app.commands.commandExecuted.connect(async (_, { id, result }) => {
      const page = notebook();
      if (!page?.scrollToItem) return;
      const [index, move] = [before, moves];
      if (id === RUN_ALL) {
        page.activeCellIndex = index;
        show(page, index);
      } else if (id === RUN_ONE) {
        await result.catch(() => {});
        const hasOutput = page.widgets[index]?.model.outputs?.length > 0;
        if (move === moves && hasOutput) show(page, index, "auto", 0);
      }
    });
  };

  const plugin = { id: "lstm-helpers:run-all", autoStart: true, activate };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB["lstm-helpers"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
