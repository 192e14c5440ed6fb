/** Text in which addresses are links. */

import { Anchor } from "@mantine/core";

export function Linked({ children }: { children: string }) {
  const parts = children.split(/(https?:\/\/[^\s,;)]+)/);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          <Anchor key={`${part} ${index}`} href={part} target="_blank" rel="noreferrer" inherit>
            {part}
          </Anchor>
        ) : (
          part
        ),
      )}
    </>
  );
}
