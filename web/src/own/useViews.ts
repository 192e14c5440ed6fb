/** The views that the person saved, and whether they have seen the tour; the server keeps both, not the browser. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, dataOf, type Schemas } from "../api/client";

export type SavedView = Schemas["SavedView"];

const KEY = ["own-views"] as const;

export function useViews() {
  return useQuery({ queryKey: KEY, queryFn: async () => dataOf(await api.GET("/api/v1/own/views")), staleTime: Infinity });
}

/** Do something to the views, then ask for them again. */
export function useViewActs() {
  const queries = useQueryClient();
  return useMemo(() => {
    const refreshed = () => queries.invalidateQueries({ queryKey: KEY });
    return {
      save: async (name: string, address: string) => {
        dataOf(await api.POST("/api/v1/own/views", { body: { name, address } }));
        await refreshed();
      },
      remove: async (view: SavedView) => {
        await api.DELETE("/api/v1/own/views/{view_id}", { params: { path: { view_id: view.view_id } } });
        await refreshed();
      },
      endTour: async () => {
        await api.POST("/api/v1/own/tour");
        await refreshed();
      },
    };
  }, [queries]);
}
