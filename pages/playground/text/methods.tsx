/** What each method does in an iteration, in the paper's symbols. */
import type { ComponentChildren } from "preact";
import type { Method } from "../settings/settings.js";
import { Equation, f, frac, gradient, hat, i, n, norm, o, of, over, row, sub, sup, xd, xg } from "./math.js";

export interface PhaseText {
  readonly title: string;
  readonly text: ComponentChildren;
  readonly equation: ComponentChildren;
}

export interface MethodText {
  readonly name: string;
  readonly short: string;
  readonly about: string;
  readonly paper: string;
  readonly phases: readonly [draw: PhaseText, weigh: PhaseText, move: PhaseText];
}

const mean = (what: ComponentChildren) => row(over("mean", ""), what);
const exp = (power: ComponentChildren) => sup(i("e"), power);
const z = i("z");
const sigma = i("σ");
const epsilon = i("ε");
const xi = i("ξ");
const tilde = hat(i("x"));

export const METHOD_TEXTS: Readonly<Record<Method, MethodText>> = {
  vera: {
    name: "VERA",
    short: "a generator draws the samples",
    about:
      "A generator learns to draw from the density, so that no Markov chain has to. What keeps it from drawing the same point again and again is the gradient of its entropy.",
    paper: "Grathwohl et al., ICLR 2021",
    phases: [
      {
        title: "Draw",
        text: "A batch of the data, and as many samples: noise z through the generator g, and a little noise ε on top.",
        equation: (
          <>
            <Equation says="x g = g of z plus sigma epsilon">
              {row(xg, o("="), of(i("g"), z), o("+"), sigma, epsilon)}
            </Equation>
            <Equation says="z and epsilon are standard normal">
              {row(z, o(","), epsilon, o("∼"), of(i("N"), n(0), o(","), i("I")))}
            </Equation>
          </>
        ),
      },
      {
        title: "Weigh",
        text: "f shall be high at the data and low at the samples. Where the generator draws too rarely or too often, weights w make up for it: samples that count much are large.",
        equation: (
          <>
            <Equation says="the loss of f is the weighted sum of f at the samples less the mean of f at the data">
              {row(i("L"), o("="), over("Σ", i("b")), sub(i("w"), i("b")), f(xg), o("−"), mean(f(xd)))}
            </Equation>
            <Equation says="the weights are proportional to e to the f of x g over q of x g">
              {row(sub(i("w"), i("b")), o("∝"), frac(exp(f(xg)), of(i("q"), xg)))}
            </Equation>
          </>
        ),
      },
      {
        title: "Move",
        text: "f rises (orange) and falls (blue). Then the generator moves its samples uphill in f, and apart from one another: c estimates the gradient of its entropy from J draws of the posterior of z.",
        equation: (
          <>
            <Equation says="the generator follows the gradient of f plus lambda c">
              {row(gradient(xg), o("+"), i("λ"), i("c"))}
            </Equation>
            <Equation says="c is the sum of w j times x g minus g of z j over sigma squared">
              {row(
                i("c"),
                o("="),
                over("Σ", i("j")),
                sub(i("w"), i("j")),
                frac(row(xg, o("−"), of(i("g"), sub(z, i("j")))), sup(sigma, n(2))),
              )}
            </Equation>
          </>
        ),
      },
    ],
  },
  sgld: {
    name: "PCD-SGLD",
    short: "Markov chains draw the samples",
    about:
      "Persistent contrastive divergence: chains wander over the landscape by noisy steps uphill, and go on where they were left. The classic way; it is slow, and when chains lag behind f, the landscape wobbles.",
    paper: "Tieleman 2008; Du & Mordatch 2019",
    phases: [
      {
        title: "Draw",
        text: "A batch of the data, and chains out of a store of 2,000: most go on, a few begin anew anywhere.",
        equation: (
          <Equation says="x zero is where a chain was left">{row(sub(i("x"), n(0)), o("∼"), i("store"))}</Equation>
        ),
      },
      {
        title: "Weigh",
        text: "Each chain takes K steps of Langevin dynamics: uphill, and noise. Where they end are the samples; all count alike.",
        equation: (
          <Equation says="x k plus one = x k plus half s squared times the gradient of f plus s xi">
            {row(
              sub(i("x"), row(i("k"), o("+"), n(1))),
              o("="),
              sub(i("x"), i("k")),
              o("+"),
              frac(sup(i("s"), n(2)), n(2)),
              gradient(sub(i("x"), i("k"))),
              o("+"),
              i("s"),
              xi,
            )}
          </Equation>
        ),
      },
      {
        title: "Move",
        text: "f rises at the data and falls where the chains are. There is no generator to move.",
        equation: (
          <Equation says="the loss of f is the mean of f at the samples less the mean of f at the data">
            {row(i("L"), o("="), mean(f(xg)), o("−"), mean(f(xd)))}
          </Equation>
        ),
      },
    ],
  },
  ssm: {
    name: "Score matching",
    short: "sliced: slopes and curvatures alone",
    about:
      "No samples at all: f shall have its peaks at the data, flat on top and curved downwards. Blind to how much mass lies in parts of the data that are far from one another.",
    paper: "Song et al., UAI 2019",
    phases: [
      {
        title: "Draw",
        text: "A batch of the data, and for each point a random direction ε.",
        equation: (
          <Equation says="epsilon is standard normal">
            {row(epsilon, o("∼"), of(i("N"), n(0), o(","), i("I")))}
          </Equation>
        ),
      },
      {
        title: "Weigh",
        text: "At each point the curvature of f along ε, and the square of its slope: large where the landscape is steep.",
        equation: (
          <Equation says="the loss is the mean of epsilon transposed times the Hessian of f times epsilon plus half the squared norm of the gradient">
            {row(
              i("L"),
              o("="),
              mean(
                row(
                  sup(epsilon, i("⊤")),
                  sup(o("∇"), n(2)),
                  f(xd),
                  epsilon,
                  o("+"),
                  frac(n(1), n(2)),
                  sup(norm(gradient(xd)), n(2)),
                ),
              ),
            )}
          </Equation>
        ),
      },
      {
        title: "Move",
        text: "f changes so that the data sits on its peaks: slopes at the data shrink, curvatures become negative.",
        equation: (
          <Equation says="theta goes down the gradient of the loss">
            {row(i("θ"), o("←"), i("θ"), o("−"), i("α"), sub(o("∇"), i("θ")), i("L"))}
          </Equation>
        ),
      },
    ],
  },
  ed: {
    name: "Energy discrepancy",
    short: "a walk away and back",
    about:
      "Each point walks a random step away and, from there, some steps back. f learns to tell where it came from from where it came to. Neither chains nor derivatives by x.",
    paper: "Schröder et al., NeurIPS 2023",
    phases: [
      {
        title: "Draw",
        text: "A batch of the data, and where each point walks to: y, a step of scale t away.",
        equation: <Equation says="y = x d plus t xi">{row(i("y"), o("="), xd, o("+"), i("t"), xi)}</Equation>,
      },
      {
        title: "Weigh",
        text: "From each y M steps back to where the point might have come from. The higher f is there, the more such a negative counts.",
        equation: (
          <Equation says="the loss is the mean of the logarithm of w plus the sum over j of e to the f of x tilde j minus f of x d, over M">
            {row(
              i("L"),
              o("="),
              mean(
                row(
                  i("log"),
                  frac(row(n(1), o("+"), over("Σ", i("j")), exp(row(f(sub(tilde, i("j"))), o("−"), f(xd)))), i("M")),
                ),
              ),
            )}
          </Equation>
        ),
      },
      {
        title: "Move",
        text: "f rises at the data and falls at the negatives beside it that stood too high.",
        equation: (
          <Equation says="theta goes down the gradient of the loss">
            {row(i("θ"), o("←"), i("θ"), o("−"), i("α"), sub(o("∇"), i("θ")), i("L"))}
          </Equation>
        ),
      },
    ],
  },
};
