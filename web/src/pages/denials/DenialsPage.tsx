/** Denials by what they are worth and when their clock ends; the same by cause; what rules predicted. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";
import { asked, type Scope, useScope } from "../../shell/scope";
import { useAddress } from "../../ui/useAddress";
import { Views } from "../../ui/Views";
import { DenialGroups } from "./DenialGroups";
import { DenialList } from "./DenialList";
import { RuleValue } from "./RuleValue";

const VIEWS = [
  { value: "list", label: "One by one" },
  { value: "causes", label: "By cause" },
  { value: "rules", label: "What rules predicted" },
];

function useGroups(scope: Scope) {
  return useQuery({
    queryKey: ["denial-groups", scope.facility, scope.days], meta: { live: true },
    queryFn: async () => dataOf(await api.GET("/api/v1/denials/groups", { params: { query: asked(scope, "denied_from", "denied_to") } })),
  });
}

export function DenialsPage() {
  const [search] = useAddress();
  const view = VIEWS.find((each) => each.value === search["view"])?.value ?? "list";
  const groups = useGroups(useScope());
  const tabs = <Views label="Views of denials" views={VIEWS} current={view} />;
  if (view === "causes") return <DenialGroups tabs={tabs} groups={groups} />;
  if (view === "rules") return <RuleValue tabs={tabs} />;
  return <DenialList tabs={tabs} groups={groups} />;
}
