import { Page } from "../../ui/Page";

export function RulePage() {
  return <Page title="Rule">{null}</Page>;
}
