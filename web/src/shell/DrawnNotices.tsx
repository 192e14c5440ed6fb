/** The notices that `Notices` fetches. */

import { Notifications } from "@mantine/notifications";

export function DrawnNotices() {
  return <Notifications position="bottom-right" autoClose={8_000} withinPortal={false} />;
}
