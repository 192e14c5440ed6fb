// Opened without parameters, begins a sign-in with the provider; with the provider's answer, completes it.
// The request of this page carries the cookies of this site, which a redirect from another site would not.
"use strict";

const said = document.getElementById("said");
const form = document.getElementById("form");
const again = document.getElementById("again");
const given = new URLSearchParams(location.search);

async function send(path, body) {
  const answer = await fetch("/api/v1/session/oidc" + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { ok: answer.ok, content: await answer.json() };
}

function show({ ok, content }) {
  const needsCode = !ok && content.error.code === "second_factor_needed";
  said.textContent = ok ? "Signed in as " + content.name + "." : content.error.message;
  form.hidden = !needsCode;
  again.hidden = ok || needsCode;
}

async function start() {
  if (!given.has("state")) {
    const begun = await send("", {});
    if (begun.ok) {
      location.assign(begun.content.address);
    } else {
      show(begun);
    }
    return;
  }
  history.replaceState(null, "", location.pathname);
  show(await send("/answer", { state: given.get("state"), code: given.get("code"), iss: given.get("iss") }));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  show(await send("/code", { code: document.getElementById("code").value }));
  form.reset();
});

start();
