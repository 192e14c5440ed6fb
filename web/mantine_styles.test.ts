import { expect, test } from "vitest";
import { importedBy, importsOfApp, stylesOf } from "./mantine_styles.ts";

test("imports are read, those of types are not", () =>
  expect(importedBy('import { Button, type ButtonProps, Menu as M } from "@mantine/core";\nimport type { X } from "@mantine/core";')).toEqual(["Button", "Menu"]));
test("a component brings the styles of its own parts, after theirs", () => {
  const { files } = stylesOf(["Button"]);
  for (const part of ["UnstyledButton.css", "Loader.css", "Button.css"]) expect(files).toContain(part);
  expect(files.indexOf("UnstyledButton.css")).toBeLessThan(files.indexOf("Button.css"));
  expect(files).not.toContain("Tabs.css");
});
test("colors that the app does not have are left out", () => {
  const { css } = stylesOf(["Button"]);
  expect(css).toContain("--mantine-color-red-6:");
  expect(css).not.toMatch(/--mantine-color-grape-6:/);
});
test("the app has the styles of each component that it imports, and not all that there are", () => {
  const { files } = stylesOf(importsOfApp());
  for (const part of ["Select", "Combobox", "Tabs", "AppShell", "Notification", "Popover", "Modal"]) expect(files).toContain(`${part === "Select" ? "Combobox" : part}.css`);
  expect(files.length).toBeLessThan(80);
});
