/** Planes through the space of inputs, on which a density of many dimensions can be looked at: orthonormal coordinates (s, t) ↦ origin + s u + t v. */
import { NdArray } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";

export interface SlicePlane {
  readonly origin: Float64Array;
  /** Of length 1, at right angles. */
  readonly axes: readonly [Float64Array, Float64Array];
}

/** [left, right, bottom, top] in the plane's coordinates. */
export type SliceExtent = readonly [number, number, number, number];

/** Of two dimensions: all there is. */
export const wholePlane = (): SlicePlane => ({
  origin: new Float64Array(2),
  axes: [Float64Array.of(1, 0), Float64Array.of(0, 1)],
});

/** The plane through three inputs: from the first, its first axis to the second. Null where they lie on a line. */
export function throughThree(a: ArrayLike<number>, b: ArrayLike<number>, c: ArrayLike<number>): SlicePlane | null {
  const origin = Float64Array.from(a);
  const u = unit(origin.map((value, i) => b[i]! - value));
  if (u === null) return null;
  const toC = origin.map((value, i) => c[i]! - value);
  const along = dot(toC, u);
  const rest = toC.map((value, i) => value - along * u[i]!);
  const v = Math.sqrt(dot(rest, rest)) > 1e-6 * Math.sqrt(dot(toC, toC)) ? unit(rest) : null;
  return v && { origin, axes: [u, v] };
}

/** Passes over the rows: enough for pictures to be drawn by. */
const ROUNDS = 60;

/**
 * The plane through the mean of rows `[N, …]` along the two directions in which they vary most.
 * @returns with the share of the variance that each direction has
 */
export function principalPlane(rows: NdArray): { readonly plane: SlicePlane; readonly shares: [number, number] } {
  const count = rows.shape[0]!;
  const width = rows.size / count;
  const origin = new Float64Array(width);
  for (let i = 0; i < rows.size; i++) origin[i % width]! += rows.data[i]! / count;
  const all = new Float64Array(rows.size);
  for (let i = 0; i < rows.size; i++) all[i] = rows.data[i]! - origin[i % width]!;
  const variance = dot(all, all) || 1;
  const rng = FIXED.for("start of principal directions");
  const found: Float64Array[] = [];
  const shares = [0, 0] as [number, number];
  for (let k = 0; k < 2; k++) {
    let direction = apart(Float64Array.from(rng.normal([width]).data), found) ?? basis(width, k);
    for (let round = 0; round < ROUNDS; round++) {
      const next = new Float64Array(width);
      let captured = 0;
      for (let n = 0; n < count; n++) {
        const row = all.subarray(n * width, (n + 1) * width);
        const along = dot(row, direction);
        captured += along * along;
        for (let j = 0; j < width; j++) next[j]! += along * row[j]!;
      }
      shares[k] = captured / variance;
      const better = apart(next, found);
      if (better === null) break; // rows on a line: any direction does
      direction = better;
    }
    found.push(direction);
  }
  return { plane: { origin, axes: [found[0]!, found[1]!] }, shares };
}

/** Where rows `[N, …]` lie in the plane, seen at a right angle: `[N, 2]`. */
export function projected({ origin, axes }: SlicePlane, rows: NdArray): NdArray {
  const count = rows.shape[0]!;
  const width = origin.length;
  const out = new Float32Array(2 * count);
  for (let n = 0; n < count; n++)
    axes.forEach((axis, k) => {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += (rows.data[n * width + j]! - origin[j]!) * axis[j]!;
      out[2 * n + k] = sum;
    });
  return new NdArray(out, [count, 2]);
}

/** Inputs at the middles of side × side cells `[side², …event]`, row by row from the bottom left. */
export function sliceGrid(
  { origin, axes: [u, v] }: SlicePlane,
  [left, right, bottom, top]: SliceExtent,
  side: number,
  event: readonly number[],
): NdArray {
  const width = origin.length;
  const out = new Float32Array(side * side * width);
  for (let cell = 0; cell < side * side; cell++) {
    const s = left + ((right - left) * ((cell % side) + 0.5)) / side;
    const t = bottom + ((top - bottom) * (Math.floor(cell / side) + 0.5)) / side;
    for (let j = 0; j < width; j++) out[cell * width + j] = origin[j]! + s * u[j]! + t * v[j]!;
  }
  return new NdArray(out, [side * side, ...event]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Null for a vector of no length. */
function unit(a: Float64Array): Float64Array | null {
  const length = Math.sqrt(dot(a, a));
  return length > 1e-9 ? a.map((value) => value / length) : null;
}

/** A vector's part at right angles to others, of length 1; null where there is none. */
function apart(a: Float64Array, others: readonly Float64Array[]): Float64Array | null {
  const rest = Float64Array.from(a);
  for (const other of others) {
    const along = dot(rest, other);
    rest.forEach((value, i) => {
      rest[i] = value - along * other[i]!;
    });
  }
  return unit(rest);
}

const basis = (width: number, k: number): Float64Array =>
  Float64Array.from({ length: width }, (_, j) => Number(j === k));
