/** What all methods of the plane train: f(x), a small network on a Gaussian of the data. */
import { ebm, nn, streams, tanh } from "../../../src/web.js";
import type { Settings } from "../settings/settings.js";
import type { Source } from "./source.js";

export const EVENT = [2] as const;
/** The generator's. */
export const NOISE_DIM = 2;
const GENERATOR_WIDTH = 64;

/** Smooth, as score matching needs it. */
function network({ width, depth }: Settings["numbers"]): ebm.EnergyModel {
  const hidden = Array.from({ length: depth }, (_, i): nn.Layer[] => [nn.linear(i === 0 ? 2 : width, width), tanh]);
  return ebm.networkEnergy(nn.sequential([...hidden.flat(), nn.linear(width, 1)]), null);
}

export async function densityModel({ base, numbers }: Settings, { rows }: Source): Promise<ebm.EnergyModel> {
  if (!base) return network(numbers);
  const measure = ebm.gaussianMixture({ components: 1, ridge: 0.01 });
  const fitted = await measure.fit(rows, streams(numbers.seed).for("Gaussian of the playground"));
  return ebm.basedModel({ base: { measure, fitted }, network: network(numbers) });
}

export const planeGenerator = (): ebm.Generator =>
  ebm.generator(nn.toyGenerator({ noiseDim: NOISE_DIM, hidden: GENERATOR_WIDTH }), NOISE_DIM, EVENT);
