// Player of flip books: explorers whose pictures were drawn when the site was built. flipbook.py describes a book: its
// settings, which presets and choices lead to, and the moves of each single slider at a setting. Nothing is computed
// here: a move looks up its frame, and replaces the elements that differ from the previous frame.
"use strict";

const QUIET = 500;  // milliseconds without a change before the sentence is announced, so that a drag is announced once
const panels = new Map();  // name of a panel in links -> Panel
const opened = [];  // a promise for each book

// Each book's file calls this.
function flipbook(name, packed) {
    const figure = document.querySelector(`[data-book="${name}"]`);
    opened.push(unpacked(packed).then(book => panels.set(figure.dataset.panel, new Panel(figure, book))));
}

async function unpacked(packed) {
    const bytes = Uint8Array.from(atob(packed), letter => letter.charCodeAt(0));
    const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return unfolded(await new Response(json).json());
}

// Replace a book's folded texts by functions from an index to a text; fold.py describes the format.
function unfolded(book) {
    const frames = book.frames.map(sums), parts = book.parts.map(texts);
    return {
        ...book,
        frame: k => frames.map(column => column[k]),  // indices: [still, sentence, part of each artist ...]
        still: texts(book.stills),
        sentence: texts(book.sentences),
        part: (artist, k) => parts[artist](k),
    };
}

function texts(templates) {
    const found = templates.flatMap(({count, pieces, holes, columns}) => {
        const numbers = columns.map(([decimals, steps]) => [decimals, sums(steps)]);
        return Array.from({length: count}, (_, n) => ({pieces, holes, numbers, n}));
    });
    return k => {
        const {pieces, holes, numbers, n} = found[k];
        return pieces.reduce((text, piece, hole) => {
            const [decimals, column] = numbers[holes[hole - 1]];
            return text + inText(column[n], decimals) + piece;
        });
    };
}

function sums(steps) {
    let sum = 0;
    return steps.map(step => sum += step);
}

function inText(number, decimals) {
    if (decimals < 0) return String(number / 100);  // in an SVG tag
    return (number < 0 ? "−" : "") + (Math.abs(number) / 10 ** decimals).toFixed(decimals);
}

// Show the state in the URL: #gate=start&unit=2&b=3.5 is the preset "start" of the panel "gate", then the choices, then
// the slider that was moved.
function openLink() {
    const [[name, preset] = [], ...moves] = new URLSearchParams(location.hash.slice(1));
    panels.get(name)?.open(preset, moves);
}
addEventListener("DOMContentLoaded", () => Promise.all(opened).then(openLink));
addEventListener("hashchange", openLink);

class Panel {
    constructor(figure, book) {
        Object.assign(this, {figure, book, picture: new Picture(book), controls: new Map(), moved: null, news: ""});
        this.pressed = book.presets[0];
        for (const facts of book.controls) {
            const id = `${figure.dataset.panel}-${facts.name}`, request = (value, note) => this.move(facts.name, value, note);
            this.controls.set(facts.name, new KINDS[facts.kind](facts, id, request));
        }
        this.chips = book.presets.map(preset => button(preset, () => this.choose(preset)));
        this.build();
        this.go(book.opens);
        clearTimeout(this.waiting);  // announce only changes
    }

    // Add the controls to the figure, which already contains the picture, the sentence and a link to the live edition.
    build() {
        const {figure, book} = this;
        const presets = make("div", {className: "lstm-flow", role: "group", ariaLabel: "Try"}, "Try:", ...this.chips);
        const controls = [...this.controls.values()].map(control => control.element);
        const rail = {className: "lstm-rail", role: "group", ariaLabel: book.title};
        figure.classList.add("lstm-panel");
        figure.prepend(make("div", rail, ...controls, presets));
        figure.querySelector("img").replaceWith(this.picture.element);
        this.sentence = figure.querySelector(".sentence");
        this.note = make("strong");
        this.link = make("a", {textContent: "Link to this picture"});
        this.voice = make("div", {className: "lstm-voice", ariaLive: "polite"});
        figure.querySelector(".together").prepend(this.note);
        figure.querySelector(".together").append(" ", this.link);
        figure.append(this.voice);
    }

    // A preset may move all controls, so none is reported as moved back.
    choose(preset) {
        this.moved = null;
        this.pressed = preset;
        this.pause();
        this.go(this.setting.presets[preset]);
    }

    // Move one control. A control that was moved before returns to its position in the setting.
    move(name, value, note = "") {
        const {moves, choices, positions} = this.setting;
        this.pause(name);
        if (!(name in moves)) return this.go(choices[name][value]);
        if (this.moved?.name !== name) this.bringBack();
        const {at, frames, holds, positions: others} = moves[name], k = at.indexOf(value);
        this.moved = value === positions[name] ? null : {name, value};
        if (note) this.news = note;
        this.show({frame: frames[k], holds: holds[k], positions: {...positions, ...others?.[k], [name]: value}}, note);
    }

