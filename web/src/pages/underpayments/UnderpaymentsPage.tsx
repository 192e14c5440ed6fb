import { Page } from "../../ui/Page";

export function UnderpaymentsPage() {
  return <Page title="Underpayments">{null}</Page>;
}
