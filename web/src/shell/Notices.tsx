/** What was done or failed, in a corner. What draws it is fetched with the first notice, or before. */

import { useNotifications } from "@mantine/notifications";
import { Suspense, useRef } from "react";
import { later } from "../ui/later";

const Drawn = later(() => import("./DrawnNotices").then((found) => found.DrawnNotices));

export function Notices() {
  const { notifications } = useNotifications();
  const wasAny = useRef(false);
  wasAny.current ||= notifications.length > 0;
  return wasAny.current ? (
    <Suspense>
      <Drawn />
    </Suspense>
  ) : null;
}
