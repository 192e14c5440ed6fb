import { Page } from "../../ui/Page";

export function HelpPage() {
  return <Page title="Help">{null}</Page>;
}
