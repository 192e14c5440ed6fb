/** The facilities that an account or a token is limited to: those that are known are offered, others can be typed. */

import { TagsInput } from "@mantine/core";
import { useFacilities } from "../../shell/ScopeControls";

type Props = { value: readonly string[]; onChange: (value: string[]) => void };

export function Facilities({ value, onChange }: Props) {
  const known = useFacilities();
  return (
    <TagsInput
      label="Facilities" description="Choose them, or type a code and a comma. None chosen: every facility." data={known.data ?? []} splitChars={[",", ";", " "]}
      value={[...value]} onChange={onChange} placeholder={value.length ? "" : "Every facility"} clearable={value.length > 0}
    />
  );
}

/** As the API takes them: none chosen are all of them. */
export const wantedOf = (value: readonly string[]): string[] | null => (value.length > 0 ? [...value] : null);
