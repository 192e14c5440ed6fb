/** An empty state says what will appear here and how to make it appear. */

import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children ? (
        <Text size="sm" className="dim" component="div">
          {children}
        </Text>
      ) : null}
    </div>
  );
}
