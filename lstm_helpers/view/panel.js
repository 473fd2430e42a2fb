// What ipywidgets leaves out. A slider has no name and says its value as 0.30000000000000004; of a row of buttons
// nothing says which is pressed; a text is replaced as a whole, so that a screen reader never hears of it, and a picture,
// so that nobody sees what has changed in it; and when the kernel has gone, the controls move on, and no picture moves
// with them.
const image = this;
const GLOW = 400;  // milliseconds
const HANDLE = ".noUi-handle, .ui-slider-handle";  // of a slider of ipywidgets 8, and of 7

function dress(panel) {
    const live = image.nextElementSibling;
    const text = () => [...panel.querySelectorAll(".lstm-spoken")].map(part => part.textContent.trim()).join(" ").trim();
    let said = text(), waiting, ended = false;

    function name() {
        panel.setAttribute("role", "group");
        panel.setAttribute("aria-label", image.dataset.title);
        for (const control of panel.querySelectorAll(".lstm-control")) {
            const words = control.querySelector(".lstm-name")?.textContent.trim();
            if (!words) continue;  // its view is not there yet
            const handle = control.querySelector(HANDLE), input = control.querySelector("input");
            handle?.setAttribute("aria-label", words);
            input?.setAttribute("aria-label", handle ? words + ", as a number" : words);
            if (handle?.matches(".ui-slider-handle") && input) introduce(handle, input);
            const mixed = control.classList.contains("lstm-mixed"), told = handle?.getAttribute("aria-valuetext");
            if (handle && told !== "mixed") handle.dataset.number = Math.round(told * 1e4) / 1e4;
            const value = mixed ? "mixed" : handle?.dataset.number;
            if (handle && told !== value) handle.setAttribute("aria-valuetext", value);
            const box = handle && input;
            if (box) box.placeholder = mixed ? "mixed" : "";
            if (box && mixed && box !== document.activeElement) box.value = "";
            const play = control.querySelectorAll(".widget-play button");
            for (const button of play)
                button.setAttribute("aria-label", button.querySelector(".fa-pause") ? "pause" : "play");
            const buttons = play.length ? control : control.querySelector(".widget-toggle-buttons");
            buttons?.setAttribute("role", "group");
            buttons?.setAttribute("aria-label", words);
            for (const button of control.querySelectorAll(".widget-toggle-button"))
                button.setAttribute("aria-pressed", button.classList.contains("mod-active"));
        }
        for (const chip of panel.querySelectorAll(".lstm-chip"))
            chip.setAttribute("aria-pressed", chip.classList.contains("lstm-marked"));
    }

    // The slider of ipywidgets 7 is jQuery's, which tells nobody that it is one, nor where it stands.
    function introduce(handle, {min, max}) {
        const value = Number(min) + parseFloat(handle.style.left) / 100 * (max - min);
        const facts = {role: "slider", "aria-valuemin": min, "aria-valuemax": max, "aria-valuenow": value};
        for (const [name, fact] of Object.entries(facts)) handle.setAttribute(name, fact);
        if (handle.dataset.place === handle.style.left) return;  // its text is as it should be
        handle.dataset.place = handle.style.left;
        handle.setAttribute("aria-valuetext", value);
    }

    // What is drawn otherwise than it was glows for a moment: a broad line of light lies under it, painted once and taken
    // away once. A shadow that fades would be painted over and over, and every move would have to wait for it.
    let picture, drawn, since = [], fading;
    function glow() {
        const svg = panel.querySelector(".lstm-layer svg");
        if (svg === picture || !svg) return;
        const parts = [...svg.querySelectorAll(":scope > g")], before = drawn, now = performance.now();
        [picture, drawn] = [svg, parts.map(part => part.outerHTML)];
        if (before?.length !== parts.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
        parts.forEach((part, k) => {
            if (drawn[k] !== before[k]) since[k] = now;
        });
        clearTimeout(fading);
        shine(parts.filter((part, k) => now - since[k] < GLOW));
        fading = setTimeout(shine, GLOW, []);
    }

    function shine(parts) {  // in what stands still, which a screen reader passes over
        const still = panel.querySelector(".lstm-picture svg"), light = document.createElementNS(still.namespaceURI, "g");
        still.querySelector(".lstm-light")?.remove();
        if (!parts.length) return;
        light.classList.add("lstm-light");
        light.append(...parts.map(part => part.cloneNode(true)));
        for (const line of light.querySelectorAll("[style]"))
            line.style.strokeWidth = (parseFloat(line.style.strokeWidth) || 0) + 8;
        still.append(light);
    }

    function connect() {  // JupyterLab gives this class to what has lost its kernel in a restart
        const lost = ended || panel.matches(".jupyter-widgets-disconnected")
            || panel.querySelector(".jupyter-widgets-disconnected") !== null;
        if (lost === panel.classList.contains("lstm-lost")) return;
        panel.classList.toggle("lstm-lost", lost);
        clearTimeout(waiting);
        for (const part of panel.children) part.inert = lost && !part.contains(live);
        live.textContent = lost ? "Not connected: run this cell again." : "";
    }

    // Of a kernel that has ended, JupyterLab says so in the toolbar alone, in words that it has as well for one that is
    // out of reach for a moment. Which of the two it is, the server knows.
    async function look() {
        const status = toolbar()?.querySelector("[data-status]")?.dataset.status;
        const page = document.getElementById("jupyter-config-data");
        if (ended || ["idle", "busy"].includes(status) || !page || !image.dataset.kernel) return;
        const url = JSON.parse(page.textContent).baseUrl + "api/kernels/" + image.dataset.kernel;
        const token = document.cookie.match(/\b_xsrf=([^;]+)/)?.[1];  // a class's hub answers nobody without it
        const headers = token ? {"X-XSRFToken": token} : {};
        const answer = await fetch(url, {headers}).catch(() => null);  // null: there is no server to ask
        ended ||= answer?.status === 404 || (answer?.ok && (await answer.json()).execution_state === "dead");
        connect();
    }

    function toolbar() {
        return panel.closest(".jp-NotebookPanel")?.querySelector(".jp-NotebookPanel-toolbar");
    }

    function speak() {  // half a second after the last change: a drag is not read out step by step
        if (text() === said || panel.classList.contains("lstm-lost")) return;
        clearTimeout(waiting);
        waiting = setTimeout(() => { live.textContent = said = text(); }, 500);
    }

    // A picture is first of all shown: what makes it glow and what is said of it come after the frame that shows it.
    let shown = true;
    function afterwards() {
        if (!shown) return;  // a frame is on its way
        shown = false;
        requestAnimationFrame(() => setTimeout(() => { shown = true; glow(); speak(); }));
    }

    name();
    connect();
    glow();
    new MutationObserver(changes => {
        const elsewhere = change => !change.target.parentElement?.closest(".lstm-picture");
        if (changes.some(elsewhere)) { name(); connect(); }
        afterwards();
    }).observe(panel, {
        subtree: true, childList: true, characterData: true,
        attributes: true, attributeFilter: ["aria-valuetext", "class"],
    });
    const changes = new MutationObserver(look);
    new IntersectionObserver(entries => {  // a panel that is out of sight, or gone, follows nothing
        changes.disconnect();
        if (!entries.at(-1).isIntersecting) return;
        look();
        if (toolbar()) changes.observe(toolbar(), {subtree: true, childList: true, attributeFilter: ["data-status"]});
    }).observe(panel);
}

// The image may be loaded before it hangs in the panel.
function begin(tries) {
    const panel = image.closest(".lstm-panel");
    if (panel) dress(panel);
    else if (tries) setTimeout(begin, 50, tries - 1);
}
begin(200);
