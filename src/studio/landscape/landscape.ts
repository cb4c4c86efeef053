/**
 * Log-density on a plane through the space of inputs, with data, the generator's samples and MALA chains seen on it. Of two dimensions the
 * plane is all there is; of more, what is drawn is f on the plane itself, and points beside it are drawn where they are seen at a right angle.
 */
import { DataError, featureNames } from "../../data/index.js";
import { colourRange } from "../../figures/grid.js";
import { sizeOf } from "../../graph/index.js";
import type { TrainedRun } from "../../runs/index.js";
import { GeneratorSampler } from "../../runs/reports/figures.js";
import { NdArray, Programs, takeRows } from "../../runtime/index.js";
import { FIXED } from "../../runtime/streams.js";
import {
  principalPlane,
  projected,
  type SliceExtent,
  type SlicePlane,
  sliceGrid,
  throughThree,
  wholePlane,
} from "../../score/slice.js";
import { ChainDrawer } from "../../train/chains.js";
import { Evaluator, planeDensity } from "../../train/evaluator.js";
import type { Landscape, Points } from "../ask-api.js";

/** Values along each side: of two dimensions finer, since networks of these are quick. */
const FINE = 100;
const COARSE = 64;
/** Points that are drawn, and chains with their transitions and the moments that are shown. */
const POINTS = 500;
const SAMPLES = 500;
const CHAINS = { count: 16, steps: 80, shown: 81 } as const;
/** The lowest share of log-densities, which fall without bound, has one colour. */
const TAIL = 0.1;
/** Rows whose spread says where the plane's ends are; the share of it that is left out at each end, and the margin. */
const OUTSIDE = 0.005;
const MARGIN = 0.2;

/** Which plane: the whole of two dimensions or the principal directions of more, or through three training rows. */
export type PlaneChoice = "principal" | readonly [number, number, number];

type Drawn = Omit<Landscape, "checkpoints" | "checkpoint">;

/** Draws landscapes of the checkpoints of one run: their networks are the same, and compiled once. */
export class LandscapeDrawer {
  private readonly programs = new Programs();
  private readonly evaluator: Evaluator;
  private readonly sampler: GeneratorSampler | null;
  private readonly chains: ChainDrawer | null;
  private principal: ReturnType<typeof principalPlane> | null = null;

