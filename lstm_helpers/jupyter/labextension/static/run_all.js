/* After Run All Cells, stay at the cell where the reader was.

   JupyterLab itself goes to the last cell of the notebook (issue 16402 of jupyterlab/jupyterlab). Our pages ask for Run
   All Cells in their first lines, and what comes to life is right below.

   This is a prebuilt extension in plain JavaScript: JupyterLab expects a container with `init` and `get`. With one module
   and no dependencies, there is nothing to compile. */
(() => {
  const RUN_ALL = ["notebook:run-all-cells", "notebook:restart-run-all"];

  const activate = (app) => {
    const notebook = () => app.shell.currentWidget?.content;
    let before = 0;
    const remember = () => {
      before = notebook()?.activeCellIndex ?? 0;
    };
    // A command is started by a click or a key, and its signal comes after it has moved to the last cell.
    document.addEventListener("pointerdown", remember, true);
    document.addEventListener("keydown", remember, true);
    app.commands.commandExecuted.connect((_, { id }) => {
      const page = notebook();
      if (RUN_ALL.includes(id) && page?.scrollToItem) {
        page.activeCellIndex = before;
        page.scrollToItem(before).catch(() => {}); // rejected when the reader scrolls meanwhile
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
