import { Page } from "../../ui/Page";

export function WaitingPage() {
  return <Page title="Waiting">{null}</Page>;
}
