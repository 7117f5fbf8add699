"use strict";

function element(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
}

function example(path, operation) {
  const body = operation.requestBody?.content?.["application/json"]?.example;
  const data = body ? " -H 'Content-Type: application/json' -d '" + JSON.stringify(body) + "'" : "";
  return "curl " + location.origin + path + data;
}

fetch("api-doc/openapi.json").then((response) => response.json()).then((api) => {
  for (const tag of api.tags) {
    const table = element("table");
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.tags[0] !== tag.name) continue;
        const row = element("tr");
        const head = element("th");
        head.scope = "row";
        head.append(element("code", method.toUpperCase() + " " + path));
        const text = element("td");
        text.append(element("div", operation.summary), element("pre", example(path, operation)));
        row.append(head, text);
        table.append(row);
      }
    }
    document.getElementById("routes").append(element("h2", tag.name), table);
  }
}).catch((e) => { document.getElementById("status").textContent = e.message; });
