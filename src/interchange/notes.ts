/** What a user should know of a checkpoint of the original. */
import { flagOf } from "../runs/index.js";
import type { Understood } from "./understand.js";

/** Settings that no checkpoint says and that change what its inputs or its further training are. */
const UNSAID = ["batchSize", "entWeight", "pgControl", "pControl", "nControl", "clfWeight", "warmupIters"] as const;

/** What was assumed in making a model of it that is only used. */
export function openingNotes({ original, args, config, inferred, given, data: { facts } }: Understood): string[] {
  const guessed = "dataset" in inferred && inferred.dataset === "cifar10";
  const assumed = [
    ...(facts.preprocessing.kind === "image" && !saysScaling(given) ? ["images scaled to [-1, 1]"] : []),
    ...(guessed ? ["learned from cifar10, as the original's eval.py takes it (--dataset says otherwise)"] : []),
  ];
  return [
    `a checkpoint of the authors' PyTorch implementation: ${config.mode}, ${config.architecture}, ${config.dataName}, iteration ${original.iteration}`,
    ...(args === null ? [] : [`what it does not say is read from ${args}`]),
    ...(assumed.length > 0 ? [`assumed: ${assumed.join("; ")}`] : []),
  ];
}

const saysScaling = (given: Understood["given"]): boolean => "unitInterval" in given || "logit" in given;

/** What was assumed in making a run of it, and what it does not hold. */
export function importNotes({ original, args, config, inferred, given, data }: Understood): string[] {
  const { adam, iteration } = original;
  const { dataset, facts } = data;
  const said = Object.entries(inferred).filter(([name]) => !(name in given));
  const generator = config.mode === "vera" || config.mode === "jem" || config.mode === "semi-supervised";
  const unsaid = UNSAID.filter((name) => !(name in given)).map((name) => `${flagOf(name)} ${config[name]}`);
  return [
    `read from the checkpoint: ${said.map(([name, value]) => `${name} ${value}`).join(", ")}, iteration ${iteration}`,
    ...(args === null ? [] : [`read from ${args}, which lies with it: the original's other arguments`]),
    ...(facts.preprocessing.kind === "image" && !saysScaling(given)
      ? ["assumed: images scaled to [-1, 1]; if not, import again with --unit-interval or --logit"]
      : []),
    ...(adam.energy === null ? ["no optimisers in it: Adam starts afresh"] : []),
    "not in it, so fresh: random states" +
      (generator && config.generatorType === "vera" ? ", the optimiser of the posterior's scales η" : "") +
      (config.mode === "jem-baseline" ? ", the replay buffer" : ""),
    ...(unsaid.length > 0 ? [`not in it, and taken as usual where training goes on: ${unsaid.join(", ")}`] : []),
    ...(config.weightDecay > 0 && generator && config.generatorType === "vera"
      ? ["the original's weight decay moves the posterior's scales η, too; here it is the networks' alone"]
      : []),
    ...(dataset === null
      ? [
          `${facts.name} is not on this machine: the model can be used; to train it further, fetch the data (vera data fetch ${facts.name}) and import again`,
        ]
      : []),
  ];
}