    go(index) {
        this.bringBack();
        this.setting = this.book.settings[index];
        this.show(this.setting);
    }

    bringBack() {
        this.back = "";
        if (!this.moved) return;
        const control = this.controls.get(this.moved.name), home = this.setting.positions[this.moved.name];
        this.news = this.back = `${control.name} is back ${home === null ? "where it was" : `at ${written(home)}`}. `;
        this.moved = null;
        control.flash();
    }

    // Pause all players, except the control that is being moved.
    pause(name) {
        for (const [other, control] of this.controls) if (other !== name) control.pause();
    }

    show({frame, positions, holds}, note = "") {
        const [still, index, ...parts] = this.book.frame(frame), sentence = this.book.sentence(index);
        this.picture.show(still, parts, `${this.book.title}. ${sentence}`);
        for (const [name, control] of this.controls) control.show(positions[name], this.places(name));
        const marked = holds.includes(this.pressed) ? this.pressed : holds[0];  // as `Panel._mark_chip` does
        for (const chip of this.chips) {
            chip.ariaPressed = chip.textContent === marked;
            chip.disabled = !(chip.textContent in this.setting.presets);
        }
        this.sentence.textContent = sentence;
        this.note.textContent = note || this.back;
        this.link.href = `#${this.address()}`;
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => {
            this.voice.textContent = this.news + sentence;
            this.news = "";
        }, QUIET);
    }

    // The places that a control can move to at this setting: numbers, or names of options.
    places(name) {
        return this.setting.moves[name]?.at ?? Object.keys(this.setting.choices[name] ?? {});
    }

    // The state as a link: the shortest path to the setting, and the control that was moved there.
    address() {
        const {settings, opens} = this.book;
        const presets = Object.entries(settings[opens].presets);
        const paths = presets.flatMap(([preset, index]) => this.paths(preset, settings[index]));
        const [path] = paths.sort((a, b) => a.length - b.length);
        if (path && this.moved) path.push([this.moved.name, this.moved.value]);
        return new URLSearchParams(path);
    }

    // The path of choices from a preset's setting to this one, in a list; an empty list if there is none.
    paths(preset, setting) {
        const steps = [[this.figure.dataset.panel, anchor(preset)]], {positions} = this.setting;
        for (const name of Object.keys(setting.choices)) {
            if (setting?.positions[name] === positions[name]) continue;
            steps.push([name, positions[name]]);
            setting = this.book.settings[setting?.choices[name]?.[positions[name]]];
        }
        return setting === this.setting ? [steps] : [];
    }

    open(preset, moves) {
        this.moved = null;
        this.pressed = this.book.presets[0];
        this.go(this.book.opens);
        const name = this.book.presets.find(name => anchor(name) === preset);
        if (name) this.choose(name);
        for (const [name, value] of moves) {
            const places = this.places(name);
            const place = places.find(place => String(place) === value) ?? nearest(this.setting.moves[name]?.at ?? [], value);
            if (place !== undefined) this.move(name, place);
        }
        this.figure.scrollIntoView();
    }
}

// A still drawing, and a layer over it with the parts that move.
class Picture {
    constructor(book) {
        this.book = book;
        this.parts = [];
        this.still = make("div");
        this.layer = make("div", {innerHTML: `${book.head}${"<g></g>".repeat(book.parts.length)}</svg>`});
        this.layer.firstChild.role = "img";
        this.element = make("div", {className: "lstm-picture"}, this.still, this.layer);
        this.element.style.setProperty("--ratio", book.width / book.height);
    }

    show(still, parts, name) {
        const svg = this.layer.firstChild;
        if (still !== this.drawn) this.still.innerHTML = this.book.still(this.drawn = still);
        parts.forEach((part, artist) => {
            if (part !== this.parts[artist]) svg.children[artist].outerHTML = this.book.part(artist, part);
        });
        this.parts = parts;
        svg.ariaLabel = name;
    }
}

// View of one value. `show` receives the value and the places that can be reached; a user's move calls `request`.
class Control {
    constructor(facts, kind, label, ...parts) {
        label.className = "lstm-name";
        label.innerHTML = facts.label;
        this.label = label.textContent.trim();
        this.name = label.querySelector("b")?.textContent ?? this.label;
        this.element = make("div", {className: `lstm-control ${kind} lstm-ink-${facts.ink ?? "x"}`}, label, ...parts);
    }

    asGroup() {
        Object.assign(this.element, {role: "group", ariaLabel: this.label});
    }