  /** @param reference training rows `[N, …event]`; null where they are not there */
  constructor(
    { model, generator }: TrainedRun,
    private readonly reference: NdArray | null,
  ) {
    this.evaluator = this.programs.own(new Evaluator(model));
    this.sampler = generator && this.programs.own(new GeneratorSampler(generator.model));
    this.chains = generator && this.programs.own(new ChainDrawer(model, generator.model));
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  /** @throws DataError where training rows are needed and are not there, or the three chosen ones lie on a line */
  async draw(run: TrainedRun, choice: PlaneChoice): Promise<Drawn> {
    const { event, notes, plane, kind, titles, examples } = this.planeFor(run, choice);
    const side = kind === "whole" ? FINE : COARSE;
    const samples = this.sampler && (await this.sampler.sample(run.generator!.variables, SAMPLES));
    const data = this.reference && projected(plane, someOf(this.reference, POINTS));
    const extent = extentOf([data ?? (samples && projected(plane, samples)), examples]);
    const grid = sliceGrid(plane, extent, side, event);
    const { logDensity } = await this.evaluator.predict(run.variables, grid);
    const normalised = run.config.dataKind === "toy";
    const logPartition = normalised ? (await planeDensity(this.evaluator, run.variables)).logPartition : 0;
    const values = logDensity.map((value) => value - logPartition);
    const chains = await this.drawChains(run);
    const [left, right, bottom, top] = extent;
    return {
      iteration: run.iteration,
      plane: kind,
      x: { title: titles[0], min: left, max: right },
      y: { title: titles[1], min: bottom, max: top },
      side,
      logDensity: Array.from(values, digits),
      normalised,
      range: colourRange(new NdArray(values, [side, side]), TAIL) as [number, number],
      data: data === null ? [] : pointsOf(data),
      samples: samples && pointsOf(projected(plane, samples)),
      chains: chains?.steps.map((step) => pointsOf(projected(plane, step))) ?? null,
      acceptance: chains?.acceptance ?? null,
      examples: examples && pointsOf(examples),
      notes: [...notes, ...(this.sampler === null ? ["the model has no generator: neither samples nor chains"] : [])],
    };
  }

  private async drawChains({ variables, generator }: TrainedRun) {
    if (this.chains === null) return null;
    const networks = { energy: variables, generator: generator!.variables };
    const { count, steps, shown } = CHAINS;
    return (await this.chains.draw(networks, steps, count, shown)).input;
  }

  private planeFor({ info: { data } }: TrainedRun, choice: PlaneChoice): Chosen {
    const { shape: event, preprocessing } = data;
    const { reference } = this;
    if (sizeOf(event) === 2) {
      const titles = preprocessing.kind === "table" ? standardised(featureNames(preprocessing)) : (["x", "y"] as const);
      return { event, plane: wholePlane(), kind: "whole", titles, examples: null, notes: [] };
    }
    if (reference === null)
      throw new DataError(
        data.name,
        "of more than two dimensions a plane goes through training rows, which are not there",
      );
    const notes =
      preprocessing.kind === "table" && preprocessing.columns.some(({ kind }) => kind === "categorical")
        ? ["between rows, the plane mixes categories: f is drawn there, too"]
        : [];
    if (choice === "principal") {
      this.principal ??= principalPlane(reference);
      const { plane, shares } = this.principal;
      const titles = shares.map((share, k) => `principal direction ${k + 1} (${percent(share)} of the variance)`);
      return { event, plane, kind: "principal", titles: [titles[0]!, titles[1]!], examples: null, notes };
    }
    const absent = choice.find((place) => place >= reference.shape[0]!);
    if (absent !== undefined) throw new DataError("the plane", `there is no training row ${absent} to go through`);
    const rows = choice.map((place) => takeRows(reference, Int32Array.of(place)));
    const [a, b, c] = rows as [NdArray, NdArray, NdArray];
    const plane = throughThree(a.data, b.data, c.data);
    if (plane === null) throw new DataError("the plane", "the three examples lie on a line", "choose another");
    const examples = projected(plane, takeRows(reference, Int32Array.from(choice)));
    const titles = ["from the first example to the second", "towards the third, at a right angle"] as const;
    return { event, plane, kind: "examples", titles, examples, notes };
  }
}

interface Chosen {
  readonly event: readonly number[];
  readonly plane: SlicePlane;
  readonly kind: Landscape["plane"];
  readonly titles: readonly [string, string];
  readonly examples: NdArray | null;
  readonly notes: readonly string[];
}

const standardised = ([x, y]: readonly string[]): readonly [string, string] =>
  [`${x}, in standard deviations from its mean`, `${y}, in standard deviations from its mean`] as const;

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

const someOf = (rows: NdArray, count: number): NdArray =>
  rows.shape[0]! <= count ? rows : takeRows(rows, FIXED.for("points of a landscape").choose(rows.shape[0]!, count));

/** Where most of the points are, with a margin; at one scale along both axes. */
function extentOf(sets: readonly (NdArray | null)[]): SliceExtent {
  const ends = [0, 1].map((k) => {
    const all = sets.flatMap((set) => (set === null ? [] : Array.from(set.data.filter((_, i) => i % 2 === k))));
    const sorted = all.filter(Number.isFinite).sort((a, b) => a - b);
    if (sorted.length === 0) return { middle: 0, reach: 4 };
    const [low, high] = [OUTSIDE, 1 - OUTSIDE].map((share) => sorted[Math.round(share * (sorted.length - 1))]!);
    return { middle: (low! + high!) / 2, reach: ((1 + MARGIN) * (high! - low!)) / 2 };
  });
  const [x, y] = ends as [(typeof ends)[0], (typeof ends)[0]];
  const reach = Math.max(x.reach, y.reach, 1e-3);
  return [x.middle - reach, x.middle + reach, y.middle - reach, y.middle + reach];
}

const digits = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(5)) : null);

const pointsOf = ({ data, shape }: NdArray): Points =>
  Array.from({ length: shape[0]! }, (_, n) => [
    Number(data[2 * n]!.toPrecision(4)),
    Number(data[2 * n + 1]!.toPrecision(4)),
  ]);
