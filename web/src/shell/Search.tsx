/**
 * Finds claims and payments by any number a person holds: of the claim, of the payer, of the member, of a provider, of
 * a check or an EFT; and claims by the name of the patient. What is typed is sent in a body and never stands in an
 * address.
 */

import { Combobox, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useRef, useState } from "react";
import { api, dataOf } from "../api/client";
import { useMay } from "../session/session";
import { cents, counted, day, dollars } from "../ui/format";
import { stateWords } from "../ui/stateWords";
import { isName } from "./names";

interface Found {
  id: string;
  text: string;
  go: () => void;
}

/** What was found, and what could not be asked. */
type Result = { found: readonly Found[]; failed: string | null };

const NOTHING = "No claim and no payment has this number. Check for missing digits.";
const NOBODY = "No claim whose patient you may see has this name. Type the whole name: Last, First.";

export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [number, setNumber] = useState("");
  const navigate = useNavigate();
  const may = useMay();
  const box = useCombobox();
  // Counts the numbers that were typed: what is found for an older one is of no use.
  const typed = useRef(0);
  const search = useMutation({
    // What a person searched for is not kept.
    gcTime: 0,
    mutationFn: async (wanted: string): Promise<Result> => {
      const byName = isName(wanted);
      if (byName && !may("claims.identity")) throw new Error("Claims are not found by name: who the patients are is withheld from you.");
      const [claims, payments] = await Promise.allSettled([
        byName ? claimsOf(wanted) : claimsWith(wanted),
        may("remittances.list") && !byName ? paymentsWith(wanted) : [],
      ]);
      if (claims.status === "rejected" && (byName || payments.status === "rejected")) throw claims.reason;
      const failed = claims.status === "rejected" ? `Claims were not searched. ${told(claims.reason)}` : payments.status === "rejected" ? `Payments were not searched. ${told(payments.reason)}` : null;
      const found = [
        // The version in force is what people look for.
        ...(claims.status === "rejected" ? [] : [...claims.value].sort((one, other) => other.claim_key - one.claim_key)).map((claim) => ({
          id: `claim ${claim.claim_key}`,
          text: `Claim ${claim.claim_key}, version ${claim.version}: ${stateWords("claim", claim.place)}, ${dollars(claim.total_charge)}`,
          go: () => void navigate({ to: "/claims/$claimKey", params: { claimKey: String(claim.claim_key) } }),
        })),
        ...(payments.status === "rejected" ? [] : payments.value).map(({ payment }) => ({
          id: `payment ${payment.payment_id}`,
          text: `Payment ${payment.trace_number ?? payment.payment_id}: ${payment.payer_name ?? "payer unknown"}, ${[cents(payment.amount_cents), day(payment.paid_on)].filter(Boolean).join(", ")}`,
          go: () => void navigate({ to: "/payments/$paymentId", params: { paymentId: String(payment.payment_id) } }),
        })),
      ];
      return { found, failed };
    },
  });
  const found = search.data?.found ?? [];
  const failed = search.isError ? search.error.message : (search.data?.failed ?? null);
  const nothing = search.isSuccess && found.length === 0 && failed === null ? (isName(number) ? NOBODY : NOTHING) : null;

  function submit(): void {
    if (!number.trim()) return;
    const asked = typed.current;
    search.mutate(number.trim(), {
      onSettled: (result) => {
        if (asked !== typed.current) return;
        const only = result?.found.length === 1 && result.failed === null ? result.found[0] : undefined;
        if (only) {
          open(only);
          return;
        }
        box.openDropdown();
        // The options are there after they are drawn.
        if (result?.found.length) window.setTimeout(() => box.selectFirstOption(), 50);
      },
    });
  }

  function open(thing: Found): void {
    box.closeDropdown();
    setNumber("");
    typed.current += 1;
    search.reset();
    thing.go();
  }

  return (
    <>
      <Combobox
        store={box} withinPortal
        onOptionSubmit={(id) => {
          const thing = found.find((each) => each.id === id);
          if (thing) open(thing);
        }}
      >
        <Combobox.Target>
          <TextInput
            ref={field} className="top-search" aria-label="Find a claim or payment by a number, or claims by the patient's name" placeholder="Number or patient  ( / )"
            value={number} rightSection={search.isPending ? <Loader size="xs" /> : null}
            onChange={(event) => {
              setNumber(event.currentTarget.value);
              // What was found, or is still on its way, belongs to another number.
              typed.current += 1;
              search.reset();
              box.closeDropdown();
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (!box.dropdownOpened || found.length === 0)) submit();
              if (event.key === "Escape") event.currentTarget.blur();
            }}
            onBlur={() => box.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options aria-label="Found">
            {found.map((thing) => (
              <Combobox.Option key={thing.id} value={thing.id}>
                <Text size="sm">{thing.text}</Text>
              </Combobox.Option>
            ))}
          </Combobox.Options>
          {nothing ? <Combobox.Empty>{nothing}</Combobox.Empty> : null}
          {failed ? <Combobox.Empty>{failed}</Combobox.Empty> : null}
        </Combobox.Dropdown>
      </Combobox>
      <span role="status" className="unseen">
        {[found.length > 0 ? `${counted(found.length, "result")}. Arrow keys choose, Enter opens.` : "", nothing ?? "", failed ?? ""].filter(Boolean).join(" ")}
      </span>
    </>
  );
}

function told(problem: unknown): string {
  return problem instanceof Error ? problem.message : "";
}

async function claimsWith(number: string) {
  return dataOf(await api.POST("/api/v1/claims/search", { body: { number } }));
}

async function claimsOf(name: string) {
  return dataOf(await api.POST("/api/v1/claims/search/patient", { body: { name } }));
}

async function paymentsWith(number: string) {
  return dataOf(await api.POST("/api/v1/payments/search", { body: { number } }));
}
