/** The width that there is for a drawing. */
import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** In CSS pixels. */
const [LEAST, MOST] = [260, 680];

/** What holds the drawing, and its width as it changes; 0 before it is known. */
export function useWidth(): [holder: Ref<HTMLDivElement>, width: number] {
  const holder = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const at = holder.current!;
    const measure = () => setWidth(Math.min(MOST, Math.max(LEAST, at.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(at);
    return () => observer.disconnect();
  }, []);
  return [holder, width];
}
