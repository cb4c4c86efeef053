/** The views of the studio. Each is loaded when it is first shown. */
import type { ComponentType } from "preact";
import type { Route } from "./route.js";

export interface ViewProps {
  readonly route: Route;
}

export interface View {
  /** In addresses. */
  readonly name: string;
  readonly title: string;
  /** Whether the navigation leads there. */
  readonly listed: boolean;
  readonly load: () => Promise<ComponentType<ViewProps>>;
}

export const VIEWS: readonly View[] = [
  {
    name: "runs",
    title: "Runs",
    listed: true,
    load: () => import("./runs/index.js").then(({ RunsView }) => RunsView),
  },
];
