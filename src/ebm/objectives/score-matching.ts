/** Sliced score matching (Song et al. 2019, eq. 7, with Gaussian projections and the variance-reduced norm). */
import * as g from "../../graph/index.js";
import { sumEvent } from "../generator.js";
import { score } from "./energy.js";

/** Mean of εᵀ ∇²f(x) ε + ½‖∇f(x)‖² for projections ε ~ N(0, I) shaped like x: one Hessian-vector product. */
export function slicedScoreMatching(logDensity: (x: g.Tensor) => g.Tensor, x: g.Tensor, epsilon: g.Tensor): g.Tensor {
  const [gradient, pullback] = g.vjp((t: g.Tensor) => score(logDensity, t), x);
  const [hessianVector] = pullback(epsilon); // the Hessian is symmetric
  const curvature = sumEvent(g.mul(hessianVector, epsilon));
  return g.mean(g.add(curvature, g.mul(sumEvent(g.square(gradient)), 0.5)));
}
