/** After a dialog is gone: the focus goes back to what opened it, or to the page where that is gone too. */
export function giveBackFocus(opener: Element | null): void {
  window.setTimeout(() => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const target = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : document.getElementById("content");
    target?.focus({ preventScroll: true });
  });
}
