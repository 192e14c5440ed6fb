import { Page } from "../../ui/Page";

export function PaymentPage() {
  return <Page title="Payment">{null}</Page>;
}
