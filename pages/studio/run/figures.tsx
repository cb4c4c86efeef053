/** The figures of a run as they were at an iteration: of each kind the last one at or before it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Figure, RunDetail } from "../../../src/studio/api.js";
import { counted } from "../../shared/numbers.js";
import { VegaFigure } from "../../shared/vega-figure.js";
import { Dialog } from "../dialog.js";
import { ask } from "../server.js";

const TITLES: Readonly<Record<string, string>> = {
  samples: "Samples",
  "chains-input": "Chains of x",
  "chains-latent": "Chains of z",
  "refined-input": "Samples refined by chains of x",
  "refined-latent": "Samples refined by chains of z",
  "log-density": "Histogram of f",
  reliability: "Reliability",
  data: "Data",
};

/** What says most comes first. */
const ORDER = Object.keys(TITLES);

/** Curves are charts of their own on this page. */
const isShown = ({ kind }: Figure): boolean => !kind.startsWith("curve-");

export function figuresAt(figures: readonly Figure[], iteration: number): Figure[] {
  const kinds = new Map<string, Figure>();
  for (const figure of figures.filter(isShown)) {
    const best = kinds.get(figure.kind);
    if (better(figure, best, iteration)) kinds.set(figure.kind, figure);
  }
  const place = ({ kind }: Figure): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  return [...kinds.values()].sort((a, b) => place(a) - place(b));
}

/** Of a moment rather than drawn anew; then the latest that is not after the iteration, else the first. */
function better(figure: Figure, best: Figure | undefined, iteration: number): boolean {
  if (best === undefined) return true;
  if (figure.iteration === null || best.iteration === null) return best.iteration === null && figure.iteration !== null;
  const [early, bestEarly] = [figure.iteration <= iteration, best.iteration <= iteration];
  if (early !== bestEarly) return early;
  return early ? figure.iteration > best.iteration : figure.iteration < best.iteration;
}

/** Iterations that have figures. */
export const stopsOf = (figures: readonly Figure[]): number[] =>
  [...new Set(figures.filter(isShown).flatMap(({ iteration }) => iteration ?? []))].sort((a, b) => a - b);

export function Figures({ run, at }: { readonly run: RunDetail; readonly at: number }) {
  const [large, enlarge] = useState<string | null>(null);
  const shown = useMemo(() => figuresAt(run.figures, at), [run.figures, at]);
  if (shown.length === 0) {
    return <p class="panel empty">No figures yet: they are drawn every “vizEvery” iterations, and at the end.</p>;
  }
  const enlarged = shown.find(({ kind }) => kind === large);
  return (
    <div class="figures">
      {shown.map((figure) => (
        <FigurePanel key={figure.kind} figure={figure} run={run} at={at} onEnlarge={() => enlarge(figure.kind)} />
      ))}
      {enlarged && (
        <Dialog title={captionOf(enlarged, at)} onClose={() => enlarge(null)} wide>
          <Drawing figure={enlarged} label={`${captionOf(enlarged, at)} of ${run.name}`} />
        </Dialog>
      )}
    </div>
  );
}

function captionOf({ kind, iteration }: Figure, at: number): string {
  const title = TITLES[kind] ?? kind;
  if (iteration === null) return title;
  return iteration > at ? `${title}, first at ${counted(iteration)}` : `${title} at ${counted(iteration)}`;
}

interface PanelProps {
  readonly figure: Figure;
  readonly run: RunDetail;
  readonly at: number;
  readonly onEnlarge: () => void;
}

function FigurePanel({ figure, run, at, onEnlarge }: PanelProps) {
  const caption = captionOf(figure, at);
  return (
    // A chart's text is too small to read at half the width.
    <figure class={figure.spec === null ? "panel" : "panel whole"}>
      <figcaption>
        <h3>{caption}</h3>
        {figure.iteration === null && figure.kind !== "data" && <small class="quiet">as last drawn</small>}
        <button type="button" class="plain" aria-label={`Enlarge: ${caption}`} title="Enlarge" onClick={onEnlarge}>
          ⤢
        </button>
      </figcaption>
      <Drawing figure={figure} label={`${caption} of ${run.name}`} />
    </figure>
  );
}

function Drawing({ figure, label }: { readonly figure: Figure; readonly label: string }) {
  const spec = useSpec(figure.spec);
  if (figure.spec === null || (spec.failed && figure.png !== null)) {
    return figure.png === null ? (
      <p class="quiet">Its file is gone.</p>
    ) : (
      <img src={figure.png} alt={label} loading="lazy" />
    );
  }
  if (spec.failed) return <p class="warning">It cannot be read.</p>;
  return <VegaFigure spec={spec.content} label={label} />;
}

/** The specification at an address; the one before stays until the next is there. */
function useSpec(from: string | null): { readonly content: unknown; readonly failed: boolean } {
  const [spec, set] = useState<{ readonly content: unknown; readonly failed: boolean }>({
    content: null,
    failed: false,
  });
  useEffect(() => {
    if (from === null) return;
    let current = true;
    // A slider that is dragged passes many: those that it stays at are asked for.
    const timer = setTimeout(() => {
      ask<unknown>(from).then(
        (content) => current && set({ content, failed: false }),
        () => current && set({ content: null, failed: true }),
      );
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [from]);
  return spec;
}
