/** The compared runs, as they go on. */
import { useEffect, useState } from "preact/hooks";
import type { RunDetail } from "../../../src/studio/api.js";
import { useChanges, useThrottled } from "../live.js";
import { pathOf } from "../run/use-run.js";
import { ask } from "../server.js";

export interface Compared {
  /** In the order in which they were asked for. */
  readonly runs: readonly RunDetail[];
  readonly problems: readonly string[];
}

export function useCompared(ids: readonly string[]): Compared {
  const [compared, set] = useState<Compared>({ runs: [], problems: [] });
  const refresh = useThrottled(async () => {
    const answers = await Promise.allSettled(ids.map((id) => ask<RunDetail>(pathOf(id))));
    set({
      runs: answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])),
      problems: answers.flatMap((answer, i) =>
        answer.status === "rejected" ? [`${ids[i]} cannot be shown: ${(answer.reason as Error).message}`] : [],
      ),
    });
  }, 1500);
  useChanges(({ runs, list }) => {
    if (list || runs.some((id) => ids.includes(id))) refresh();
  });
  useEffect(refresh, [ids]);
  return compared;
}
