import { Page } from "../../ui/Page";

export function PaymentsPage() {
  return <Page title="Payments">{null}</Page>;
}
