/** PCD-SGLD: chains that go on where they were left, and where f goes. */
import { compile, ebm, mean, type NdArray, type nn, samplers, type Tensor } from "../../../src/web.js";
import type { Settings } from "../settings/settings.js";
import { langevin } from "../train/methods.js";
import { arrayIn, drawnIn, type Explainer, variablesOf } from "./explain.js";
import { arrowMark, average, lineMark, meanLength, pointMark } from "./marks.js";

export function langevinParts(model: ebm.EnergyModel, { numbers }: Settings): Explainer {
  const sampler = samplers.sgld(langevin(numbers));
  const take = compile(
    (
      variables: { before: nn.Variables<Tensor>; after: nn.Variables<Tensor> },
      x: Tensor,
      start: Tensor,
      normal: Tensor,
    ) => {
      const f = (v: nn.Variables<Tensor>) => (t: Tensor) => model.evaluate(v, t, { mode: "eval" }).logDensity;
      const before = f(variables.before);
      const { state, info } = samplers.unroll(sampler, before, sampler.init(before, start), { normal });
      return {
        end: state.position,
        fData: before(x),
        fChains: before(state.position),
        slope: mean(info.gradientNorm),
        uphill: ebm.score(f(variables.after), state.position),
      };
    },
    { name: "sgld_taken_apart" },
  );
  return {
    release: () => take.release(),
    async explain({ before, after, x, noise, started }) {
      if (started === null) throw new TypeError("chains start somewhere");
      const normal: NdArray = arrayIn(drawnIn(noise, "chain"), "normal");
      const out = await take({ before: variablesOf(before), after: variablesOf(after) }, x, started, normal);
      return [
        {
          marks: [pointMark("data", "x_d, of the data", x), pointMark("sample", "where the chains were left", started)],
          numbers: [
            ["B", x.shape[0]!],
            ["chains begun anew, about", numbers.restart * x.shape[0]!],
          ],
        },
        {
          marks: [
            pointMark("data", "x_d", x),
            lineMark("draw", `${numbers.chain} Langevin steps`, started, out.end),
            pointMark("weight", "x_g, where they are now", out.end),
          ],
          numbers: [
            ["mean f(x_d)", average(out.fData.data)],
            ["mean f(x_g)", average(out.fChains.data)],
            ["mean ‖∇f‖ on the way", out.slope.item()],
          ],
        },
        {
          marks: [
            pointMark("sample", "x_g", out.end),
            arrowMark("uphill", "∇f(x_g): where the next steps drift", out.end, out.uphill),
          ],
          numbers: [["mean ‖∇f‖", meanLength(out.uphill)]],
        },
      ];
    },
  };
}
