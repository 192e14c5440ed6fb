/** The dialog that `Dialog` fetches. */

import { Modal, type ModalProps } from "@mantine/core";

export function DrawnDialog(props: ModalProps) {
  return <Modal {...props} />;
}
