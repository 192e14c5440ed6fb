import { Page } from "../../ui/Page";

export function FilesPage() {
  return <Page title="Files">{null}</Page>;
}
