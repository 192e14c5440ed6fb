/** A dialog. What draws it is fetched once a person touches the page, or when one is first asked for. */

import type { ModalProps } from "@mantine/core";
import { Suspense } from "react";
import { later } from "./later";

const Drawn = later(() => import("./DrawnDialog").then((found) => found.DrawnDialog));

export function Dialog(props: ModalProps) {
  return (
    <Suspense>
      <Drawn {...props} />
    </Suspense>
  );
}
