/** Entropies of the toy densities in nats, from bench/toy-entropy.ts: no model can have a lower NLL. A test compares. */
import type { data } from "../../../src/web.js";

export const ENTROPIES: Readonly<Record<data.ToyName, number>> = {
  moons: 2.395,
  circles: 3.271,
  "8gaussians": 2.838,
  pinwheel: 2.325,
  "2spirals": 2.647,
  checkerboard: 3.466,
  rings: 2.621,
  swissroll: 2.672,
};
