/** Energy discrepancy: every point walks away and back, and f learns to be higher where it came from. */
import { add, broadcastTo, compile, ebm, type nn, reshape, sub, type Tensor } from "../../../src/web.js";
import type { Settings } from "../settings/settings.js";
import { arrayIn, drawnIn, type Explainer, variablesOf } from "./explain.js";
import { arrowMark, average, columnShares, lineMark, meanLength, pointMark } from "./marks.js";

export function discrepancyParts(model: ebm.EnergyModel, { numbers }: Settings): Explainer {
  const m = numbers.negatives;
  const take = compile(
    (
      variables: { before: nn.Variables<Tensor>; after: nn.Variables<Tensor> },
      x: Tensor,
      away: Tensor,
      back: Tensor,
    ) => {
      const f = (v: nn.Variables<Tensor>) => (t: Tensor) => model.evaluate(v, t, { mode: "eval" }).logDensity;
      const b = x.shape[0]!;
      const moved = add(x, away);
      const negatives = reshape(add(broadcastTo(moved, [m, b, 2]), back), [m * b, 2]);
      const fData = f(variables.before)(x);
      return {
        moved,
        negatives,
        fData,
        gaps: sub(reshape(f(variables.before)(negatives), [m, b]), fData),
        uphill: ebm.score(f(variables.after), x),
      };
    },
    { name: "ed_taken_apart" },
  );
  return {
    release: () => take.release(),
    async explain({ before, after, x, noise }) {
      const step = (name: string) => arrayIn(drawnIn(noise, "discrepancy", name), "step");
      const variables = { before: variablesOf(before), after: variablesOf(after) };
      const out = await take(variables, x, step("away"), step("back"));
      const higher = Array.from(out.gaps.data).filter((gap) => gap > 0).length / out.gaps.size;
      return [
        {
          marks: [
            pointMark("data", "x_d, of the data", x),
            lineMark("draw", "a step of scale t away", x, out.moved),
            pointMark("sample", "y = x_d + tξ", out.moved),
          ],
          numbers: [
            ["B", x.shape[0]!],
            ["t", numbers.scale],
          ],
        },
        {
          marks: [
            pointMark("data", "x_d", x),
            pointMark(
              "weight",
              "x̃ = y + tξ′, areas as e^f(x̃) among those of one x_d",
              out.negatives,
              columnShares(out.gaps),
            ),
          ],
          numbers: [
            ["mean f(x_d)", average(out.fData.data)],
            ["mean f(x̃) − f(x_d)", average(out.gaps.data)],
            ["share of x̃ above their x_d", higher],
          ],
        },
        {
          marks: [pointMark("data", "x_d", x), arrowMark("uphill", "∇f(x_d), after the step", x, out.uphill)],
          numbers: [["mean ‖∇f(x_d)‖", meanLength(out.uphill)]],
        },
      ];
    },
  };
}
