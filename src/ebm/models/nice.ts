/**
 * NICE (Dinh et al. 2015): an invertible network with unit Jacobian up to a diagonal scaling, and a standard normal prior.
 *
 * The input's even and odd dimensions are put side by side, then four additive couplings alternate: the first half moves the
 * second by an MLP of itself, the second the first, and so on; a learned diagonal scaling ends it.
 * log p(x) = log N(h(x); 0, I) + Σ scales.
 */
import * as g from "../../graph/index.js";
import { type Dict, linear, type Module, sequential, type Variables } from "../../nn/index.js";
import { zeros } from "../../runtime/index.js";
import { normalLogDensity } from "../generator.js";
import type { TractableModel } from "./tractable.js";

export interface NiceOptions {
  /** Units of the hidden layers. Default 1000. */
  readonly hidden?: number;
  /** Dense layers of each coupling's MLP. Default 5. */
  readonly layers?: number;
}

const COUPLINGS = ["nice1", "nice2", "nice3", "nice4"] as const;

/** Parameters `nice1.dense1.weight` … `nice4.dense5.bias`, `scale.scales` `[1, D]`, as the original names them. */
export function nice(event: g.Shape, { hidden = 1000, layers = 5 }: NiceOptions = {}): TractableModel {
  const dim = g.sizeOf(event);
  if (dim % 2 !== 0) throw new g.ShapeError("nice", `needs an even number of dimensions, got ${dim}`);
  const half = dim / 2;
  const widths = Array.from({ length: layers + 1 }, (_, i) => (i === 0 || i === layers ? half : hidden));
  const dense: Module[] = widths.slice(1).map((to, i) => linear(widths[i]!, to));
  const network = sequential(dense.flatMap((layer, i) => (i === layers - 1 ? [layer] : [layer, g.softplus])));

  /** `dense1`, `dense2`, … as the positions 0, 2, … of the network. */
  const inNetwork = (params: Dict<g.Tensor>): Dict<g.Tensor> =>
    Object.fromEntries(dense.map((_, i) => [String(2 * i), params[`dense${i + 1}`]!]));
  const shift = (params: Dict<g.Tensor>, x: g.Tensor) =>
    network.apply({ params: inNetwork(params), state: {} }, x, { mode: "eval" }).y;

  const coupling = (params: Dict<g.Tensor>, x: g.Tensor, index: number, sign: 1 | -1): g.Tensor => {
    const [first, second] = [g.slice(x, null, { end: half }), g.slice(x, null, { start: half })];
    const move = (moved: g.Tensor, by: g.Tensor) => (sign === 1 ? g.add(moved, by) : g.sub(moved, by));
    return index % 2 === 0
      ? g.concat([first, move(second, shift(params, first))], 1)
      : g.concat([move(first, shift(params, second)), second], 1);
  };
  const couplingParams = ({ params }: Variables<g.Tensor>, name: string) => params[name] as Dict<g.Tensor>;
  const scales = ({ params }: Variables<g.Tensor>) => (params.scale as Dict<g.Tensor>).scales as g.Tensor;

  return {
    classes: null,
    masks: () => ({}),
    init(rng) {
      const mlp = () => Object.fromEntries(dense.map((layer, i) => [`dense${i + 1}`, layer.init(rng).params]));
      const params = Object.fromEntries(COUPLINGS.map((name) => [name, mlp()]));
      return { params: { ...params, scale: { scales: zeros([1, dim]) } }, state: {} };
    },
    evaluate(variables, x) {
      const flat = g.reshape(x, [x.shape[0]!, dim]);
      const split = g.concat([g.slice(flat, null, { stride: 2 }), g.slice(flat, null, { start: 1, stride: 2 })], 1);
      const h = COUPLINGS.reduce((y, name, i) => coupling(couplingParams(variables, name), y, i, 1), split);
      const logDensity = normalLogDensity(g.mul(h, g.exp(scales(variables))), 0, 0);
      return { logDensity: g.add(logDensity, g.sum(scales(variables))), logits: null, state: {} };
    },
    noise: (count, rng) => ({ h: rng.normal([count, dim]) }),
    sample(variables, { h }) {
      const start = g.mul(h as g.Tensor, g.exp(g.neg(scales(variables))));
      const y = COUPLINGS.reduceRight((v, name, i) => coupling(couplingParams(variables, name), v, i, -1), start);
      const [even, odd] = [g.slice(y, null, { end: half }), g.slice(y, null, { start: half })];
      return g.reshape(g.stack([even, odd], 2), [y.shape[0]!, ...event]);
    },
  };
}
