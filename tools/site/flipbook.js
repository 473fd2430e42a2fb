// The player of a flip book: an explorer of the notebooks whose pictures were drawn when the site was built. What a book
// holds is said in flipbook.py: settings, which presets and choices lead to, and where each slider alone leads from there.
// Nothing is computed here. A move looks up its frame, and puts in place what was not there in the frame before.
"use strict";

const QUIET = 500;  // milliseconds after the last change until it is spoken: a drag is not read out step by step
const panels = new Map();  // name of a panel, as links have it -> Panel
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

// A book whose texts are asked for by their numbers: fold.py says how they are written.
function unfolded(book) {
    const frames = book.frames.map(sums), parts = book.parts.map(texts);
    return {
        ...book,
        frame: k => frames.map(column => column[k]),  // [still, sentence, part of the first artist, of the second, ...]
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
        return pieces.reduce((text, piece, at) => {
            const [decimals, column] = numbers[holes[at - 1]];
            return text + inText(column[n], decimals) + piece;
        });
    };
}

function sums(steps) {
    let sum = 0;
    return steps.map(step => sum += step);
}

function inText(number, decimals) {
    if (decimals < 0) return String(number / 100);  // in a tag of SVG
    return (number < 0 ? "−" : "") + (Math.abs(number) / 10 ** decimals).toFixed(decimals);
}

// A link carries a state. #gate=start&unit=2&b=3.5 is the preset "start" of the panel "gate"; then what is chosen; then
// the one slider that is moved.
function follow() {
    const [[name, preset] = [], ...moves] = new URLSearchParams(location.hash.slice(1));
    panels.get(name)?.open(preset, moves);
}
addEventListener("DOMContentLoaded", () => Promise.all(opened).then(follow));
addEventListener("hashchange", follow);

class Panel {
    constructor(figure, book) {
        Object.assign(this, {figure, book, picture: new Picture(book), controls: new Map(), moved: null, news: ""});
        this.pressed = book.presets[0];
        for (const facts of book.controls) {
            const id = `${figure.dataset.panel}-${facts.name}`, ask = (value, word) => this.move(facts.name, value, word);
            this.controls.set(facts.name, new KINDS[facts.kind](facts, id, ask));
        }
        this.chips = book.presets.map(preset => button(preset, () => this.choose(preset)));
        this.build();
        this.go(book.opens);
        clearTimeout(this.waiting);  // nothing has changed yet
    }

    // The page has the picture, the sentence, and the way to the live edition.
    build() {
        const {figure, book} = this;
        const tries = make("div", {className: "lstm-flow", role: "group", ariaLabel: "Try"}, "Try:", ...this.chips);
        const controls = [...this.controls.values()].map(control => control.element);
        const rail = {className: "lstm-rail", role: "group", ariaLabel: book.title};
        figure.classList.add("lstm-panel");
        figure.prepend(make("div", rail, ...controls, tries));
        figure.querySelector("img").replaceWith(this.picture.element);
        this.words = figure.querySelector(".sentence");
        this.note = make("strong");
        this.link = make("a", {textContent: "Link to this picture"});
        this.voice = make("div", {className: "lstm-voice", ariaLive: "polite"});
        figure.querySelector(".together").prepend(this.note);
        figure.querySelector(".together").append(" ", this.link);
        figure.append(this.voice);
    }

    // By a preset everything moves, so nothing is said of what goes back.
    choose(preset) {
        this.moved = null;
        this.pressed = preset;
        this.rest();
        this.go(this.setting.presets[preset]);
    }

    // Move one control alone. Another one that was moved before goes back to where the setting has it.
    move(name, value, word = "") {
        const {moves, choices, positions} = this.setting;
        this.rest(name);
        if (!(name in moves)) return this.go(choices[name][value]);
        if (this.moved?.name !== name) this.bringBack();
        const {at, frames, holds, positions: others} = moves[name], k = at.indexOf(value);
        this.moved = value === positions[name] ? null : {name, value};
        if (word) this.news = word;
        this.show({frame: frames[k], holds: holds[k], positions: {...positions, ...others?.[k], [name]: value}}, word);
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

    // What plays ends when a hand moves something else.
    rest(name) {
        for (const [other, control] of this.controls) if (other !== name) control.rest();
    }

    show({frame, positions, holds}, word = "") {
        const [still, sentence, ...parts] = this.book.frame(frame), said = this.book.sentence(sentence);
        this.picture.show(still, parts, `${this.book.title}. ${said}`);
        for (const [name, control] of this.controls) control.show(positions[name], this.places(name));
        const marked = holds.includes(this.pressed) ? this.pressed : holds[0];  // as `Panel._mark_chip` does
        for (const chip of this.chips) {
            chip.ariaPressed = chip.textContent === marked;
            chip.disabled = !(chip.textContent in this.setting.presets);
        }
        this.words.textContent = said;
        this.note.textContent = word || this.back;
        this.link.href = `#${this.address()}`;
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => {
            this.voice.textContent = this.news + said;
            this.news = "";
        }, QUIET);
    }

