// Adds to a panel what ipywidgets leaves out:
// - names and readable values for sliders, and the pressed state of buttons, for screen readers;
// - announcements of the sentence, which ipywidgets replaces as a whole, so that a screen reader misses the change;
// - a glow around the parts of the picture that have just changed;
// - a notice when the kernel is gone and the controls move without effect;
// - a decimal comma in number boxes.
// It runs as the `onload` of an image in the panel: see access.py.
const image = this;
const GLOW_TIME = 400, ANNOUNCE_DELAY = 500;  // milliseconds
const HANDLE = ".noUi-handle, .ui-slider-handle";  // a slider's handle in ipywidgets 8 and 7

function enhance(panel) {
    const live = image.nextElementSibling;
    const text = () =>
        [...panel.querySelectorAll(".lstm-announced")].map(part => part.textContent.trim()).join(" ").trim();
    let announced = text(), timer, kernelEnded = false;

    function nameControls() {
        panel.setAttribute("role", "group");
        panel.setAttribute("aria-label", image.dataset.title);
        for (const control of panel.querySelectorAll(".lstm-control")) {
            const name = control.querySelector(".lstm-name")?.textContent.trim();
            if (!name) continue;  // not rendered yet
            nameSlider(control, name);
            nameButtons(control, name);
        }
        for (const chip of panel.querySelectorAll(".lstm-chip"))
            chip.setAttribute("aria-pressed", chip.classList.contains("lstm-marked"));
    }

    function nameSlider(control, name) {
        const handle = control.querySelector(HANDLE), input = control.querySelector("input");
        handle?.setAttribute("aria-label", name);
        input?.setAttribute("aria-label", handle ? name + ", as a number" : name);
        if (!handle || !input) return;
        if (handle.matches(".ui-slider-handle")) describeOldSlider(handle, input);
        const mixed = control.classList.contains("lstm-mixed"), valueText = handle.getAttribute("aria-valuetext");
        if (valueText !== "mixed") handle.dataset.number = Math.round(valueText * 1e4) / 1e4;
        const value = mixed ? "mixed" : handle.dataset.number;
        if (valueText !== value) handle.setAttribute("aria-valuetext", value);
        input.placeholder = mixed ? "mixed" : "";
        if (mixed && input !== document.activeElement) input.value = "";
    }

    function nameButtons(control, name) {
        const playButtons = control.querySelectorAll(".widget-play button");
        for (const button of playButtons)
            button.setAttribute("aria-label", button.querySelector(".fa-pause") ? "pause" : "play");
        const group = playButtons.length ? control : control.querySelector(".widget-toggle-buttons");
        group?.setAttribute("role", "group");
        group?.setAttribute("aria-label", name);
        for (const button of control.querySelectorAll(".widget-toggle-button"))
            button.setAttribute("aria-pressed", button.classList.contains("mod-active"));
    }

    // The slider of ipywidgets 7 is jQuery's, without a role and a value for screen readers.
    function describeOldSlider(handle, {min, max}) {
        const value = Number(min) + parseFloat(handle.style.left) / 100 * (max - min);
        const attributes = {role: "slider", "aria-valuemin": min, "aria-valuemax": max, "aria-valuenow": value};
        for (const [name, setting] of Object.entries(attributes)) handle.setAttribute(name, setting);
        if (handle.dataset.place === handle.style.left) return;  // its text is up to date
        handle.dataset.place = handle.style.left;
        handle.setAttribute("aria-valuetext", value);
    }

    // The parts that differ from the previous picture glow for a moment, by a broad line of light under them. It is
    // painted once and removed once; a fading shadow would be repainted again and again, and delay every move.
    let picture, markup, changedAt = [], glowTimer;
    function glow() {
        const svg = panel.querySelector(".lstm-layer svg");
        if (svg === picture || !svg) return;
        const parts = [...svg.querySelectorAll(":scope > g")], before = markup, now = performance.now();
        [picture, markup] = [svg, parts.map(part => part.outerHTML)];
        if (before?.length !== parts.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
        parts.forEach((part, k) => {
            if (markup[k] !== before[k]) changedAt[k] = now;
        });
        clearTimeout(glowTimer);
        light(parts.filter((part, k) => now - changedAt[k] < GLOW_TIME));
        glowTimer = setTimeout(light, GLOW_TIME, []);
    }

    function light(parts) {  // in the still SVG, which screen readers skip
        const still = panel.querySelector(".lstm-picture svg");
        still.querySelector(".lstm-light")?.remove();
        if (!parts.length) return;
        const group = document.createElementNS(still.namespaceURI, "g");
        group.classList.add("lstm-light");
        group.append(...parts.map(part => part.cloneNode(true)));
        for (const line of group.querySelectorAll("[style]"))
            line.style.strokeWidth = (parseFloat(line.style.strokeWidth) || 0) + 8;
        still.append(group);
    }

    function showConnection() {  // JupyterLab adds this class to widgets that lose their kernel in a restart
        const lost = kernelEnded || panel.matches(".jupyter-widgets-disconnected")
            || panel.querySelector(".jupyter-widgets-disconnected") !== null;
        if (lost === panel.classList.contains("lstm-lost")) return;
        panel.classList.toggle("lstm-lost", lost);
        clearTimeout(timer);
        for (const part of panel.children) part.inert = lost && !part.contains(live);
        live.textContent = lost ? "Not connected: run this cell again." : "";
    }

    // When a kernel ends, JupyterLab changes only the status in the toolbar, and it shows the same status for a kernel
    // that is out of reach for a moment. So ask the server.
    async function checkKernel() {
        const status = toolbar()?.querySelector("[data-status]")?.dataset.status;
        const page = document.getElementById("jupyter-config-data");
        if (kernelEnded || ["idle", "busy"].includes(status) || !page || !image.dataset.kernel) return;
        const url = JSON.parse(page.textContent).baseUrl + "api/kernels/" + image.dataset.kernel;
        const token = document.cookie.match(/\b_xsrf=([^;]+)/)?.[1];  // a class's hub requires it
        const headers = token ? {"X-XSRFToken": token} : {};
        const answer = await fetch(url, {headers}).catch(() => null);  // null: no server
        kernelEnded ||= answer?.status === 404 || (answer?.ok && (await answer.json()).execution_state === "dead");
        showConnection();
    }

    function toolbar() {
        return panel.closest(".jp-NotebookPanel")?.querySelector(".jp-NotebookPanel-toolbar");
    }

    function announce() {  // after the last change of a drag, not at every step
        if (text() === announced || panel.classList.contains("lstm-lost")) return;
        clearTimeout(timer);
        timer = setTimeout(() => { live.textContent = announced = text(); }, ANNOUNCE_DELAY);
    }

    // Glow and announcement wait until the frame with the new picture has been painted.
    let scheduled = false;
    function scheduleEffects() {
        if (scheduled) return;
        scheduled = true;
        requestAnimationFrame(() => setTimeout(() => { scheduled = false; glow(); announce(); }));
    }

    // Where the decimal sign is a point, Chromium drops a comma that is typed, and 0,95 becomes 95.
    panel.addEventListener("keydown", event => {
        if (event.key !== "," || event.target.type !== "number" || (0.5).toLocaleString().includes(",")) return;
        event.preventDefault();
        document.execCommand("insertText", false, ".");
    }, {capture: true});  // ipywidgets stops the event at the box

    nameControls();
    showConnection();
    glow();
    new MutationObserver(changes => {
        const outsidePicture = change => !change.target.parentElement?.closest(".lstm-picture");
        if (changes.some(outsidePicture)) { nameControls(); showConnection(); }
        scheduleEffects();
    }).observe(panel, {
        subtree: true, childList: true, characterData: true,
        attributes: true, attributeFilter: ["aria-valuetext", "class"],
    });
    const toolbarChanges = new MutationObserver(checkKernel);
    new IntersectionObserver(entries => {  // a panel out of sight does not watch the kernel
        toolbarChanges.disconnect();
        if (!entries.at(-1).isIntersecting) return;
        checkKernel();
        if (toolbar())
            toolbarChanges.observe(toolbar(), {subtree: true, childList: true, attributeFilter: ["data-status"]});
    }).observe(panel);
}

// The image may load before it is in the panel.
function start(tries) {
    const panel = image.closest(".lstm-panel");
    if (panel) enhance(panel);
    else if (tries) setTimeout(start, 50, tries - 1);
}
start(200);
