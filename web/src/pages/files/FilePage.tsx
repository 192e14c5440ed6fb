import { Page } from "../../ui/Page";

export function FilePage() {
  return <Page title="File">{null}</Page>;
}
