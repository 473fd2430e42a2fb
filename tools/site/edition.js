// The live edition's own extension of JupyterLite.
//
// JupyterLite keeps a notebook that a visitor has changed, or only run, in the browser's storage, and shows that copy
// from then on, whatever the site brings. Here a notebook is, each time it is opened, the one that the site brings, with
// what the visitor typed in it: the cells whose source is not the one that was shipped with it (`metadata.shipped`).
// Where the site has changed such a cell, too, both are there, the visitor's below. A picture that had sliders when it
// was saved is shown as it was shipped: sliders need a kernel.
//
// It is plain JavaScript in the form in which JupyterLab takes extensions, so that the site needs no bundler.
(() => {
  const WIDGET = "application/vnd.jupyter.widget-view+json";
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const place = new URLSearchParams(location.hash.slice(1)).get("cell-id");  // JupyterLite drops it from the address

  // The browser's own cache: a notebook, and the list of them, are asked for anew (an unchanged one costs one short answer).
  const fetch_ = window.fetch;
  const ours = new RegExp(`^${location.origin}${config.baseUrl}(files/|api/contents/|jupyter-lite\\.json$)`);
  window.fetch = (what, how) =>
    fetch_(what, ours.test(new URL(what.url ?? what, location)) ? { ...how, cache: "no-cache" } : how);

  // The page itself may be an old one out of the cache. Its settings say which edition it is. If there is a newer one, all
  // that the page has loaded so far is asked for anew, and the page is loaded again, once.
  async function isNewest() {
    const answer = await fetch(`${config.baseUrl}jupyter-lite.json`).catch(() => null);
    const newest = answer?.ok ? (await answer.json())["jupyter-config-data"].edition : config.edition;
    const tried = sessionStorage.getItem("edition");
    sessionStorage.setItem("edition", newest);
    return newest === config.edition || newest === tried;
  }

  const text = source => Array.isArray(source) ? source.join("") : source;

  function withoutSliders(cell) {
    for (const output of cell.outputs ?? []) delete output.data?.[WIDGET];
    return cell;
  }

  // The notebook that the site brings, with what was typed into the copy that the browser has kept.
  function merged(site, kept) {
    const shipped = kept.metadata.shipped ?? {};
    const cells = [...site.cells];
    let last = -1;
    for (const cell of kept.cells) {
      const k = cells.findIndex(other => other.id === cell.id);
      const now = k < 0 ? undefined : text(cells[k].source);
      const typed = text(cell.source);
      if (typed === shipped[cell.id] || typed === now) {
        last = k < 0 ? last : k;
      } else if (k >= 0 && now === (shipped[cell.id] ?? now)) {
        cells[k] = withoutSliders(cell);
        last = k;
      } else if (typed.trim()) {
        last = Math.max(last, k) + 1;
        cells.splice(last, 0, withoutSliders(k < 0 ? cell : { ...cell, id: `${cell.id}-${config.edition}` }));
      }
    }
    return { ...site, cells };
  }

  function mergeWhenOpened(contents) {
    const get = contents.get.bind(contents);
    contents.get = async (path, options) => {
      const model = await get(path, options);
      if (model.type !== "notebook" || !model.content) return model;
      const answer = await fetch(`${config.baseUrl}files/${encodeURI(path)}`).catch(() => null);
      return answer?.ok ? { ...model, content: merged(await answer.json(), model.content) } : model;
    };
  }

  // The cell that the address names: the visitor comes from its picture in the reading edition. JupyterLab adds the cells
  // one after the other, which moves it, so it is held in place until the visitor does something.
  function showPlace(shell) {
    const show = async () => {
      const notebook = shell.currentWidget?.content;
      if (!notebook?.widgets) return;
      shell.currentChanged.disconnect(show);
      await shell.currentWidget.revealed;
      const cell = notebook.widgets.find(cell => cell.model.id === place);
      if (!cell) return;
      notebook.activeCellIndex = notebook.widgets.indexOf(cell);
      const held = setInterval(() => cell.node.isConnected && cell.node.scrollIntoView(), 100);
      for (const act of ["pointerdown", "wheel", "keydown"]) {
        addEventListener(act, () => clearInterval(held), { capture: true, once: true });
      }
    };
    shell.currentChanged.connect(show);
  }

  const plugin = {
    id: "lstm-edition:plugin",
    description: "Brings the newest notebooks, with what the visitor typed, and shows the place that was asked for.",
    autoStart: true,
    activate: async app => {
      mergeWhenOpened(app.serviceManager.contents);
      if (place) showPlace(app.shell);
      if (await isNewest()) return;
      const loaded = performance.getEntriesByType("resource").map(entry => entry.name);
      await Promise.allSettled(loaded.map(name => fetch_(name, { cache: "no-cache" })));
      location.reload();
      await new Promise(() => {});  // nothing is opened any more
    },
  };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB["lstm-edition"] = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
