/** A filter that somebody types: it applies when the field is left or Enter is pressed, and only if it changed. */

import { TextInput, type TextInputProps } from "@mantine/core";

type Props = Omit<TextInputProps, "value" | "defaultValue" | "onChange" | "onBlur" | "onKeyDown"> & {
  value: string;
  onChange: (value: string) => void;
};

export function FilterText({ value, onChange, ...rest }: Props) {
  return (
    <TextInput
      {...rest} key={value} size="xs" placeholder={rest.placeholder ?? "All"} defaultValue={value}
      onBlur={(event) => {
        const wanted = event.currentTarget.value.trim();
        if (wanted !== value) onChange(wanted);
      }}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
