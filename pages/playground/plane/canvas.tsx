/** A square canvas that is drawn anew when what it shows changes, as sharp as the screen is. */
import { useEffect, useRef } from "preact/hooks";
import { paintLandscape, type Scene } from "../draw/landscape.js";

interface Props {
  readonly scene: Scene;
  /** What it shows, for those who do not see it; empty where it is said beside it. */
  readonly label: string;
}

/** Draws into a canvas and keeps it sharp where its size changes. */
export function useLandscape(scene: Scene) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const current = useRef(scene);
  current.current = scene;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = () => paintOn(element, current.current);
    const watch = new ResizeObserver(draw);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current !== null) paintOn(canvas.current, scene);
  }, [scene]);
  return canvas;
}

function paintOn(element: HTMLCanvasElement, scene: Scene): void {
  const size = Math.round(element.clientWidth * Math.min(2, devicePixelRatio));
  if (size === 0) return;
  if (element.width !== size) {
    element.width = size;
    element.height = size;
  }
  const context = element.getContext("2d");
  if (context !== null) paintLandscape(context, size, scene);
}

export function LandscapePicture({ scene, label }: Props) {
  return (
    <canvas
      class="landscape"
      ref={useLandscape(scene)}
      {...(label === "" ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}
