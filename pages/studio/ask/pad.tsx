/** A pad to draw on, of as many pixels as the model's pictures have, with a soft brush; by pointer, or by arrow keys and the space bar. */
import { useEffect, useRef, useState } from "preact/hooks";

interface PadProps {
  readonly size: number;
  /** The drawing, brightness from 0 to 255, after each stroke's part. */
  readonly onDraw: (pixels: readonly number[]) => void;
}

/** The brush's radius, as a share of the pad: a pen on a digit. */
const BRUSH = 0.055;

export function Pad({ size, onDraw }: PadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pixels = useRef(new Float32Array(size * size));
  const last = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const [cursor, setCursor] = useState<{ readonly x: number; readonly y: number } | null>(null);

  const show = () => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(size, size);
    pixels.current.forEach((value, i) => {
      image.data.set([value, value, value, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  };
  useEffect(show, [size]);

  /** In pixels of the picture. */
  const dab = (x: number, y: number) => {
    const radius = Math.max(0.6, BRUSH * size);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const squared = (j + 0.5 - x) ** 2 + (i + 0.5 - y) ** 2;
        const value = 255 * Math.min(1, 1.4 * Math.exp(-squared / (2 * radius * radius)));
        const at = i * size + j;
        if (value > 8) pixels.current[at] = Math.max(pixels.current[at]!, value);
      }
  };
  const stroke = (x: number, y: number) => {
    const from = last.current ?? { x, y };
    const steps = Math.max(1, Math.ceil(3 * Math.hypot(x - from.x, y - from.y)));
    for (let k = 1; k <= steps; k++) dab(from.x + ((x - from.x) * k) / steps, from.y + ((y - from.y) * k) / steps);
    last.current = { x, y };
    show();
    onDraw(Array.from(pixels.current, Math.round));
  };
  const placeOf = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    return [(size * (event.clientX - box.left)) / box.width, (size * (event.clientY - box.top)) / box.height] as const;
  };
  const clear = () => {
    pixels.current.fill(0);
    show();
    onDraw(Array.from(pixels.current));
  };
  const key = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    const at = cursor ?? { x: size / 2, y: size / 2 };
    if (move !== undefined) {
      const step = Math.max(1, size / 16);
      const next = {
        x: Math.min(size - 0.5, Math.max(0.5, at.x + move[0] * step)),
        y: Math.min(size - 0.5, Math.max(0.5, at.y + move[1] * step)),
      };
      setCursor(next);
      if (event.shiftKey) stroke(next.x, next.y);
      else last.current = null;
    } else if (event.key === " ") {
      last.current = null;
      stroke(at.x, at.y);
      setCursor(at);
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
  };
  const share = (value: number) => `${(100 * value) / size}%`;
  return (
    <div class="pad">
      <div class="pad-frame">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: an application takes keys of its own, and says how */}
        <canvas
          ref={canvas}
          width={size}
          height={size}
          role="application"
          tabIndex={0}
          aria-label="Pad to draw on: arrow keys move, space dots, shift with an arrow draws, delete clears"
          onPointerDown={(event) => {
            event.preventDefault();
            canvas.current!.setPointerCapture(event.pointerId);
            last.current = null;
            setCursor(null);
            stroke(...placeOf(event));
          }}
          onPointerMove={(event) => {
            if (event.buttons !== 0 && canvas.current!.hasPointerCapture(event.pointerId)) stroke(...placeOf(event));
          }}
          onKeyDown={key}
          onFocus={() => setCursor((old) => old ?? { x: size / 2, y: size / 2 })}
          onBlur={() => setCursor(null)}
        />
        {cursor !== null && (
          <span class="pad-cursor" aria-hidden="true" style={{ left: share(cursor.x), top: share(cursor.y) }} />
        )}
      </div>
      <button type="button" onClick={clear}>
        Clear
      </button>
    </div>
  );
}
