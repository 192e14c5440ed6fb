/** Asks why something of a patient is opened; where policy allows, also for what is normally withheld. */

import { Checkbox, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useMay } from "../session/session";
import { Reason } from "./Reason";

type Props = {
  title: string;
  what: ReactNode;
  verb: string;
  usual?: readonly string[];
  onClose: () => void;
  onOpen: (reason: string, brokeGlass: boolean) => Promise<unknown>;
};

export function Opening({ title, what, verb, usual = [], onClose, onOpen }: Props) {
  const may = useMay();
  const [breaksGlass, setBreaksGlass] = useState(false);
  return (
    <Reason
      title={title} verb={breaksGlass ? `Break glass: ${verb.charAt(0).toLowerCase()}${verb.slice(1)}` : verb} usual={usual}
      what={
        <>
          {what}
          {may("claims.break_glass") ? (
            <>
              <Checkbox
                mt="sm" label="Break glass: show what is withheld, too" checked={breaksGlass}
                onChange={(event) => setBreaksGlass(event.currentTarget.checked)}
              />
              {breaksGlass ? (
                <Text size="sm" mt="xs" className="status-person" role="alert">
                  ! This raises an alert at once, and another person reviews it with your reason. For emergencies and
                  work that can't wait for access.
                </Text>
              ) : null}
            </>
          ) : null}
        </>
      }
      onClose={onClose} onReason={(reason) => onOpen(reason, breaksGlass)}
    />
  );
}
