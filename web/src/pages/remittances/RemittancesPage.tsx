import { Page } from "../../ui/Page";

export function RemittancesPage() {
  return <Page title="Remittances">{null}</Page>;
}
