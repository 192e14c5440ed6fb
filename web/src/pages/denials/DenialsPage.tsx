import { Page } from "../../ui/Page";

export function DenialsPage() {
  return <Page title="Denials">{null}</Page>;
}
