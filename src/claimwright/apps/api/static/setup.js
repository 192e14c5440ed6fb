// Sends the link, the name and the password; the link stands behind the # of the address, which no server sees.
"use strict";

const form = document.getElementById("form");
const said = document.getElementById("said");
const value = (id) => document.getElementById(id).value;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (value("password") !== value("again")) {
    said.textContent = "The two passwords differ.";
    return;
  }
  const answer = await fetch("/api/v1/session/link", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ link: location.hash.slice(1), name: value("name"), password: value("password") }),
  });
  if (answer.ok) {
    form.reset();
    history.replaceState(null, "", location.pathname);
    said.textContent = "The password is set. You can sign in now.";
  } else {
    said.textContent = (await answer.json()).error.message;
  }
});
