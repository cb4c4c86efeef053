/** The landscape with what moves on it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Landscape } from "../../../src/studio/ask-api.js";
import { useColours } from "../../shared/colours.js";
import { shown } from "../../shared/numbers.js";
import { drawGround, drawMoving, heightFor, type Layers, MARGIN } from "./draw.js";
import { useWidth } from "./use-width.js";

interface MapProps {
  readonly found: Landscape;
  readonly layers: Layers;
  /** Of the chains. */
  readonly moment: number;
}

export function LandscapeMap({ found, layers, moment }: MapProps) {
  const [holder, width] = useWidth();
  const ground = useRef<HTMLCanvasElement>(null);
  const moving = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const [pointed, point] = useState<string | null>(null);
  useEffect(() => {
    if (width > 0) drawGround(ground.current!, width, found, layers, colours);
  }, [width, found, layers, colours]);
  useEffect(() => {
    if (width > 0) drawMoving(moving.current!, width, found, layers, moment);
  }, [width, found, layers, moment]);

  const read = (event: PointerEvent) => {
    const box = ground.current!.getBoundingClientRect();
    const size = width - MARGIN.left - MARGIN.right;
    const across = (event.clientX - box.left - MARGIN.left) / size;
    const up = 1 - (event.clientY - box.top - MARGIN.top) / size;
    if (across < 0 || across >= 1 || up < 0 || up >= 1) return point(null);
    const { x, y, side, logDensity, normalised } = found;
    const value = logDensity[Math.floor(up * side) * side + Math.floor(across * side)] ?? null;
    const at = [x.min + across * (x.max - x.min), y.min + up * (y.max - y.min)].map((v) => shown(v, 3));
    point(`at (${at.join(", ")}): ${normalised ? "log p" : "f"} = ${shown(value)}`);
  };
  const style = { width: `${width}px`, height: `${heightFor(width)}px` };
  const finite = found.logDensity.filter((value) => value !== null);
  const label = `${found.normalised ? "log p(x)" : "f(x)"} over ${found.x.title} and ${found.y.title}, from ${shown(Math.min(...finite))} to ${shown(Math.max(...finite))}`;
  return (
    <div ref={holder} class="map-holder">
      <div class="map" style={style} onPointerMove={read} onPointerLeave={() => point(null)}>
        <canvas ref={ground} role="img" aria-label={label} style={style} />
        <canvas ref={moving} style={style} />
      </div>
      <p class="quiet map-pointed">{pointed ?? "Point at the map to read its values."}</p>
    </div>
  );
}