    // Where a control alone can go from here: numbers, or names of options.
    places(name) {
        return this.setting.moves[name]?.at ?? Object.keys(this.setting.choices[name] ?? {});
    }

    // The state as a link has it: the shortest way to the setting, and what is moved there.
    address() {
        const {settings, opens} = this.book, ways = [];
        for (const [preset, index] of Object.entries(settings[opens].presets)) ways.push(...this.way(preset, settings[index]));
        const [way] = ways.sort((one, other) => one.length - other.length);
        if (way && this.moved) way.push([this.moved.name, this.moved.value]);
        return new URLSearchParams(way);
    }

    // The choices that lead from a preset's setting to this one, if they do.
    way(preset, setting) {
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

// Two drawings, one over the other: what stands still, and what moves.
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

// A view of one value. It is shown the value, and the places it can go to from there; moved by a hand, it asks for one.
class Control {
    constructor(facts, kind, label, ...parts) {
        label.className = "lstm-name";
        label.innerHTML = facts.label;
        this.words = label.textContent.trim();
        this.name = label.querySelector("b")?.textContent ?? this.words;
        this.element = make("div", {className: `lstm-control ${kind} lstm-ink-${facts.ink ?? "x"}`}, label, ...parts);
    }

    asGroup() {
        Object.assign(this.element, {role: "group", ariaLabel: this.words});
    }

    // It has moved by itself, and nobody is to overlook that.
    flash() {
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
        this.element.animate([{background: "var(--lstm-glow)"}, {background: "transparent"}], 1500);
    }

    rest() {}
}

class Slider extends Control {
    constructor(facts, id, ask) {
        const box = make("input", {type: "number", min: facts.min, max: facts.max, step: "any"});
        const track = make("input", {type: "range", min: 0, id});
        super(facts, "lstm-slider", make("label", {htmlFor: id}), box, track);
        Object.assign(this, {box, track, ask});
        box.ariaLabel = `${this.words}, as a number`;
        box.addEventListener("change", () => this.typed(box.valueAsNumber));
        box.addEventListener("keydown", event => this.pressed(event));
        track.addEventListener("input", () => ask(this.places[track.valueAsNumber]));
    }

    typed(value) {
        const place = nearest(this.places, value);
        if (place === undefined) return this.show(this.value, this.places);
        const there = written(place) === written(value);
        this.ask(place, there ? "" : `There is no picture at ${value}; this is the nearest. `);
    }

    // An arrow key goes to the next picture.
    pressed(event) {
        const by = {ArrowUp: 1, ArrowDown: -1}[event.key];
        if (!by) return;
        event.preventDefault();
        this.track.valueAsNumber += by;
        this.ask(this.places[this.track.valueAsNumber]);
    }

    // Of several values that differ it is shown null: its handle is hollow, and stands in the middle.
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
    constructor(facts, id, ask) {
        const buttons = facts.options.map(option => button(option, () => ask(option)));
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
    constructor(facts, id, ask) {
        const play = button("play", () => this.playing ? this.rest() : this.start(facts.interval));
        const step = button("step", () => this.jump(this.value + facts.stride));
        const back = button("back to the start", () => this.jump(this.places[0]));
        super(facts, "lstm-flow", make("span"), play, step, back);
        Object.assign(this, {play, ask});
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
            if (next === undefined) this.rest();
            else this.ask(next);
        }, interval);
    }

    rest() {
        clearInterval(this.playing);
        this.playing = null;
        this.play.textContent = "play";
    }

    // Go there by hand, which ends the play.
    jump(value) {
        this.rest();
        this.ask(nearest(this.places, value));
    }
}

// A text stays as it was typed: of what else might be typed there is no end.
class Words extends Control {
    constructor(facts) {
        const text = make("samp");
        super(facts, "lstm-flow", make("span"), text);
        this.text = text;
    }

    show(value) {
        this.text.textContent = value;
    }
}

const KINDS = {slider: Slider, choice: Choice, player: Player, text: Words};

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

// The place that is nearest to a number; of what is no number there is none.
function nearest(places, value) {
    if (Number.isNaN(Number(value))) return undefined;
    return places.reduce((best, place) => Math.abs(place - value) < Math.abs(best - value) ? place : best, places[0]);
}

// A number as a box has it, with two decimals at most.
function written(value) {
    return String(Number(Number(value).toFixed(2)));
}

// The name of a preset as a link has it: only-a-bias-of-minus-4.
function anchor(name) {
    return name.toLowerCase().replace("−", "minus ").replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-|-$/g, "");
}
