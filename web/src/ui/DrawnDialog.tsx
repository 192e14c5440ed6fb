/** The dialog that `Dialog` fetches. */

import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";
import { giveBackFocus } from "./focus";

export function DrawnDialog(props: ModalProps) {
  // Mantine gives the focus back where a dialog is closed. Most of ours are taken away while they are open.
  const [opener] = useState(() => document.activeElement);
  useEffect(() => () => giveBackFocus(opener), [opener]);
  return <Modal {...props} />;
}
