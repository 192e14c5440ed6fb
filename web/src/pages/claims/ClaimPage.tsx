import { Page } from "../../ui/Page";

export function ClaimPage() {
  return <Page title="Claim">{null}</Page>;
}
