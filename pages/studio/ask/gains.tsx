/** A picture, and which of its parts make it likely or unlikely. */
import { useEffect, useRef } from "preact/hooks";
import type { AskedPicture } from "../../../src/studio/ask-api.js";
import { shown } from "../../shared/numbers.js";

/** Unlikely: orange-red; likely: blue. Colour-blind readers tell these apart, in light and dark. */
const AGAINST = [217, 72, 1];
const FOR = [33, 113, 181];

export function Gains({ picture }: { readonly picture: AskedPicture }) {
  const { seen, size, gains } = picture;
  const canvas = useRef<HTMLCanvasElement>(null);
  const most = Math.max(...gains.map(Math.abs), 1e-12);
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(size, size);
    gains.forEach((gain, i) => {
      const colour = gain > 0 ? AGAINST : FOR;
      image.data.set([...colour, Math.round(225 * Math.min(1, Math.abs(gain) / most))], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }, [gains, size, most]);
  const worst = gains.indexOf(Math.max(...gains));
  const where = `row ${Math.floor(worst / size) + 1}, column ${(worst % size) + 1}`;
  return (
    <figure class="gains">
      <div class="pair">
        <img src={seen} alt="As the model sees it" />
        <div class="stack" role="img" aria-label={`Where the picture is unlikely: most at ${where}`}>
          <img src={seen} alt="" />
          <canvas ref={canvas} width={size} height={size} />
        </div>
        <ul class="gains-key">
          <li>
            <span class="swatch against" aria-hidden="true" /> without it f would be higher, by up to{" "}
            {shown(Math.max(0, ...gains), 2)}
          </li>
          <li>
            <span class="swatch for" aria-hidden="true" /> without it f would be lower, by up to{" "}
            {shown(Math.max(0, ...gains.map((gain) => -gain)), 2)}
          </li>
        </ul>
      </div>
      <figcaption class="quiet">
        Each patch is replaced by the mean of what is around it; colours say how f, the log-density, changes.
      </figcaption>
    </figure>
  );
}
