/**
 * Batch normalisation (Ioffe & Szegedy 2015): y = (x - mean) / √(var + ε) · weight + bias for each channel.
 *
 * In training mean and var are those of the batch; else they are given, and the whole is one scale and one shift per
 * channel.
 */
import * as g from "../../graph/index.js";
import { full, integers, zeros } from "../../runtime/index.js";
import { type Module, variable } from "../module.js";
import { ownMoments, sharedMoments } from "./moments.js";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch norm over axis 1 of `[B, C]` or `[B, C, H, W]`: `torch.nn.BatchNorm1d` and `BatchNorm2d`.
 * @throws ShapeError in training where a channel has one value only, so that its variance is not defined.
 */
export function batchNorm(channels: number, { eps = 1e-5, momentum = 0.1 }: BatchNormOptions = {}): Module {
  return {
    init: () => ({
      params: { weight: full([channels], 1), bias: zeros([channels]) },
      state: {
        running_mean: zeros([channels]),
        running_var: full([channels], 1),
        num_batches_tracked: integers([0], []),
      },
    }),
    masks: () => ({}),
    apply({ params, state }, x, mode) {
      if (x.rank < 2 || x.shape[1] !== channels) throw new g.ShapeError("batchNorm", `${channels} channels, got ${x}`);
      const weight = variable(params, "weight");
      const bias = variable(params, "bias");
      const perChannel = (v: g.Tensor) => g.reshape(v, [channels, ...x.shape.slice(2).map(() => 1)]);
      const scaleOf = (variance: g.Tensor) => g.div(weight, g.sqrt(g.add(variance, eps)));

      if (mode.mode !== "train") {
        const frozen = mode.mode === "frozen";
        const mean = frozen ? variable(mode.statistics, "mean") : variable(state, "running_mean");
        const variance = frozen ? variable(mode.statistics, "var") : variable(state, "running_var");
        const scale = scaleOf(variance);
        const shift = g.sub(bias, g.mul(mean, scale));
        const y = g.add(g.mul(x, perChannel(scale)), perChannel(shift));
        return { y, state, statistics: { mean, var: variance } };
      }

      const count = (x.size / channels) * g.batchSharers();
      if (count < 2) throw new g.ShapeError("batchNorm", `training needs more than one value per channel, got ${x}`);
      const axes = [...x.shape.keys()].filter((axis) => axis !== 1);
      const moments = g.batchSharers() === 1 ? ownMoments : sharedMoments;
      const { mean: meanKept, centred, variance } = moments(x, axes, variable(state, "running_mean"));
      const y = g.add(g.mul(centred, perChannel(scaleOf(variance))), perChannel(bias));
      const mean = g.reshape(meanKept, [channels]);
      const running = (old: string, batch: g.Tensor, factor: number) =>
        g.add(g.mul(variable(state, old), 1 - momentum), g.mul(batch, factor));
      return {
        y,
        state: {
          running_mean: running("running_mean", mean, momentum),
          running_var: running("running_var", variance, (momentum * count) / (count - 1)), // unbiased
          num_batches_tracked: g.add(variable(state, "num_batches_tracked"), 1),
        },
        statistics: { mean, var: variance },
      };
    },
  };
}
