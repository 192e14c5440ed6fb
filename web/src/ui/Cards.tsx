/** Numbers in a strip, each with its definition; a number that has claims behind it leads to them. */

import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";

export type Card = {
  label: string;
  value: ReactNode;
  meaning: string;
  tone?: "loss" | "person" | "done" | undefined;
  onOpen?: () => void;
};

export function Cards({ of }: { of: readonly Card[] }) {
  return (
    <ul className="cards" aria-label="Summary">
      {of.map((card) => (
        <li key={card.label} title={card.meaning}>
          {card.onOpen ? (
            <UnstyledButton onClick={card.onOpen}>
              <CardText card={card} />
            </UnstyledButton>
          ) : (
            <CardText card={card} />
          )}
        </li>
      ))}
    </ul>
  );
}

function CardText({ card }: { card: Card }) {
  return (
    <>
      <span className="card-label">{card.label}</span>
      <span className={card.tone ? `card-value status-${card.tone}` : "card-value"}>{card.value}</span>
    </>
  );
}
