/** A state in words with what it means: on hover in a list, as a sentence with a link into help where there is room. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { meaningOf, type Meant } from "./meanings";
import { stateWords } from "./stateWords";
import { Status, type Tone, toneOf } from "./Status";

type Props = { of: Meant; name: string | null | undefined; tone?: Tone | undefined; full?: boolean };

export function StateOf({ of, name, tone, full = false }: Props) {
  if (!name) return null;
  const meaning = meaningOf(of, name);
  const status = <Status tone={tone ?? toneOf(name)}>{stateWords(of, name)}</Status>;
  if (!meaning) return status;
  if (!full) return <span title={meaning.sentence}>{status}</span>;
  return (
    <>
      {status}
      <div className="dim small">
        {meaning.sentence} <Explained of={of} name={name} />
      </div>
    </>
  );
}

/** The link to what help says of a state or figure. */
export function Explained({ of, name }: { of: Meant; name: string }) {
  const meaning = meaningOf(of, name);
  if (!meaning) return null;
  return (
    <Anchor
      underline="always" aria-label={`More: what ${stateWords(of, name).toLowerCase()} means`}
      renderRoot={(given) => <Link to="/help/$page" params={{ page: "states" }} hash={meaning.anchor} {...given} />}
    >
      More
    </Anchor>
  );
}
