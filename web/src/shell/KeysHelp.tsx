/** The keys, all on one page. */

import { Kbd, Table } from "@mantine/core";
import { Dialog } from "../ui/Dialog";
import { SECTIONS } from "./sections";

const KEYS: readonly (readonly [string, string])[] = [
  ["j  k  ↑  ↓", "Next, previous row"],
  ["Enter", "Open the row"],
  ["x", "Select the row"],
  ["Shift X", "In the queue: select all that match"],
  ["o", "Open the claim's content, for a reason"],
  ["a", "Assign"],
  ["e", "Fix"],
  ["r", "Resubmit, release or retry"],
  ["s", "Snooze"],
  ["d", "Resolve, dismiss or discard"],
  ["1–9", "Assign the remittance claim to a candidate"],
  ["/", "Search by number"],
  ["Ctrl K", "Do anything"],
  ["Esc", "Close the panel"],
  ["?", "This list"],
];

export function KeysHelp({ onClose, may }: { onClose: () => void; may: (action: string) => boolean }) {
  const rows = [
    ...KEYS,
    ...SECTIONS.filter((section) => may(section.action)).map((section) => [section.keys, section.label] as const),
  ];
  return (
    <Dialog opened onClose={onClose} title="Keys">
      <Table verticalSpacing={4}>
        <Table.Thead className="unseen">
          <Table.Tr>
            <Table.Th>Key</Table.Th>
            <Table.Th>What it does</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([keys, does]) => (
            <Table.Tr key={keys}>
              <Table.Td>
                {keys.split(/\s+/).map((key) => (
                  <Kbd key={key} size="xs" mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Dialog>
  );
}
