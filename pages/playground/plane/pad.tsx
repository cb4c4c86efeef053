/** The landscape, large. Points of one's own are drawn on it: by pointer, or by keys. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Scene } from "../draw/landscape.js";
import { RADIUS } from "../settings/points.js";
import { useLandscape } from "./canvas.js";

interface Props {
  readonly scene: Scene;
  readonly label: string;
  /** Where points are drawn; null where they are not. */
  readonly onDraw: ((points: readonly number[], done: boolean) => void) | null;
}

/** Points of a stroke of the pointer lie so far around it, and there are so many at each place. */
const SPRAY = 0.16;
const AT_ONCE = 3;
const KEY_STEP = 0.25;
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Points around a place: what a spray can does. They are the user's input and become part of the address. */
function spray([x, y]: readonly [number, number]): number[] {
  const near = () => SPRAY * (Math.random() + Math.random() + Math.random() - 1.5) * 1.6;
  return Array.from({ length: AT_ONCE }, () => [x + near(), y + near()]).flat();
}

export function Pad({ scene, label, onDraw }: Props) {
  const canvas = useLandscape(scene);
  const [cursor, setCursor] = useState<readonly [number, number]>([0, 0]);
  const drawing = useRef(false);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    drawing.current = false;
  }, [onDraw === null]);

  const placeOf = (event: PointerEvent): [number, number] => {
    const { left, top, width } = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect();
    const unit = (2 * RADIUS) / width;
    return [(event.clientX - left) * unit - RADIUS, RADIUS - (event.clientY - top) * unit];
  };
  const key = (event: KeyboardEvent) => {
    const move = KEYS[event.key];
    if (move !== undefined) {
      const within = (v: number) => Math.max(-RADIUS, Math.min(RADIUS, v));
      setCursor(([x, y]) => [within(x + KEY_STEP * move[0]), within(y + KEY_STEP * move[1])]);
    } else if (event.key === " " || event.key === "Enter") onDraw?.(spray(cursor), true);
    else return;
    event.preventDefault();
  };
  const share = (v: number) => `${(100 * (v + RADIUS)) / (2 * RADIUS)}%`;
  if (onDraw === null) return <canvas class="landscape" ref={canvas} role="img" aria-label={label} />;
  return (
    <div class="pad">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a canvas does nothing by itself; this one is drawn on, by keys, too */}
      <canvas
        class="landscape drawing"
        ref={canvas}
        role="application"
        tabIndex={0}
        aria-label={`${label} Drawing: arrow keys move the cursor, space adds points there.`}
        onPointerDown={(event) => {
          drawing.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          onDraw(spray(placeOf(event)), false);
        }}
        onPointerMove={(event) => drawing.current && onDraw(spray(placeOf(event)), false)}
        onPointerUp={() => {
          drawing.current = false;
          onDraw([], true);
        }}
        onKeyDown={key}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      />
      {focused && <span class="cursor" style={{ left: share(cursor[0]), bottom: share(cursor[1]) }} />}
    </div>
  );
}
