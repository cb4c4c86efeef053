/** Addresses of the page: `#/runs`, `#/runs/ID`, `#/compare?runs=a,b`, `#/new`, `#/ask/ID`, `#/landscape/ID`. */
import { useEffect, useState } from "preact/hooks";

export interface Route {
  /** Of the views; empty for the first. */
  readonly view: string;
  /** What follows it: a run's id, mostly. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", ...rest] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  return { view, rest, query: new URLSearchParams(query) };
}

export function address(
  view: string,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(query).toString();
  return `#/${[view, ...rest].map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

/** The address that is shown, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", changed);
    changed(); // it may have changed since the first render
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
