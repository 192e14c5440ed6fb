import "virtual:mantine.css";
import "@mantine/notifications/styles.css";
import "./app.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/client";
import { router } from "./router";
import { Gate } from "./session/Gate";
import { Notices } from "./shell/Notices";
import { theme } from "./theme";
import { keepFocusOfBusy } from "./ui/focus";
import { fetchLaterParts } from "./ui/later";
import { printInLight } from "./ui/usePrinting";

const queries = new QueryClient({
  defaultOptions: {
    // Offline is a failure that is said at once: nothing is done later behind a person's back.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 15_000,
      // What the server refused it will refuse again; a lost connection may come back.
      retry: (times, error) => times < 2 && !(error instanceof Problem && error.status > 0 && error.status < 500),
    },
  },
});

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
// The lock of scrolling behind a dialog writes a style element of its own.
setNonce(nonce);
printInLight();
fetchLaterParts();
keepFocusOfBusy();
const place = document.getElementById("root");
if (!place) throw new Error("the page has no root");
createRoot(place).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Notices />
      <QueryClientProvider client={queries}>
        <Gate>
          <RouterProvider router={router} />
        </Gate>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
