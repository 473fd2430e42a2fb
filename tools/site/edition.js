// The live edition's extension of JupyterLite.
//
// JupyterLite stores a notebook that a visitor has changed, or only run, in the browser, and shows that copy from then
// on, even if the site has a newer one. With this extension, each opened notebook is the site's, with the visitor's
// changes: the cells whose source differs from the one shipped (`metadata.shipped`). If the site has changed such a cell,
// too, the notebook contains both, the visitor's below. Saved sliders become plain pictures, because they need a kernel.
//
// It is plain JavaScript in the format of JupyterLab's extensions, so that the site needs no bundler.
(() => {
  const WIDGET = "application/vnd.jupyter.widget-view+json";
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const place = new URLSearchParams(location.hash.slice(1)).get("cell-id");  // JupyterLite drops it from the address

  // Bypass the browser's cache for notebooks and their lists; for an unchanged file, the server's reply is short.
  const fetch_ = window.fetch;
  const ours = new RegExp(`^${location.origin}${config.baseUrl}(files/|api/contents/|jupyter-lite\\.json$)`);
  window.fetch = (what, how) =>
    fetch_(what, ours.test(new URL(what.url ?? what, location)) ? { ...how, cache: "no-cache" } : how);

  // The page itself may come from the cache. Its settings name its edition. If the site has a newer one, `activate`
  // fetches everything loaded so far again, and reloads the page, once.
  async function isNewest() {
    const reply = await fetch(`${config.baseUrl}jupyter-lite.json`).catch(() => null);
    const newest = reply?.ok ? (await reply.json())["jupyter-config-data"].edition : config.edition;
    const tried = sessionStorage.getItem("edition");
    sessionStorage.setItem("edition", newest);
    return newest === config.edition || newest === tried;
  }

  const text = source => Array.isArray(source) ? source.join("") : source;

  function withoutSliders(cell) {
    for (const output of cell.outputs ?? []) delete output.data?.[WIDGET];
    return cell;
  }

  // The site's notebook, with the visitor's changes from the copy stored in the browser.
  function merged(site, stored) {
    const shipped = stored.metadata.shipped ?? {};
    const cells = [...site.cells];
    let last = -1;
    for (const cell of stored.cells) {
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
      const reply = await fetch(`${config.baseUrl}files/${encodeURI(path)}`).catch(() => null);
      return reply?.ok ? { ...model, content: merged(await reply.json(), model.content) } : model;
    };
  }

  // Scroll to the cell named in the URL, as in links from the reading edition's pictures. JupyterLab moves it by adding
  // cells one by one, so keep scrolling until the visitor does something.
  function showPlace(shell) {
    const show = async () => {
      const notebook = shell.currentWidget?.content;
      if (!notebook?.widgets) return;
      shell.currentChanged.disconnect(show);
      await shell.currentWidget.revealed;
      const cell = notebook.widgets.find(cell => cell.model.id === place);
      if (!cell) return;
      notebook.activeCellIndex = notebook.widgets.indexOf(cell);
      const timer = setInterval(() => cell.node.isConnected && cell.node.scrollIntoView(), 100);
      for (const type of ["pointerdown", "wheel", "keydown"]) {
        addEventListener(type, () => clearInterval(timer), { capture: true, once: true });
      }
    };
    shell.currentChanged.connect(show);
  }

  const plugin = {
    id: "lstm-edition:plugin",
    description: "Opens the newest notebooks with the visitor's changes, at the requested cell.",
    autoStart: true,
    activate: async app => {
      mergeWhenOpened(app.serviceManager.contents);
      if (place) showPlace(app.shell);
      if (await isNewest()) return;
      const loaded = performance.getEntriesByType("resource").map(entry => entry.name);
      await Promise.allSettled(loaded.map(name => fetch_(name, { cache: "no-cache" })));
      location.reload();
      await new Promise(() => {});  // open nothing before the reload
    },
  };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB["lstm-edition"] = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
