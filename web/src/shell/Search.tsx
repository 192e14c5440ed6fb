/**
 * Finds claims and payments by any number a person holds: of the claim, of the payer, of a check or an EFT. The
 * number is sent in a body and never stands in an address.
 */

import { Combobox, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useState } from "react";
import { api, dataOf } from "../api/client";
import { useMay } from "../session/session";
import { cents, dollars, words } from "../ui/format";

interface Found {
  id: string;
  text: string;
  go: () => void;
}

export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [number, setNumber] = useState("");
  const navigate = useNavigate();
  const may = useMay();
  const box = useCombobox();
  const search = useMutation({
    mutationFn: async (wanted: string): Promise<Found[]> => {
      const [claims, payments] = await Promise.all([claimsWith(wanted), may("remittances.list") ? paymentsWith(wanted) : []]);
      return [
        ...claims.map((claim) => ({
          id: `claim ${claim.claim_key}`,
          text: `Claim ${claim.claim_key}, version ${claim.version}: ${words(claim.place)}, ${dollars(claim.total_charge)}`,
          go: () => void navigate({ to: "/claims/$claimKey", params: { claimKey: String(claim.claim_key) } }),
        })),
        ...payments.map(({ payment }) => ({
          id: `payment ${payment.payment_id}`,
          text: `Payment ${payment.trace_number ?? payment.payment_id}: ${payment.payer_name ?? "payer unknown"}, ${cents(payment.amount_cents)}`,
          go: () => void navigate({ to: "/payments/$paymentId", params: { paymentId: String(payment.payment_id) } }),
        })),
      ];
    },
  });
  const found = search.data ?? [];

  function submit(): void {
    if (!number.trim()) return;
    search.mutate(number.trim(), {
      onSettled: (all) => {
        const only = all?.length === 1 ? all[0] : undefined;
        if (only) open(only);
        else box.openDropdown();
      },
    });
  }

  function open(thing: Found): void {
    box.closeDropdown();
    setNumber("");
    search.reset();
    thing.go();
  }

  return (
    <Combobox
      store={box} withinPortal
      onOptionSubmit={(id) => {
        const thing = found.find((each) => each.id === id);
        if (thing) open(thing);
      }}
    >
      <Combobox.Target>
        <TextInput
          ref={field} className="top-search" aria-label="Find a claim or payment by a number" placeholder="Find by number  ( / )"
          value={number} rightSection={search.isPending ? <Loader size="xs" /> : null}
          onChange={(event) => {
            setNumber(event.currentTarget.value);
            // What was found belongs to another number.
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
          {search.isSuccess && found.length === 0 ? (
            <Combobox.Empty>No claim and no payment has this number. Check for missing digits.</Combobox.Empty>
          ) : null}
          {search.isError ? <Combobox.Empty>{search.error.message}</Combobox.Empty> : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

async function claimsWith(number: string) {
  return dataOf(await api.POST("/api/v1/claims/search", { body: { number } }));
}

async function paymentsWith(number: string) {
  return dataOf(await api.POST("/api/v1/payments/search", { body: { number } }));
}
