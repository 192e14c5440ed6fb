/** Whether the page is being printed; it is drawn anew before the browser takes it. */

import { useEffect, useState } from "react";
import { flushSync } from "react-dom";

function onPrint(begin: () => void, end: () => void): () => void {
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  return () => {
    window.removeEventListener("beforeprint", begin);
    window.removeEventListener("afterprint", end);
  };
}

export function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => onPrint(() => flushSync(() => setPrinting(true)), () => setPrinting(false)), []);
  return isPrinting;
}

/** Paper is light, whatever the theme of the screen. */
export function printInLight(): void {
  const root = document.documentElement;
  let scheme: string | null = null;
  onPrint(
    () => {
      scheme = root.getAttribute("data-mantine-color-scheme");
      root.setAttribute("data-mantine-color-scheme", "light");
    },
    () => {
      if (scheme) root.setAttribute("data-mantine-color-scheme", scheme);
    },
  );
}
