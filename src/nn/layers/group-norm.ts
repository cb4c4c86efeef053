/**
 * Group normalisation (Wu & He 2018): each sample's channels in groups, each group normalised by its own mean and
 * variance, then scaled and shifted per channel. Instance norm is one channel per group, layer norm one group.
 */
import * as g from "../../graph/index.js";
import { full, zeros } from "../../runtime/index.js";
import { type Module, stateless, variable } from "../module.js";

/**
 * Group norm of `[B, channels, …]`, as `torch.nn.GroupNorm(groups, channels)`.
 * @throws ShapeError where the groups do not divide the channels.
 */
export function groupNorm(groups: number, channels: number, { eps = 1e-5 }: { readonly eps?: number } = {}): Module {
  if (channels % groups !== 0) throw new g.ShapeError("groupNorm", `${channels} channels in ${groups} groups`);
  return stateless(
    () => ({ weight: full([channels], 1), bias: zeros([channels]) }),
    (params, x) => {
      if (x.rank < 2 || x.shape[1] !== channels) throw new g.ShapeError("groupNorm", `${channels} channels, got ${x}`);
      const batch = x.shape[0]!;
      const ones = x.shape.slice(2).map(() => 1);
      const grouped = g.reshape(x, [batch, groups, -1]);
      const centred = g.sub(grouped, g.mean(grouped, 2, true));
      const variance = g.mean(g.square(centred), 2, true);
      // The group's factor times the channel's weight: one pass over x instead of two.
      const weight = g.reshape(variable(params, "weight"), [groups, channels / groups]);
      const scale = g.reshape(g.div(weight, g.sqrt(g.add(variance, eps))), [batch, channels, ...ones]);
      const bias = g.reshape(variable(params, "bias"), [channels, ...ones]);
      return g.add(g.mul(g.reshape(centred, x.shape), scale), bias);
    },
  );
}

/** Each channel of each image by itself, as `torch.nn.InstanceNorm2d(channels, affine=True)`. */
export const instanceNorm = (channels: number): Module => groupNorm(channels, channels);

/** All channels of a sample together, with a weight and bias per channel: `torch.nn.GroupNorm(1, channels)`. */
export const layerNorm = (channels: number): Module => groupNorm(1, channels);