    // Draw attention to a control that was moved back.
    flash() {
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
        this.element.animate([{background: "var(--lstm-glow)"}, {background: "transparent"}], 1500);
    }

    pause() {}
}

class Slider extends Control {
    constructor(facts, id, request) {
        const box = make("input", {type: "number", min: facts.min, max: facts.max, step: "any"});
        const track = make("input", {type: "range", min: 0, id});
        super(facts, "lstm-slider", make("label", {htmlFor: id}), box, track);
        Object.assign(this, {box, track, request});
        box.ariaLabel = `${this.label}, as a number`;
        box.addEventListener("change", () => this.onType(box.valueAsNumber));
        box.addEventListener("keydown", event => this.onKey(event));
        track.addEventListener("input", () => request(this.places[track.valueAsNumber]));
    }

    onType(value) {
        const place = nearest(this.places, value);
        if (place === undefined) return this.show(this.value, this.places);
        const exact = written(place) === written(value);
        this.request(place, exact ? "" : `There is no picture at ${value}; this is the nearest. `);
    }

    // The up and down keys in the box go to the next picture. Where the decimal sign is a point, Chromium drops a comma.
    onKey(event) {
        if (event.key === "," && !(0.5).toLocaleString().includes(",")) {
            event.preventDefault();
            document.execCommand("insertText", false, ".");
        }
        const step = {ArrowUp: 1, ArrowDown: -1}[event.key];
        if (!step) return;
        event.preventDefault();
        this.track.valueAsNumber += step;
        this.request(this.places[this.track.valueAsNumber]);
    }

    // The value null means mixed values: the handle is hollow, in the middle.
    show(value, places) {
        const {box, track} = this, mixed = value === null, text = mixed ? "mixed" : written(value);
        Object.assign(this, {value, places: places.map(Number)});
        track.max = Math.max(0, places.length - 1);
        track.value = mixed ? track.max / 2 : this.places.indexOf(nearest(this.places, value));
        track.ariaValueText = text;
        track.disabled = box.disabled = places.length < 2;
        box.value = mixed ? "" : text;
        box.placeholder = mixed ? text : "";
        this.element.classList.toggle("lstm-mixed", mixed);
    }
}

class Choice extends Control {
    constructor(facts, id, request) {
        const buttons = facts.options.map(option => button(option, () => request(option)));
        super(facts, "lstm-flow", make("span"), ...buttons);
        this.buttons = buttons;
        this.asGroup();
    }

    show(value, places) {
        for (const button of this.buttons) {
            const option = button.textContent;
            button.ariaPressed = option === value;
            button.disabled = option !== value && !places.includes(option);
        }
    }
}

class Player extends Control {
    constructor(facts, id, request) {
        const play = button("play", () => this.playing ? this.pause() : this.start(facts.interval));
        const step = button("step", () => this.jump(this.value + facts.stride));
        const back = button("back to the start", () => this.jump(this.places[0]));
        super(facts, "lstm-flow", make("span"), play, step, back);
        Object.assign(this, {play, request});
        this.asGroup();
    }

    show(value, places) {
        Object.assign(this, {value: Number(value), places: places.map(Number)});
    }

    start(interval) {
        if (this.value === this.places.at(-1)) this.jump(this.places[0]);
        this.play.textContent = "pause";
        this.playing = setInterval(() => {
            const next = this.places[this.places.indexOf(this.value) + 1];
            if (next === undefined) this.pause();
            else this.request(next);
        }, interval);
    }

    pause() {
        clearInterval(this.playing);
        this.playing = null;
        this.play.textContent = "play";
    }

    // A user's move pauses the player.
    jump(value) {
        this.pause();
        this.request(nearest(this.places, value));
    }
}

// A text cannot be changed here: a book cannot hold pictures for every text.
class FixedText extends Control {
    constructor(facts) {
        const text = make("samp");
        super(facts, "lstm-flow", make("span"), text);
        this.text = text;
    }

    show(value) {
        this.text.textContent = value;
    }
}

const KINDS = {slider: Slider, choice: Choice, player: Player, text: FixedText};

function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
}

function button(words, press) {
    const element = make("button", {type: "button"}, words);
    element.addEventListener("click", press);
    return element;
}

// The place nearest to a number; undefined for NaN.
function nearest(places, value) {
    if (Number.isNaN(Number(value))) return undefined;
    return places.reduce((best, place) => Math.abs(place - value) < Math.abs(best - value) ? place : best, places[0]);
}

// A number as text, with at most two decimals.
function written(value) {
    return String(Number(Number(value).toFixed(2)));
}

// The name of a preset in a link, such as only-a-bias-of-minus-4.
function anchor(name) {
    return name.toLowerCase().replace("−", "minus ").replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-|-$/g, "");
}
