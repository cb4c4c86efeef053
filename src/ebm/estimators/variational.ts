/**
 * VERA's entropy gradient (section 3, eq. 9–11): ∇_x log q(x) = E_{q(z|x)} ∇_x log q(x|z), with the posterior approximated by
 * self-normalised importance sampling from N(z, η²) around the z that made x.
 *
 * With weights w_j ∝ q(x, z_j) / N(z_j; z, η²), the estimate of -∇_x log q(x) is c = (x - Σ_j w_j g(z_j)) / σ².
 */
import * as g from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { normalLogDensity, scalar, sumEvent } from "../generator.js";

/** The generator around one batch of draws: the decoder as a function of z, and σ. */
export interface Decoder {
  /** g(z): `[N, k]` → `[N, …event]`. */
  readonly mean: (z: g.Tensor) => g.Tensor;
  /** log σ, one element. */
  readonly logSigma: g.Tensor;
  /** Whether g maps each z apart from the others, as it does with fixed statistics: parts of a batch may be mapped apart. */
  readonly rowwise?: boolean;
}

/** Variational parameters: log η `[k]`, one scale per latent dimension. */
export type PosteriorParams<L> = { readonly post_logsigma: L } & Dict<L>;

/** An estimate of the entropy's gradient. */
export interface EntropyGradient {
  /** c ≈ -∇_x log q(x) `[B, …event]`, held constant. */
  readonly c: g.Tensor;
  /** For metrics: effective number of posterior samples, acceptance, … */
  readonly info: Readonly<Record<string, g.Tensor>>;
}

/** Images are mapped in so many parts: a network's intermediate values then need less memory. */
const IMAGE_PARTS = 4;

/** g(z) of rows z, in equal parts where the decoder allows it and they come out even. */
function inParts({ mean, rowwise = false }: Decoder, zs: g.Tensor, parts: number): g.Tensor {
  const rows = zs.shape[0]!;
  if (!rowwise || parts === 1 || rows % parts !== 0) return mean(zs);
  const size = rows / parts;
  const each = Array.from({ length: parts }, (_, i) => mean(g.slice(zs, { start: i * size, end: (i + 1) * size })));
  return g.concat(each);
}

/**
 * @param x `[B, …event]`, drawn as g(z) + σ ε
 * @param z `[B, k]`
 * @param noise `[J, B, k]`, standard normal: z_j = z + η noise_j
 */
export function variationalScore(
  decoder: Decoder,
  { post_logsigma }: PosteriorParams<g.Tensor>,
  x: g.Tensor,
  z: g.Tensor,
  noise: g.Tensor,
): EntropyGradient {
  return g.scope("posterior", () => {
    const [samples, batch, k] = noise.shape as [number, number, number];
    const logEta = g.stopGradient(post_logsigma);
    const zs = g.add(z, g.mul(noise, g.exp(logEta)));
    const means = inParts(decoder, g.reshape(zs, [samples * batch, k]), x.rank === 4 ? IMAGE_PARTS : 1);
    const residual = g.sub(x, g.reshape(means, [samples, batch, ...x.shape.slice(1)])); // x - g(z_j)
    const variance = g.exp(g.mul(scalar(decoder.logSigma), 2));
    // log q(x, z_j) - log N(z_j; z, η²) up to terms that are the same for all j.
    const logLikelihood = g.mul(g.div(sumEvent(g.square(residual), 2), variance), -0.5);
    const logPrior = g.mul(sumEvent(g.square(zs), 2), -0.5);
    const logProposal = g.mul(sumEvent(g.square(noise), 2), -0.5);
    const w = g.softmax(g.sub(g.add(logLikelihood, logPrior), logProposal), 0); // [J, B]
    const rows = g.reshape(residual, [samples, batch, x.size / batch]);
    const average = g.sum(g.mul(rows, g.expandDims(w, 2)), 0);
    const c = g.reshape(g.div(average, variance), x.shape);
    return {
      c: g.stopGradient(c),
      info: { posterior_ess: g.mean(g.div(1, g.sum(g.square(w), 0))) },
    };
  });
}

/**
 * The negative evidence lower bound that η minimises (eq. 12): -E_{z' ~ N(z, η²)} log q(x, z') - Σ ½ log(2πe η²), averaged over
 * the batch, with one reparametrised sample `noise` `[B, k]`. Only η is to be differentiated.
 */
export function posteriorLoss(
  decoder: Decoder,
  { post_logsigma }: PosteriorParams<g.Tensor>,
  x: g.Tensor,
  z: g.Tensor,
  noise: g.Tensor,
): g.Tensor {
  const sample = g.add(g.stopGradient(z), g.mul(noise, g.exp(post_logsigma)));
  const likelihood = normalLogDensity(
    g.stopGradient(x),
    decoder.mean(sample),
    g.stopGradient(scalar(decoder.logSigma)),
  );
  const joint = g.add(likelihood, normalLogDensity(sample, 0, 0));
  const entropy = g.sum(g.add(post_logsigma, 0.5 * Math.log(2 * Math.PI * Math.E)));
  return g.neg(g.add(g.mean(joint), entropy));
}
