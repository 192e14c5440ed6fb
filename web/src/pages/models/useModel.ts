/** One model with its card. */

import { useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client";

export function useModel(id: string) {
  return useQuery({
    queryKey: ["models", id],
    queryFn: async () => dataOf(await api.GET("/api/v1/models/{model_id}", { params: { path: { model_id: id } } })),
  });
}
