/** L-BFGS: quasi-Newton steps from the last few gradients (Nocedal & Wright, "Numerical Optimization", algorithms 7.4 and 7.5). */

/** Steps that are remembered. */
const MEMORY = 10;
/** Share of the predicted decrease that a step must bring (Armijo's condition). */
const SUFFICIENT = 1e-4;
/** Ends where a step gains less than this share of the value, */
const TOLERANCE = 1e-8;
/** or where no part of the gradient is larger. */
const FLAT = 1e-5;

/** The value at `x`; writes the gradient. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** Minimises a convex function, from zero. @returns the best point found. */
export function minimize(objective: Objective, size: number, iterations = 200): Float64Array {
  let [x, gradient] = [new Float64Array(size), new Float64Array(size)];
  let [next, nextGradient] = [new Float64Array(size), new Float64Array(size)];
  let value = objective(x, gradient);
  const history: Step[] = [];
  for (let iteration = 0; iteration < iterations && gradient.some((v) => Math.abs(v) > FLAT); iteration++) {
    const direction = quasiNewton(gradient, history);
    const slope = -dot(direction, gradient);
    let length = iteration === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
    let reached = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < 30; halving++) {
      for (let i = 0; i < size; i++) next[i] = x[i]! - length * direction[i]!;
      reached = objective(next, nextGradient);
      if (reached <= value + SUFFICIENT * length * slope) break;
      // The minimum of the parabola through both values and the slope, but no leap.
      const parabola = (-0.5 * slope * length) / ((reached - value) / length - slope);
      length *= Math.min(0.5, Math.max(0.1, parabola / length || 0));
    }
    if (!(reached < value)) break;
    const step = { x: difference(next, x), gradient: difference(nextGradient, gradient) };
    if (dot(step.x, step.gradient) > 0) history.push(step);
    if (history.length > MEMORY) history.shift();
    const gained = value - reached;
    [x, next] = [next, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = reached;
    if (gained <= TOLERANCE * Math.max(Math.abs(value), 1)) break;
  }
  return x;
}

interface Step {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
}

/** The approximate inverse Hessian times the gradient: the two-loop recursion. */
function quasiNewton(gradient: Float64Array, history: readonly Step[]): Float64Array {
  const direction = gradient.slice();
  const weights = new Float64Array(history.length);
  for (let k = history.length - 1; k >= 0; k--) {
    const step = history[k]!;
    weights[k] = dot(step.x, direction) / dot(step.x, step.gradient);
    add(direction, -weights[k]!, step.gradient);
  }
  const last = history.at(-1);
  const scale = last === undefined ? 1 : dot(last.x, last.gradient) / dot(last.gradient, last.gradient);
  for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  history.forEach((step, k) => {
    add(direction, weights[k]! - dot(step.gradient, direction) / dot(step.x, step.gradient), step.x);
  });
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]!);

function add(to: Float64Array, weight: number, values: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += weight * values[i]!;
}
