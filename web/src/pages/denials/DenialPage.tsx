import { Page } from "../../ui/Page";

export function DenialPage() {
  return <Page title="Denial">{null}</Page>;
}
