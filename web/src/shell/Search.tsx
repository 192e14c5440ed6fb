/** Finds a claim by any number a person holds. The number is sent in a body and never stands in an address. */

import { Combobox, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type RefObject, useState } from "react";
import { api, dataOf } from "../api/client";
import { dollars, words } from "../ui/format";

export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [number, setNumber] = useState("");
  const navigate = useNavigate();
  const box = useCombobox();
  const search = useMutation({
    mutationFn: async (wanted: string) => dataOf(await api.POST("/api/v1/claims/search", { body: { number: wanted } })),
  });
  const found = search.data ?? [];

  function submit(): void {
    if (!number.trim()) return;
    search.mutate(number.trim(), {
      onSettled: (claims) => {
        const only = claims?.length === 1 ? claims[0] : undefined;
        if (only) open(only.claim_key);
        else box.openDropdown();
      },
    });
  }

  function open(key: number): void {
    box.closeDropdown();
    setNumber("");
    search.reset();
    void navigate({ to: "/claims/$claimKey", params: { claimKey: String(key) } });
  }

  return (
    <Combobox store={box} onOptionSubmit={(value) => open(Number(value))} withinPortal>
      <Combobox.Target>
        <TextInput
          ref={field} className="top-search" aria-label="Find a claim by its number" placeholder="Find a claim by number  ( / )"
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
        <Combobox.Options aria-label="Claims found">
          {found.map((claim) => (
            <Combobox.Option key={claim.claim_key} value={String(claim.claim_key)}>
              <Text size="sm">
                Claim {claim.claim_key}, version {claim.version}: {words(claim.place)}, {dollars(claim.total_charge)}
              </Text>
            </Combobox.Option>
          ))}
          {search.isSuccess && found.length === 0 ? (
            <Combobox.Empty>No claim has this number. Check for missing digits.</Combobox.Empty>
          ) : null}
          {search.isError ? <Combobox.Empty>{search.error.message}</Combobox.Empty> : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
