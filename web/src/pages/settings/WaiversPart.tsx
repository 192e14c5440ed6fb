/** Every waiver of the tenant. */

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { useMay } from "../../session/session";
import { WaiverForm } from "../rules/WaiverForm";
import { WaiverTable } from "../rules/WaiverTable";

export function WaiversPart() {
  const may = useMay();
  const [adds, setAdds] = useState(false);
  return (
    <div className="read wide">
      {may("waivers.change") ? <Group mb="sm"><Button size="xs" onClick={() => setAdds(true)}>Add a waiver</Button></Group> : null}
      <WaiverTable />
      {adds ? <WaiverForm onClose={() => setAdds(false)} /> : null}
    </div>
  );
}
