/** After a dialog is gone: the focus goes back to what opened it, or to the page where that is gone too. */
export function giveBackFocus(opener: Element | null): void {
  window.setTimeout(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const target = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : document.getElementById("content");
    target?.focus({ preventScroll: true });
  });
}

/** From now on: a button that is disabled while it works has the focus again afterwards, unless a person moved on. */
export function keepFocusOfBusy(): void {
  let last: EventTarget | null = null;
  document.addEventListener("focusin", (event) => {
    last = event.target;
  });
  new MutationObserver((changes) => {
    if (document.activeElement !== document.body) return;
    const button = changes.map((change) => change.target).find((each) => each === last);
    if (button instanceof HTMLButtonElement && !button.disabled) button.focus({ preventScroll: true });
  }).observe(document.body, { subtree: true, attributeFilter: ["disabled"] });
}
