/** What the README's results are: presets, and where less than a data set is at hand, what they were trained on instead. */
import { TOY_NAMES } from "../src/data/sets/toy.js";
import type { Settings } from "../src/runs/index.js";

export interface Recipe {
  readonly preset: string;
  /** Beside the preset's settings. */
  readonly settings?: Partial<Settings>;
  /** Data and labels, for the table. */
  readonly note: string;
}

const mnist = { dataset: "mnist-test10k" } as const;
const MNIST = "MNIST's test images: 8,000 / 1,000 / 1,000";
const CIFAR = "4,500 images of CIFAR-10";

export const RECIPES: readonly Recipe[] = [
  ...TOY_NAMES.map((name): Recipe => ({ preset: `toy-${name}`, note: "" })),
  { preset: "quickstart", note: "digits, all labels" },
  { preset: "digits-clf", note: "digits, all labels" },
  { preset: "digits-semi", note: "digits, 10 labels per class" },
  { preset: "digits-vat", note: "digits, 10 labels per class" },
  { preset: "digits-clf-10", note: "digits, these labels alone" },
  { preset: "mnist", settings: mnist, note: `${MNIST}, all labels` },
  { preset: "mnist-clf", settings: mnist, note: `${MNIST}, all labels` },
  { preset: "mnist-semi", settings: mnist, note: `${MNIST}, 10 labels per class` },
  { preset: "mnist-vat", settings: mnist, note: `${MNIST}, 10 labels per class` },
  { preset: "mnist-clf-10", settings: mnist, note: `${MNIST}, these labels alone` },
  { preset: "cifar10-small", note: `${CIFAR}, all labels` },
  { preset: "cifar10-clf", note: `${CIFAR}, all labels` },
];
