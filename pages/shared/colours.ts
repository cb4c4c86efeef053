/** The theme's colours as a canvas needs them: resolved, and again whenever light turns dark. */
import { useEffect, useState } from "preact/hooks";

export interface Colours {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly panel: string;
  readonly accent: string;
  readonly warning: string;
  /** Of curves, in order: each has 3 to 1 against the panel, and colour-blind readers can tell them apart. */
  readonly series: readonly string[];
  readonly dark: boolean;
}

const SERIES = 7;

/** Lines beyond the colours are the same colours, dashed. */
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
export const dashOf = (index: number): readonly number[] => DASHES[Math.floor(index / SERIES) % DASHES.length]!;
export const colourOf = (colours: Colours, index: number): string => colours.series[index % SERIES]!;
/** The same for HTML, where the theme resolves it. */
export const colourVariable = (index: number): string => `var(--series-${(index % SERIES) + 1})`;

export function readColours(): Colours {
  // Variables hold light-dark(…); only a property of an element has the colour that it comes to.
  const probe = document.createElement("span");
  document.body.append(probe);
  const resolve = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours: Colours = {
    text: resolve("text"),
    quiet: resolve("quiet"),
    line: resolve("line"),
    panel: resolve("panel"),
    accent: resolve("accent"),
    warning: resolve("warning"),
    series: Array.from({ length: SERIES }, (_, i) => resolve(`series-${i + 1}`)),
    dark: isDark(),
  };
  probe.remove();
  return colours;
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** Called whenever the theme changes, by the system's setting or the page's own. Returns what ends it. */
export function onThemeChange(changed: () => void): () => void {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", changed);
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    scheme.removeEventListener("change", changed);
    observer.disconnect();
  };
}

export function useColours(): Colours {
  const [colours, set] = useState(readColours);
  useEffect(() => onThemeChange(() => set(readColours())), []);
  return colours;
}
