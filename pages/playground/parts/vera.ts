/** VERA: samples of the generator, their weights, and where f and the generator go. */
import { compile, ebm, exp, mul, NdArray, type nn, reshape, type Tensor } from "../../../src/web.js";
import type { Settings } from "../settings/settings.js";
import type { TrainedMethod } from "../train/methods.js";
import { drawnWithEntropy } from "../train/view.js";
import { arrayIn, drawnIn, type Explainer, variablesOf } from "./explain.js";
import { arrowMark, average, lineMark, meanLength, pointMark } from "./marks.js";

type Inputs<L> = {
  readonly x: L;
  readonly z: L;
  readonly epsilon: L;
  readonly posterior: L;
  /** z of the draws that estimate q; of weights alone. */
  readonly density?: L;
};

export function veraParts(model: ebm.EnergyModel, { generator }: TrainedMethod, { numbers }: Settings): Explainer {
  if (generator === null) throw new TypeError("VERA has a generator");
  const weighed = numbers.draws > 0;
  const f = (variables: nn.Variables<Tensor>) => (x: Tensor) =>
    model.evaluate(variables, x, { mode: "eval" }).logDensity;
  const take = compile(
    (
      variables: { readonly before: nn.Variables<Tensor>; readonly after: nn.Variables<Tensor> },
      generating: ebm.GeneratorVariables<Tensor>,
      posterior: nn.Dict<Tensor>,
      { x, z, epsilon, posterior: noise, density }: Inputs<Tensor>,
    ) => {
      const drawn = drawnWithEntropy(generator, generating, posterior, z, epsilon, noise);
      const sigma = exp(reshape(generating.params.logsigma, []));
      const proposal =
        density === undefined
          ? null
          : ebm.propose(drawn.center, epsilon, reshape(generating.params.logsigma, []), x, drawn.mean(density));
      const negatives = proposal?.x ?? drawn.x;
      const fSamples = f(variables.before)(negatives);
      return {
        sigma,
        center: drawn.center,
        sample: drawn.x,
        negatives,
        fData: f(variables.before)(x),
        fSamples,
        weights: proposal === null ? mul(fSamples, 0) : ebm.importanceWeights(fSamples, proposal.logDensity).weights,
        uphill: ebm.score(f(variables.after), drawn.x),
        c: drawn.c,
        ess: drawn.info.posterior_ess!,
      };
    },
    { name: "vera_taken_apart" },
  );
  return {
    release: () => take.release(),
    async explain({ before, after, x, noise }) {
      const { generator: generating, posterior } = before;
      if (generating === undefined || posterior === undefined) throw new TypeError("VERA's state has a generator");
      const inputs: Inputs<NdArray> = {
        x,
        z: arrayIn(noise, "z"),
        epsilon: arrayIn(noise, "epsilon"),
        posterior:
          numbers.entropy > 0 ? arrayIn(drawnIn(noise, "estimator"), "posterior") : oneDraw(arrayIn(noise, "z")),
        ...(weighed && { density: arrayIn(noise, "density") }),
      };
      const variables = { before: variablesOf(before), after: variablesOf(after) };
      const { params, state } = generating;
      const out = await take(variables, { params, state }, posterior, inputs);
      const w = out.weights.data;
      const contrast = weighed ? weightedMean(out.fSamples.data, w) : average(out.fSamples.data);
      return [
        {
          marks: [
            pointMark("data", "x_d, of the data", x),
            pointMark("sample", "x_g = g(z) + σε", out.sample),
            lineMark("draw", "from g(z) to x_g", out.center, out.sample),
          ],
          numbers: [
            ["B", x.shape[0]!],
            ["σ", out.sigma.item()],
          ],
        },
        {
          marks: [
            pointMark("data", "x_d", x),
            pointMark(
              "weight",
              weighed ? "x_g, areas as their weights w" : "x_g, all alike",
              out.negatives,
              weighed ? w : undefined,
            ),
          ],
          numbers: [
            ["mean f(x_d)", average(out.fData.data)],
            [weighed ? "Σ w f(x_g)" : "mean f(x_g)", contrast],
            ...(weighed ? [["1 / Σ w²", 1 / weightedMean(w, w)] as const] : []),
          ],
        },
        {
          marks: [
            pointMark("sample", "x_g", out.sample),
            arrowMark("uphill", "∇f(x_g): towards the data", out.sample, out.uphill),
            arrowMark("spread", "c ≈ −∇ log q(x_g): apart", out.sample, out.c),
          ],
          numbers: [
            ["mean ‖∇f‖", meanLength(out.uphill)],
            ["mean ‖c‖", meanLength(out.c)],
            [`posterior draws that count, of ${numbers.posterior}`, out.ess.item()],
          ],
        },
      ];
    },
  };
}

const weightedMean = (values: ArrayLike<number>, weights: ArrayLike<number>): number =>
  Array.from(values).reduce((total, v, i) => total + v * weights[i]!, 0);

/** Without an entropy no posterior is drawn from: the z that made x stands for it. */
const oneDraw = ({ shape, size }: NdArray): NdArray => new NdArray(new Float32Array(size), [1, ...shape]);
