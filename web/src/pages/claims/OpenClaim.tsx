/** Asks why a claim is opened; where policy allows, also for what is normally withheld. */

import { Checkbox, Text } from "@mantine/core";
import { useState } from "react";
import { useMay } from "../../session/session";
import { Reason } from "../../ui/Reason";
import { USUAL_REASONS } from "./opened";

type Props = { claimKey: number; onClose: () => void; onOpen: (reason: string, brokeGlass: boolean) => Promise<void> };

export function OpenClaim({ claimKey, onClose, onOpen }: Props) {
  const may = useMay();
  const [breaksGlass, setBreaksGlass] = useState(false);
  return (
    <Reason
      title={`Open claim ${claimKey}`} verb={breaksGlass ? "Break glass and open" : "Open"} usual={USUAL_REASONS}
      what={
        <>
          The claim shows its patient, and what else your role may see. It is closed again when you leave the page.
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
