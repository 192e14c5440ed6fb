/** Asks why a claim is opened; where policy allows, also for what is normally withheld. */

import { Opening } from "../../ui/Opening";
import { USUAL_REASONS } from "./opened";

type Props = { claimKey: number; onClose: () => void; onOpen: (reason: string, brokeGlass: boolean) => Promise<void> };

export function OpenClaim({ claimKey, onClose, onOpen }: Props) {
  return (
    <Opening
      title={`Open claim ${claimKey}`} verb="Open" usual={USUAL_REASONS}
      what="The claim shows its patient, and what else your role may see. It is closed again when you leave the page."
      onClose={onClose} onOpen={onOpen}
    />
  );
}
