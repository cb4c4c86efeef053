/** Sliced score matching: a slope and a curvature at every point of the data. */
import { compile, ebm, mul, type nn, square, sum, type Tensor, vjp } from "../../../src/web.js";
import { arrayIn, type Explainer, variablesOf } from "./explain.js";
import { arrowMark, average, meanLength, pointMark } from "./marks.js";

export function scoreParts(model: ebm.EnergyModel): Explainer {
  const take = compile(
    (variables: { before: nn.Variables<Tensor>; after: nn.Variables<Tensor> }, x: Tensor, epsilon: Tensor) => {
      const f = (v: nn.Variables<Tensor>) => (t: Tensor) => model.evaluate(v, t, { mode: "eval" }).logDensity;
      const [slope, pullback] = vjp((t: Tensor) => ebm.score(f(variables.before), t), x);
      const [along] = pullback(epsilon);
      return {
        slope,
        curvature: sum(mul(along, epsilon), 1),
        half: mul(sum(square(slope), 1), 0.5),
        after: ebm.score(f(variables.after), x),
      };
    },
    { name: "ssm_taken_apart" },
  );
  return {
    release: () => take.release(),
    async explain({ before, after, x, noise }) {
      const epsilon = arrayIn(noise, "epsilon");
      const out = await take({ before: variablesOf(before), after: variablesOf(after) }, x, epsilon);
      const steep = Array.from(out.half.data);
      return [
        {
          marks: [
            pointMark("data", "x_d, of the data", x),
            arrowMark("draw", "a direction ε for each", x, epsilon, 0.8),
          ],
          numbers: [["B", x.shape[0]!]],
        },
        {
          marks: [pointMark("weight", "x_d, areas as ½‖∇f‖²", x, steep), arrowMark("uphill", "∇f(x_d)", x, out.slope)],
          numbers: [
            ["mean εᵀ∇²f ε", average(out.curvature.data)],
            ["mean ½‖∇f‖²", average(steep)],
            ["loss, their sum", average(out.curvature.data) + average(steep)],
          ],
        },
        {
          marks: [pointMark("data", "x_d", x), arrowMark("uphill", "∇f(x_d), after the step", x, out.after)],
          numbers: [["mean ‖∇f(x_d)‖", meanLength(out.after)]],
        },
      ];
    },
  };
}
