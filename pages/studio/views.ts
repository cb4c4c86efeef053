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
  /** Its address goes on with a run's id: so `runs` is the list, and `runs/ID` one run. */
  readonly ofRun?: boolean;
  readonly load: () => Promise<ComponentType<ViewProps>>;
}

export const VIEWS: readonly View[] = [
  {
    name: "runs",
    title: "Runs",
    listed: true,
    load: () => import("./runs/index.js").then(({ RunsView }) => RunsView),
  },
  {
    name: "runs",
    title: "Run",
    listed: false,
    ofRun: true,
    load: () => import("./run/index.js").then(({ RunView }) => RunView),
  },
  {
    name: "compare",
    title: "Compare",
    listed: true,
    load: () => import("./compare/index.js").then(({ CompareView }) => CompareView),
  },
  {
    name: "new",
    title: "New run",
    listed: true,
    load: () => import("./new/index.js").then(({ NewView }) => NewView),
  },
  {
    name: "ask",
    title: "Ask",
    listed: true,
    load: () => import("./ask/index.js").then(({ AskView }) => AskView),
  },
  {
    name: "landscape",
    title: "Landscape",
    listed: true,
    load: () => import("./landscape/index.js").then(({ LandscapeView }) => LandscapeView),
  },
];

/** The view that an address names; undefined where there is none. */
export function viewAt({ view, rest }: Route): View | undefined {
  const named = VIEWS.filter(({ name }) => name === (view || VIEWS[0]?.name));
  return named.find(({ ofRun = false }) => ofRun === rest.length > 0) ?? named[0];
}
