/**
 * Learning-rate schedules: the factor on the base learning rate at a step, counted from 0. What a step is (an
 * iteration, an epoch) is the caller's choice. Numbers on the host; an optimiser takes the learning rate as an input.
 *
 * @example
 * const schedule = product(linearWarmup(1000), multiStep([160 * batches, 180 * batches], 0.3));
 * const lr = 1e-3 * schedule(iteration);
 */
export type Schedule = (step: number) => number;

/** (step + 1) / steps, then 1: the first step already moves, step `steps - 1` has the full rate. */
export const linearWarmup =
  (steps: number): Schedule =>
  (step) =>
    Math.min(1, (step + 1) / Math.max(steps, 1));

/** × `gamma` at each milestone reached: `torch.optim.lr_scheduler.MultiStepLR`. */
export const multiStep =
  (milestones: readonly number[], gamma: number): Schedule =>
  (step) =>
    gamma ** milestones.filter((milestone) => milestone <= step).length;

/** × `gamma` every `period` steps: `torch.optim.lr_scheduler.StepLR`. */
export const stepDecay =
  (period: number, gamma: number): Schedule =>
  (step) =>
    gamma ** Math.floor(step / period);

/** Falls from 1 to 0 over `steps` along half a cosine (Loshchilov & Hutter 2017, without restarts). */
export const cosine =
  (steps: number): Schedule =>
  (step) =>
    0.5 * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps));

/** A schedule over epochs, asked by iteration. */
export const perEpoch =
  (iterationsPerEpoch: number, schedule: Schedule): Schedule =>
  (iteration) =>
    schedule(Math.floor(iteration / iterationsPerEpoch));

/** All factors together; constant 1 for none. */
export const product =
  (...schedules: readonly Schedule[]): Schedule =>
  (step) =>
    schedules.reduce((factor, schedule) => factor * schedule(step), 1);
