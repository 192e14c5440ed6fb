/** Do anything: every section, saved view and act by its name. Loaded when it is first asked for. */

import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { useEffect } from "react";
import "@mantine/spotlight/styles.css";

type Props = { actions: SpotlightActionData[]; onClose: () => void };

export function Palette({ actions, onClose }: Props) {
  useEffect(() => spotlight.open(), []);
  return (
    <Spotlight
      shortcut={null} nothingFound="Nothing is called that." highlightQuery onSpotlightClose={onClose}
      searchProps={{ placeholder: "Go to, or do", "aria-label": "Go to, or do" }} actions={actions}
    />
  );
}
