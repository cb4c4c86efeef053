/** A chart that its specification says: Vega-Lite, drawn to a canvas in the page's colours. Vega is loaded with the first. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useColours } from "./colours.js";
import type { Drawn } from "./vega.js";

export interface VegaFigureProps {
  /** A Vega-Lite specification with its data: null while it is loaded. */
  readonly spec: unknown;
  /** What it shows, for those who cannot see it. */
  readonly label: string;
}

export function VegaFigure({ spec, label }: VegaFigureProps) {
  const holder = useRef<HTMLDivElement>(null);
  const colours = useColours();
  const [problem, tell] = useState<string | null>(null);
  useEffect(() => {
    if (spec === null || spec === undefined) return;
    let drawn: Drawn | null = null;
    let current = true;
    import("./vega.js")
      .then(({ draw }) => draw(spec, holder.current!, colours, () => current))
      .then((result) => {
        if (current) drawn = result;
        else result?.finalize();
        if (current) tell(null);
      })
      .catch((error: unknown) => current && tell(error instanceof Error ? error.message : String(error)));
    return () => {
      current = false;
      drawn?.finalize();
    };
  }, [spec, colours]);
  return (
    <div class="vega-figure">
      <div ref={holder} role="img" aria-label={label} />
      {problem !== null && <p class="warning">This chart cannot be drawn: {problem}</p>}
    </div>
  );
}
