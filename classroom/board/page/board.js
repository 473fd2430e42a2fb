// The board's page: polls the board once a second, through restarts of board, hub and proxy, and shows its state.
// Text from the class goes to textContent, never to HTML.
"use strict";

const { prefix, token } = document.documentElement.dataset;
const HEADERS = { "X-XSRFToken": token, "Content-Type": "application/json" };
const POLL_INTERVAL = 1000; // milliseconds
const TIMEOUT = 5000; // for a reply
const ANNOUNCE_INTERVAL = 10000; // between two sentences for a screen reader
const ORDINALS = ["", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth"];
const $ = (id) => document.getElementById(id);

let shown = { version: "", lesson: null, class: 0, questions: [], trouble: "" };
let chosen = null; // the name of a question; null: always the newest
let listed = ""; // the question to which the list has been scrolled
let drawn = ""; // the content of #figures, as JSON
let failures = 0;
let problem = { text: "", until: 0 }; // of this page; shown.trouble is the board's

function element(name, text = "", attributes = {}, children = []) {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function svgElement(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== "") made.textContent = text;
  return made;
}

function setText(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

const ordinal = (vote) => (ORDINALS[vote] ? `${ORDINALS[vote]} vote` : `Vote ${vote}`);
const number = (value) => `${+value.toPrecision(4)}`.replace("-", "−");
const people = (count) => (count === 1 ? "1 student" : `${count} students`);

// --- The lesson and the list of questions

function showLesson() {
  const { lesson, class: size } = shown;
  const open = lesson !== null && lesson.closed === null;
  const when = (seconds) => new Date(seconds * 1000).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" });
  const state = !lesson
    ? "No lesson. Nothing is counted."
    : open
      ? `Lesson open since ${when(lesson.opened)}, ${people(size)} in the class`
      : `Lesson closed ${when(lesson.closed)}. Nothing is counted.`;
  setText("lesson", state);
  $("open").hidden = lesson !== null;
  $("close").hidden = !open;
  $("delete").hidden = open || (lesson === null && !shown.trouble); // an unreadable lesson can be deleted
  showTrouble();
  const none = shown.questions.length === 0;
  document.querySelector("nav").hidden = none;
  document.querySelector("article").hidden = none;
  $("empty").hidden = !none;
  setText(
    "empty",
    open
      ? "No answers yet. What the class answers and predicts appears here."
      : lesson
        ? "There were no answers."
        : "Open a lesson to count the class’s answers here, without names. Close it at the end, and delete the answers when you no longer need them.",
  );
}

function showTrouble() {
  const text = Date.now() < problem.until ? problem.text : shown.trouble;
  setText("trouble", text);
  $("trouble").hidden = !text;
}

function counted(question) {
  const last = question.checks.at(-1) ?? question.predicted.at(-1);
  return last ? `${last.answered} of ${shown.class}` : "";
}

function showList() {
  const list = $("questions");
  const buttons = new Map([...list.querySelectorAll("button")].map((button) => [button.dataset.name, button]));
  for (const question of shown.questions) {
    let button = buttons.get(question.name);
    if (!button) {
      button = element("button", "", { type: "button", "data-name": question.name }, [
        ...breakable(question.name),
        element("span"),
      ]);
      button.addEventListener("click", () => {
        chosen = question.name === shown.questions.at(-1).name ? null : question.name;
        show();
      });
      list.append(element("li", "", {}, [button]));
    }
    const count = counted(question);
    if (button.lastChild.textContent !== count) button.lastChild.textContent = count;
    button.setAttribute("aria-current", String(question === current()));
    buttons.delete(question.name);
  }
  for (const gone of buttons.values()) gone.parentElement.remove();
  showCurrent(list);
}

// A question's name, with allowed line breaks after each dot.
function breakable(name) {
  const [theme, ...rest] = name.split(/(?<=\.)/);
  return [theme, ...rest.flatMap((part) => [element("wbr"), part])];
}

// Scroll the list to the current question, but only after a change: the teacher may be scrolling through the list.
function showCurrent(list) {
  const name = current()?.name ?? "";
  if (name === listed) return;
  listed = name;
  const button = list.querySelector("[aria-current=true]");
  const view = list.closest("nav");
  if (!button) return;
  const [top, bottom] = [button.offsetTop - 16, button.offsetTop + button.offsetHeight + 16 - view.clientHeight];
  view.scrollTop = Math.max(bottom, Math.min(top, view.scrollTop));
}

// --- One question

function current() {
  return shown.questions.find((question) => question.name === chosen) ?? shown.questions.at(-1);
}

function showQuestion() {
  const question = current();
  if (!question) return;
  setText("page", `${question.page}, ${question.name}`);
  setText("todo", question.todo);
  const active = shown.lesson.closed === null;
  $("reveal").hidden = question.predicted.length === 0;
  $("reveal").disabled = question.revealed;
  $("again").disabled = !active;
  document.querySelector("details").hidden = question.guide.length === 0;
  const now = JSON.stringify([question, shown.class]);
  if (now === drawn) return;
  drawn = now;
  const parts = [];
  if (question.checks.length) parts.push(...checks(question.checks));
  if (question.predicted.length) parts.push(...predictions(question));
  $("figures").replaceChildren(...parts);
  $("guide").replaceChildren(
    ...question.guide.map((row) =>
      element("tr", "", {}, row.map((cell) => element("td", cell))),
    ),
  );
}

function figure(value, of, words, kind = "") {
  const text = of === null ? `${value}` : `${value} of ${of}`;
  return element("div", "", { class: `number ${kind}` }, [element("b", text), element("span", words)]);
}

function checks(votes) {
  const parts = [];
  for (const vote of votes) {
    if (votes.length > 1 || vote.vote > 1) parts.push(element("h3", ordinal(vote.vote)));
    parts.push(
      element("div", "", { class: "numbers" }, [
        figure(vote.answered, shown.class, "have answered"),
        figure(vote.first, null, "right at once", "right"),
        figure(vote.now, null, "right by now", "right"),
      ]),
    );
  }
  const rows = new Map(); // keys of a mistake, or of a group that gives the same answer -> counts of the votes
  votes.forEach((vote, place) => {
    const found = vote.mistakes.map(({ keys, sentences, count }) => [keys.join("\n"), sentences, count, true]);
    if (vote.unknown) found.push([null, ["Wrong, but not a mistake that the question knows."], vote.unknown, false]);
    for (const [keys, sentences, count, known] of found) {
      if (!rows.has(keys)) rows.set(keys, { sentences, known, counts: votes.map(() => 0) });
      rows.get(keys).counts[place] = count;
    }
  });
  const sorted = [...rows.values()].sort((a, b) => b.known - a.known || most(b) - most(a));
  if (sorted.length) {
    parts.push(
      element("h3", "Mistakes, and how many made them"),
      element("ol", "", { class: "mistakes" }, sorted.map((row) => mistake(row, votes))),
    );
  }
  return parts;
}

const most = (row) => Math.max(...row.counts);

// The sentence of a mistake, or a list of the sentences of several mistakes that give the same numbers.
function explanation(sentences) {
  if (sentences.length === 1) return [element("p", sentences[0])];
  if (!sentences.length) return [element("p", "Wrong, in a way that fits several mistakes.")];
  const listed = element("ul", "", {}, sentences.map((sentence) => element("li", sentence)));
  return [element("p", "One of these; the numbers do not tell which:"), listed];
}

function mistake(row, votes) {
  const bars = row.counts.map((count, place) =>
    bar(count, shown.class, place < votes.length - 1, votes.length > 1 ? votes[place].vote : 0),
  );
  return element("li", "", {}, [...bars, ...explanation(row.sentences)]);
}

function bar(count, of, earlier, vote, kind = "") {
  const filled = element("i", "", { "aria-hidden": "true" });
  filled.style.width = `${(70 * count) / Math.max(1, of, count)}%`;
  filled.hidden = count === 0;
  const words = vote ? `${count} in the ${ordinal(vote).toLowerCase()}` : `${count}`;
  return element("div", "", { class: `bar ${earlier ? "earlier" : ""} ${kind}` }, [filled, element("b", words)]);
}

function predictions(question) {
  const votes = question.predicted;
  const numbers = votes.map((vote, place) => {
    const words = votes.length > 1 ? `predicted in the ${ordinal(vote.vote).toLowerCase()}` : "have predicted";
    const kind = votes.length === 1 ? "" : place < votes.length - 1 ? "earlier" : "last";
    return figure(vote.answered, shown.class, words, kind);
  });
  const counts = element("div", "", { class: "numbers" }, numbers);
  if (!question.revealed) {
    return [counts, element("p", "Hidden until you press Reveal. Ask again begins another vote.", { class: "hint" })];
  }
  const spread = question.spread.flatMap((part) => [
    ...(part.part ? [element("h3", /^\d+$/.test(part.part) ? `Element ${part.part}` : part.part)] : []),
    ...(part.kind === "numbers" ? [histogram(part, votes), ...outliers(part, votes)] : [words(part, votes)]),
  ]);
  return [counts, ...spread];
}

const WIDTH = 1000;
const HEIGHT = 220; // of the bars
const EDGE = 50;
const TOP = 84;
const FLOOR = TOP + HEIGHT;

function histogram(part, votes) {
  const label = description(part, votes);
  const picture = svgElement("svg", { viewBox: `0 0 ${WIDTH} ${FLOOR + 44}`, role: "img", "aria-label": label });
  const wide = (WIDTH - 2 * EDGE) / (part.edges.length - 1);
  const x = (value) => EDGE + ((value - part.edges[0]) / (part.edges.at(-1) - part.edges[0])) * (WIDTH - 2 * EDGE);
  if (part.truth !== null) {
    const center = x(part.truth);
    const inside = Math.min(WIDTH - 120, Math.max(120, center)); // room for the label
    picture.append(
      svgElement("rect", { class: "near", x: EDGE + part.at * wide, y: 40, width: wide, height: FLOOR - 40 }),
      svgElement("line", { class: "line", x1: center, x2: center, y1: 40, y2: FLOOR }),
      svgElement("text", { class: "true", x: inside, y: 28 }, `truth: ${number(part.truth)}`),
    );
  }
  const highest = Math.max(1, ...part.counts.flat());
  const barWidth = (wide - 6) / votes.length;
  part.counts.forEach((counts, vote) => {
    const kind = vote < votes.length - 1 ? "earlier" : "last";
    counts.forEach((count, place) => {
      if (!count) return;
      const height = (HEIGHT * count) / highest;
      const left = EDGE + place * wide + 3 + vote * barWidth;
      picture.append(
        svgElement("rect", { class: kind, x: left + 2, y: FLOOR - height, width: barWidth - 4, height }),
        svgElement("text", { class: `count ${kind}`, x: left + barWidth / 2, y: FLOOR - height - 8 }, `${count}`),
      );
    });
  });
  picture.append(svgElement("line", { class: "axis", x1: EDGE, x2: WIDTH - EDGE, y1: FLOOR, y2: FLOOR }));
  const step = Math.ceil((part.edges.length - 1) / 11); // at most eleven labels
  part.edges.forEach((edge, place) => {
    if (place % step !== 0) return;
    picture.append(svgElement("text", { x: EDGE + place * wide, y: FLOOR + 30 }, number(edge)));
  });
  return picture;
}

function outliers(part, votes) {
  const sentences = votes.flatMap((vote, place) => {
    const counts = [];
    if (part.below[place]) counts.push(`${part.below[place]} below ${number(part.edges[0])}`);
    if (part.above[place]) counts.push(`${part.above[place]} above ${number(part.edges.at(-1))}`);
    if (!counts.length) return [];
    return [`${counts.join(", ")}${votes.length > 1 ? ` in the ${ordinal(vote.vote).toLowerCase()}` : ""}`];
  });
  return sentences.length ? [element("p", `Far away: ${sentences.join("; ")}.`, { class: "hint" })] : [];
}

// The histogram for a screen reader.
function description(part, votes) {
  const sentences = part.counts.map((counts, place) => {
    const total = counts.reduce((sum, count) => sum + count, part.below[place] + part.above[place]);
    const median = part.median[place] === null ? "" : `, median ${number(part.median[place])}`;
    const vote = votes.length > 1 ? `${ordinal(votes[place].vote)}: ` : "";
    return `${vote}${total} ${total === 1 ? "prediction" : "predictions"}${median}.`;
  });
  return [...sentences, part.truth === null ? "" : `The truth is ${number(part.truth)}.`].join(" ").trim();
}

function words(part, votes) {
  const rows = part.words.map((word, place) => [word, part.counts.map((vote) => vote[place]), word === part.truth]);
  if (part.others.some((count) => count)) rows.push(["other answers, each of one student", part.others, false]);
  return element("ol", "", { class: "mistakes" }, rows.map(([word, counts, right]) =>
    element("li", "", {}, [
      element("p", right ? `${word} (the truth)` : word),
      ...counts.map((count, place) =>
        bar(count, shown.class, place < votes.length - 1, votes.length > 1 ? votes[place].vote : 0, right ? "right" : ""),
      ),
    ]),
  ));
}

// --- For a screen reader: the question's numbers, not at every change

let announced = { text: "", when: 0 };

function announce() {
  const question = current();
  const check = question?.checks.at(-1);
  const text = !question
    ? ""
    : check
      ? `${check.answered} of ${shown.class} have answered, ${check.now} are right by now.`
      : `${counted(question)} have predicted.`;
  if (text === announced.text || Date.now() - announced.when < ANNOUNCE_INTERVAL) return;
  announced = { text, when: Date.now() };
  $("announcement").textContent = text;
}

// --- Polling and acting

function show() {
  showLesson();
  showList();
  showQuestion();
  announce();
}

const LOGGED_OUT = "You are logged out, or no longer a teacher. Load this page again.";

async function request(path, options = {}) {
  const reply = await fetch(prefix + path, { headers: HEADERS, signal: AbortSignal.timeout(TIMEOUT), ...options });
  if (reply.status === 204) return null;
  if (reply.status === 403) throw new Error(LOGGED_OUT);
  if (!reply.ok) throw new Error((await reply.json().catch(() => ({}))).message ?? "");
  return reply.json();
}

function showProblem(text, milliseconds) {
  problem = { text, until: Date.now() + milliseconds };
  showTrouble();
}

async function poll() {
  try {
    const state = await request(`api/board?since=${encodeURIComponent(shown.version)}`);
    if (state) shown = state;
    failures = 0;
    show();
  } catch (error) {
    failures += 1;
    if (error.message === LOGGED_OUT) showProblem(LOGGED_OUT, 2 * POLL_INTERVAL);
    else if (failures >= 3) showProblem("Not connected. Trying again.", 2 * POLL_INTERVAL);
  }
  setTimeout(poll, POLL_INTERVAL);
}

async function act(body, button) {
  button.disabled = true;
  try {
    shown = await request("api/board", { method: "POST", body: JSON.stringify(body) });
    failures = 0;
  } catch (error) {
    showProblem(error.message || "That did not work. Try again.", 10 * POLL_INTERVAL);
    return;
  } finally {
    button.disabled = false;
  }
  show();
  if (button.hidden) $("lesson").focus(); // not the button that has taken its place
  if (button.disabled) $("again").focus();
}

for (const id of ["open", "close", "delete"]) {
  $(id).addEventListener("click", () => {
    if (id !== "delete" || confirm("Delete all answers of this lesson? They cannot be brought back.")) {
      act({ do: id }, $(id));
    }
  });
}
$("reveal").addEventListener("click", () => act({ do: "reveal", question: current().name }, $("reveal")));
$("again").addEventListener("click", () => act({ do: "ask again", question: current().name }, $("again")));
poll();
