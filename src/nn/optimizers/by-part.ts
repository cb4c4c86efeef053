/** An optimiser for each part of a model, side by side. */
import { isTensor, mul, type Tensor } from "../../graph/index.js";
import { isArray } from "../../runtime/index.js";
import { branch, type Dict } from "../module.js";
import type { Optimizer, OptimizerState } from "./optimizer.js";

/** How a part is trained: `rate` is a factor on the learning rate, default 1. */
export interface PartOptimizer {
  readonly optimizer: Optimizer;
  readonly rate?: number;
}

/**
 * Parameters are a record of these parts, and so is the state.
 * @throws TypeError where the parameters have other parts.
 */
export function byPart(parts: Readonly<Record<string, PartOptimizer>>): Optimizer {
  const names = Object.keys(parts);
  const refuseOthers = (given: readonly string[]) => {
    if (given.length === names.length && names.every((name) => given.includes(name))) return;
    throw new TypeError(`optimisers of ${names.join(", ")} for parameters of ${given.join(", ")}`);
  };
  return {
    init(params) {
      if (isArray(params)) throw new TypeError(`optimisers of ${names.join(", ")} for one array`);
      refuseOthers(Object.keys(params));
      return Object.fromEntries(names.map((name) => [name, parts[name]!.optimizer.init(params[name]!)]));
    },
    update<P extends Tensor | Dict<Tensor>>(params: P, grads: P, state: OptimizerState<Tensor>, lr: Tensor | number) {
      if (isTensor(params) || isTensor(grads)) throw new TypeError(`optimisers of ${names.join(", ")} for one tensor`);
      refuseOthers(Object.keys(params));
      const next = names.map((name) => {
        const { optimizer, rate = 1 } = parts[name]!;
        const scaled = rate === 1 ? lr : mul(lr, rate);
        return [name, optimizer.update(params[name]!, grads[name]!, branch(state, name), scaled)] as const;
      });
      return {
        params: Object.fromEntries(next.map(([name, { params }]) => [name, params])) as P, // the same parts
        state: Object.fromEntries(next.map(([name, { state }]) => [name, state])),
      };
    },
  };
}
