// The page of the API, drawn from its own description: no other site is asked for anything.
"use strict";

const make = (tag, text, attributes = {}) => {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

// An example of what a schema describes; a schema that names itself ends there.
function example(schema, schemas, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.$ref) return example(schemas[schema.$ref.split("/").pop()], schemas, depth + 1);
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return example(schema.anyOf[0], schemas, depth + 1);
  if (schema.type === "array") return [example(schema.items, schemas, depth + 1)];
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, each]) => [name, example(each, schemas, depth + 1)]));
  }
  const plain = { integer: 1, number: "0.00", boolean: true, object: {} };
  return plain[schema.type] ?? schema.format ?? "text";
}

function section(title, content) {
  const made = make("section");
  made.append(make("h4", title), content);
  return made;
}

function table(headings, rows) {
  const made = make("table");
  const head = made.createTHead().insertRow();
  headings.forEach((each) => head.append(make("th", each, { scope: "col" })));
  const body = made.createTBody();
  rows.forEach((row) => {
    const line = body.insertRow();
    row.forEach((cell) => (line.insertCell().textContent = cell ?? ""));
  });
  return made;
}

function operation(method, path, said, schemas) {
  const made = make("details", null, { "data-search": `${method} ${path} ${said["x-action"]} ${said.summary}`.toLowerCase() });
  const summary = make("summary");
  summary.append(make("span", method.toUpperCase(), { class: "method" }), make("code", path),
    make("span", said["x-action"] === "public" ? "no sign-in needed" : said["x-action"], { class: "action" }));
  const inside = make("div");
  inside.append(make("p", said.description));
  if (said.parameters?.length) {
    inside.append(section("Parameters", table(["name", "in", "what"],
      said.parameters.map((each) => [each.name + (each.required ? " (required)" : ""), each.in, each.description ?? each.schema?.description]))));
  }
  for (const [type, body] of Object.entries(said.requestBody?.content ?? {})) {
    inside.append(section(`Body, ${type}`, make("pre", JSON.stringify(example(body.schema, schemas), null, 2))));
  }
  for (const [status, answer] of Object.entries(said.responses)) {
    const json = answer.content?.["application/json"]?.schema;
    if (Number(status) < 400 && json) {
      inside.append(section(`Answer ${status}`, make("pre", JSON.stringify(example(json, schemas), null, 2))));
    }
  }
  inside.append(section("Errors", table(["status", "when"],
    Object.entries(said.responses).filter(([status]) => Number(status) >= 400).map(([status, each]) => [status, each.description]))));
  made.append(summary, inside);
  return made;
}

function draw(api) {
  document.getElementById("about").textContent = `${api.info.description} Version ${api.info.version}.`;
  const main = document.getElementById("operations");
  main.replaceChildren();
  for (const tag of api.tags) {
    const group = make("section");
    group.append(make("h2", tag.description));
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, said] of Object.entries(methods)) {
        if (said.tags?.includes(tag.name)) group.append(operation(method, path, said, api.components.schemas));
      }
    }
    main.append(group);
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    main.querySelectorAll("details").forEach((each) => (each.hidden = !each.dataset.search.includes(wanted)));
  });
}

fetch("/openapi.json").then((answer) => answer.json()).then(draw).catch(() => {
  document.getElementById("operations").textContent = "The description of the API could not be loaded. Reload the page.";
});
