/** Several of a list in which each word has its meaning beside it. */

import { MultiSelect, type MultiSelectProps } from "@mantine/core";
import { choices } from "./vocabulary";

type Props = Omit<MultiSelectProps, "data"> & { of: Record<string, string> | undefined; without?: readonly string[] };

export function Chosen({ of, without = [], ...rest }: Props) {
  return (
    <MultiSelect
      searchable {...rest} data={choices(of).filter((each) => !without.includes(each.value))}
      renderOption={({ option }) => (
        <span>
          {option.label}
          <br />
          <span className="dim">{of?.[option.value]}</span>
        </span>
      )}
    />
  );
}
