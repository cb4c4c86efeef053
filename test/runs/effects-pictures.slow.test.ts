/** Effects of all options in runs of 32×32 pictures: of their own file, for a core of their own. */
import type { Flags } from "./effects.js";
import { describeEffects } from "./every-effect.js";

const pictures = { dataset: "digits", imgSize: 32 };
const few = { labelsPerClass: 2 };

const RUNS: readonly Flags[] = [
  { ...pictures, jem: true },
  { ...pictures, jem: true, classNetwork: "small-resnet" },
  { ...pictures, jem: true, classNetwork: "small-resnet", densityClfWeight: 1 },
  { ...pictures, jem: true, smallResnet: true, norm: "batch", schedule: "cosine", pgControl: 0.2, outerWeight: 1 },
  { ...pictures, entWeight: 0, norm: "batch", classNetwork: "small-resnet", typicality: true },
  { ...pictures, jemBaseline: true, jem: true, norm: "batch" },
  { ...pictures, vat: true, norm: "batch" },
  { ...pictures, clfOnly: true, norm: "batch" },
  { ...pictures, clfOnly: true, norm: "batch", pgControl: 0.2 },
  { ...pictures, clfOnly: true, ...few, norm: "batch" },
];

describeEffects(RUNS);
