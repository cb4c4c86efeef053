/** Eight by eight pixels to draw on, by pointer or by keys. */
import { useEffect, useRef, useState } from "preact/hooks";
import { painted } from "./brush.js";
import { DIGIT_SIDE, WHITE } from "./protocol.js";

interface Props {
  readonly pixels: readonly number[];
  readonly onChange: (pixels: number[]) => void;
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function DigitPad({ pixels, onChange }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<readonly [number, number]>([3, 3]);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) paintDigit(context, pixels, WHITE);
  }, [pixels]);
  const touch = (event: PointerEvent) => {
    const { left, top, width } = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect();
    const place = (v: number) => (v * DIGIT_SIDE) / width - 0.5;
    onChange(painted(pixels, place(event.clientX - left), place(event.clientY - top)));
  };
  return (
    <div class="pad digit-pad">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a canvas does nothing by itself; this one is drawn on, by keys, too */}
      <canvas
        ref={canvas}
        width={DIGIT_SIDE}
        height={DIGIT_SIDE}
        tabIndex={0}
        role="application"
        aria-label="8 by 8 pixels to draw a digit on: arrow keys move, space paints"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          touch(event);
        }}
        onPointerMove={(event) => event.buttons === 1 && touch(event)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={(event) => {
          const move = KEYS[event.key];
          const within = (v: number) => Math.max(0, Math.min(DIGIT_SIDE - 1, v));
          if (move !== undefined) setCursor(([x, y]) => [within(x + move[0]), within(y + move[1])]);
          else if (event.key === " ") onChange(painted(pixels, ...cursor));
          else return;
          event.preventDefault();
        }}
      />
      {focused && (
        <span
          class="cursor"
          style={{
            left: `${(100 * (cursor[0] + 0.5)) / DIGIT_SIDE}%`,
            bottom: `${(100 * (DIGIT_SIDE - 0.5 - cursor[1])) / DIGIT_SIDE}%`,
          }}
        />
      )}
    </div>
  );
}

/** White on black, as the digits are. @param white the value of white; black is 0 */
export function paintDigit(context: CanvasRenderingContext2D, pixels: ArrayLike<number>, white: number): void {
  const image = new ImageData(DIGIT_SIDE, DIGIT_SIDE);
  for (let i = 0; i < pixels.length; i++) {
    const grey = (255 * pixels[i]!) / white;
    image.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
