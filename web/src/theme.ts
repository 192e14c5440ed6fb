/** One accent colour, system fonts, calm sizes. */

import { createTheme, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eaf2fc", "#d3e2f5", "#a5c4ea", "#8db4e6", "#6fa5e6", "#2f72c8", "#1f5fae", "#1a519a", "#144689", "#083a77",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 6 },
  autoContrast: true,
  colors: { ink },
  fontFamily: 'Inter, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "Segoe UI Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "18px" },
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Anchor: { defaultProps: { inherit: true } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "xs" } },
    Button: { defaultProps: { size: "sm" } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    // Within what is hidden when a session ends (session/Gate.tsx).
    Portal: { defaultProps: { target: "#dialogs" } },
    // The first item has the focus at once; what stands in for it is no part of a menu for a screen reader.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
  },
});
