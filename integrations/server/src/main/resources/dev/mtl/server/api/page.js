"use strict";

const byId = (id) => document.getElementById(id);
let models = [];
let asked = 0;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

async function call(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (byId("key").value) headers.Authorization = "Bearer " + byId("key").value;
  const start = performance.now();
  const response = await fetch(path, body === undefined
    ? { headers }
    : { method: "POST", headers, body: JSON.stringify(body) });
  if (response.status === 401) byId("key-row").hidden = false;
  const json = await response.json();
  if (!response.ok) throw new Error(json.error || "status " + response.status);
  return { json, milliseconds: performance.now() - start, tokens: response.headers.get("x-compute-tokens") };
}

function say(text, wrong) {
  byId("status").textContent = text;
  byId("status").className = wrong ? "wrong" : "";
}

async function readModels() {
  const info = await call("info");
  models = info.json.models;
  for (const id of ["model-1", "model-2"]) {
    const select = byId(id);
    const before = select.value;
    select.replaceChildren(...models.map((model) => new Option(model.model_id)));
    if (models.some((model) => model.model_id === before)) select.value = before;
  }
  if (models.length > 1 && byId("model-2").selectedIndex === 0) byId("model-2").selectedIndex = 1;
}

function bars(labels, chosen) {
  const list = element("ul");
  for (const { label, score } of labels) {
    const item = element("li", label === chosen ? "bar best" : "bar");
    item.append(element("span", "name", label), element("span", "score", (100 * score).toFixed(1) + " %"));
    const track = element("span", "track");
    const fill = element("span", "fill");
    fill.style.width = Math.max(0, Math.min(100, 100 * score)) + "%";
    track.append(fill);
    item.append(track);
    list.append(item);
  }
  return list;
}

function marked(text, entities) {
  const paragraph = element("p", "text");
  const colors = new Map();
  let end = 0;
  for (const entity of entities) {
    if (entity.start < end) continue;
    if (!colors.has(entity.label)) colors.set(entity.label, colors.size % 5);
    paragraph.append(text.slice(end, entity.start));
    const mark = element("mark", "mark-" + colors.get(entity.label), text.slice(entity.start, entity.end));
    mark.title = entity.label + ", " + (100 * entity.score).toFixed(1) + " %";
    mark.append(element("span", "label", entity.label));
    paragraph.append(mark);
    end = entity.end;
  }
  paragraph.append(text.slice(end));
  return paragraph;
}

function prediction(text, name, value) {
  const parts = [element("h3", "", name)];
  if (value.labels) {
    if (!value.label) parts.push(element("p", "quiet", "none of its labels"));
    parts.push(bars(value.labels, value.label));
  } else if (value.entities) {
    parts.push(marked(text, value.entities));
    if (value.entities.length === 0) parts.push(element("p", "quiet", "no entities"));
  } else {
    parts.push(element("pre", "", JSON.stringify(value)));
  }
  return parts;
}

async function show(text, model) {
  const section = element("section");
  section.setAttribute("aria-label", model.model_id);
  const answer = await call("nlu", { inputs: text, model: model.model_id, top_k: 5, embedding: true });
  const result = answer.json[0];
  const head = element("div", "head");
  head.append(element("h2", "", model.model_id),
    element("p", "ms", answer.milliseconds.toFixed(1) + " ms, " + answer.tokens + " tokens"));
  section.append(head);
  for (const [name, value] of Object.entries(result.tasks)) section.append(...prediction(text, name, value));
  if (Object.keys(result.tasks).length === 0) {
    section.append(element("h3", "", "Embedding"),
      element("pre", "", result.embedding.slice(0, 8).map((x) => x.toFixed(4)).join("  ")
        + "  ... " + result.embedding.length + " numbers"));
  }
  if (model.examples) {
    const near = await call("nearest", { inputs: text, model: model.model_id });
    const list = element("ul");
    for (const each of near.json) {
      const item = element("li", "near");
      item.append(element("span", "", each.text + (each.label ? " (" + each.label + ")" : "")),
        element("span", "score", each.score.toFixed(3)));
      list.append(item);
    }
    section.append(element("h3", "", "Nearest examples"), list);
  }
  return section;
}

async function analyze() {
  const text = byId("text").value;
  const turn = ++asked;
  say("Computing ...");
  try {
    if (models.length === 0) await readModels();
    const two = byId("view-two").getAttribute("aria-pressed") === "true";
    const names = [byId("model-1").value].concat(two ? [byId("model-2").value] : []);
    const sections = [];
    for (const name of names) {
      sections.push(await show(text, models.find((model) => model.model_id === name)));
    }
    if (turn !== asked) return;
    byId("results").replaceChildren(...sections);
    say("");
  } catch (e) {
    if (turn === asked) say(e.message, true);
  }
}

function view(two) {
  byId("view-one").setAttribute("aria-pressed", String(!two));
  byId("view-two").setAttribute("aria-pressed", String(two));
  byId("second").hidden = !two;
  if (byId("results").children.length > 0) analyze();
}

byId("ask").addEventListener("submit", (event) => { event.preventDefault(); analyze(); });
byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); analyze(); }
});
byId("view-one").addEventListener("click", () => view(false));
byId("view-two").addEventListener("click", () => view(true));
byId("key").addEventListener("change", () => readModels().then(() => say("")).catch((e) => say(e.message, true)));
readModels().catch((e) => say(e.message, true));
