/** The landscape as a surface, to be turned. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Landscape } from "../../../src/studio/ask-api.js";
import { useColours } from "../../shared/colours.js";
import { heightFor, type Layers } from "./draw.js";
import { drawSurface } from "./surface.js";
import { useWidth } from "./use-width.js";

interface SolidProps {
  readonly found: Landscape;
  readonly layers: Layers;
  /** Of the chains. */
  readonly moment: number;
}

/** Degrees. */
const FIRST = 30;

export function LandscapeSurface({ found, layers, moment }: SolidProps) {
  const [holder, width] = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const [turned, turn] = useState(FIRST);
  useEffect(() => {
    if (width > 0)
      drawSurface(canvas.current!, width, found, { layers, moment, angle: (turned * Math.PI) / 180, colours });
  }, [width, found, layers, moment, turned, colours]);
  const style = { width: `${width}px`, height: `${heightFor(width)}px` };
  const label = `${found.normalised ? "log p(x)" : "f(x)"} over ${found.x.title} and ${found.y.title} as a surface`;
  return (
    <div ref={holder} class="map-holder">
      <canvas ref={canvas} role="img" aria-label={label} style={style} />
      <p class="moments">
        <label for="surface-turn">Turn</label>
        <input
          id="surface-turn"
          type="range"
          min="-180"
          max="180"
          value={turned}
          aria-valuetext={`${turned} degrees`}
          onInput={(event) => turn(event.currentTarget.valueAsNumber)}
        />
        <output for="surface-turn">{turned}°</output>
      </p>
    </div>
  );
}
