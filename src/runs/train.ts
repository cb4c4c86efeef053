/** A training run from its configuration to its folder. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Dataset } from "../data/index.js";
import { type Ranks, type Releasable, streams } from "../runtime/index.js";
import { aboutData } from "../tables/index.js";
import { type Divergence, DivergenceError, described, divergenceError, findDivergence } from "../train/divergence.js";
import { Evaluator } from "../train/evaluator.js";
import { TypicalityFit } from "../train/fit-typicality.js";
import { criterion, energyVariables, noiseDetection, report } from "../train/report.js";
import { meansOf, RunningMeans } from "../train/running-means.js";
import { lead, trainAlong } from "./along.js";
import { fitHooks, startAgain } from "./begin.js";
import { CheckpointError } from "./config/error.js";
import {
  hasTypicality,
  type TrainConfig,
  type TrainHooks,
  type TrainOptions,
  type TrainResult,
} from "./config/index.js";
import { loadCheckpoint, readCheckpoint, saveCheckpoint } from "./folder/checkpoint.js";
import { GoodCheckpoints, RATE_FACTOR } from "./folder/good-checkpoints.js";
import type { MetricsLine } from "./folder/metrics-file.js";
import type { Best } from "./folder/progress-schema.js";
import { continuedBy } from "./folder/repeated.js";
import { type CheckpointName, padded } from "./folder/run-files.js";
import { RunFolder } from "./folder/run-folder.js";
import { type SavedConfig, savedConfig } from "./folder/run-info.js";
import { Gallery } from "./reports/gallery.js";
import { headline, summary } from "./reports/headline.js";
import {
  densityOf,
  type GivenRows,
  givenOutliers,
  heldOutDensity,
  noOutlierReport,
  outlierMessages,
  outlierReport,
  outlierValues,
  withRowsApart,
} from "./reports/outlier-report.js";
import { Watch } from "./reports/watch.js";
import { Schedule } from "./schedule.js";
import { isTableClassifier } from "./setup/classifier.js";
import { onEngineOf } from "./setup/engine.js";
import { type Fits, fitAll, keptLogDensity, storedFits } from "./setup/fits.js";
import { refuseTooLarge } from "./setup/memory.js";
import { type Setup, setup } from "./setup/setup.js";
import { checkUnchanged, labelNotes, loadData } from "./setup/source.js";

/** Columns of a table that are shown before training; `--dry-run` shows all. */
const COLUMNS_SHOWN = 30;

const SILENT: TrainHooks = { onProgress: () => {}, onMessage: () => {}, signal: new AbortController().signal };

/** Everything of one run. */
export class Run implements Releasable {
  private best: Best | null = null;
  /** Of the iterations since the last line of metrics. */
  private readonly means = new RunningMeans();
  /** The checkpoint `last`; without one, the newest other. */
  private lastSaved: string | null = null;
  private readonly evaluator: Evaluator;
  private readonly gallery: Gallery;
  private readonly watch: Watch;
  private readonly typicality: TypicalityFit | null;
  private readonly good: GoodCheckpoints;
  private readonly schedule: Schedule;

  private constructor(
    private readonly config: TrainConfig,
    private readonly hooks: TrainHooks,
    private readonly dataset: Dataset,
    private readonly parts: Setup,
    private readonly folder: RunFolder,
    /** Of `--outliers`: read before training, so that a wrong file is known in time. */
    private readonly given: readonly GivenRows[],
    private readonly fits: Fits,
    private readonly saved: SavedConfig,
  ) {
    this.evaluator = new Evaluator(parts.algorithm.model);
    this.gallery = new Gallery(config, dataset, parts.algorithm, this.evaluator, folder);
    this.watch = new Watch(config, parts.algorithm, this.evaluator, folder, (text) => hooks.onMessage(text));
    this.typicality = TypicalityFit.of(parts.algorithm.model);
    this.good = new GoodCheckpoints(folder);
    this.schedule = new Schedule(config, parts.iterations, parts.scan);
  }

  private get trainer() {
    return this.parts.trainer;
  }

  /** Loads the data, builds the networks, and takes up a former run where the configuration says so. */
  static async start(
    config: TrainConfig,
    hooks: TrainHooks,
    folder: RunFolder,
    ranks: Ranks | null = null,
  ): Promise<Run> {
    const dataset = await loadData(config);
    for (const text of aboutData(dataset, COLUMNS_SHOWN)) hooks.onMessage(text);
    for (const note of labelNotes(config, dataset)) hooks.onMessage(note);
    if (hasTypicality(config) && dataset.splits.validation.size < 2)
      hooks.onMessage(
        "note: --typicality is fitted by examples held out, of which there are too few: f does not count it",
      );
    refuseTooLarge(config, dataset);
    const given = await givenOutliers(config, dataset);
    const checkpoint = config.ckptPath ?? folder.checkpoint("last");
    // As in the original, a checkpoint at --ckpt-path is continued, in a new folder as well.
    const resumes = config.resume !== null;
    const found = existsSync(checkpoint) && (resumes || config.ckptPath !== null);
    if (resumes && !found) await startAgain(config, folder, hooks, checkpoint);
    const saved = savedConfig(config, dataset);
    // Fitting may take a minute: a run that is killed meanwhile is one to be resumed.
    if (!found && isTableClassifier(config)) await folder.begin(saved);
    if (ranks !== null)
      lead(ranks, { config, checkpoint: found ? resolve(checkpoint) : null, data: dataset.fingerprint });
    const fits = found
      ? storedFits(config, (await readCheckpoint(checkpoint)).tensors, dataset, checkpoint)
      : await fitAll(config, dataset, fitHooks(config, hooks, folder));
    const run = new Run(config, hooks, dataset, setup(config, dataset, fits, ranks), folder, given, fits, saved);
    if (found) await run.restore(checkpoint);
    if (resumes && found) {
      const isKept: Readonly<Partial<Record<MetricsLine["kind"], boolean>>> = {
        test: run.isDone,
        recovery: run.wentBack,
      };
      await folder.rewind(run.trainer.iteration, ({ kind }) => isKept[kind] ?? true);
      await run.good.rewind(run.trainer.iteration);
      await folder.saveConfig(saved);
    } else if (!isTableClassifier(config)) await folder.begin(saved);
    const { iterations } = run.parts;
    folder.say({ iteration: run.iteration, text: `trains to iteration ${iterations}`, iterations });
    return run;
  }

  get iteration(): number {
    return this.trainer.iteration;
  }

  private get isDone(): boolean {
    return this.trainer.iteration >= this.parts.iterations;
  }

  /** Whether it has recovered from a divergence, which is done once. */
  private get wentBack(): boolean {
    return this.trainer.rateFactor < 1;
  }

  private async restore(path: string): Promise<void> {
    const { snapshot, info, former } = await loadCheckpoint(path, this.trainer.snapshot);
    checkUnchanged(this.dataset, String(info.data), "restore the data, or start a new run");
    this.trainer.restore(snapshot);
    if (former && this.config.labels === "few" && !this.isDone)
      throw new CheckpointError(
        `${path} is of an earlier version, which drew the rows that keep their label otherwise: it can be used, but to train it further start a new run`,
      );
    // Continued in a new folder, by --ckpt-path, a run is without its best checkpoint.
    const hasBest = this.config.resume !== null && existsSync(this.folder.checkpoint("best"));
    this.best = hasBest ? info.best : null;
    this.means.state = info.means;
    this.watch.state = info.health;
    this.lastSaved = path;
    this.hooks.onMessage(`resumed at iteration ${this.trainer.iteration} of ${this.parts.iterations} from ${path}`);
    if (this.wentBack)
      this.hooks.onMessage(
        `note: learning rates are ${this.trainer.rateFactor} times --lr and --glr, since the run went back from a divergence`,
      );
  }

  /** Frees all that was compiled. */
  async release(): Promise<void> {
    const { evaluator, gallery, watch, typicality, trainer } = this;
    for (const each of [trainer, evaluator, gallery, watch, typicality]) await each?.release();
  }

  /** Trains until done or told to stop; saves in either case. @throws DivergenceError */
  async train(): Promise<TrainResult> {
    const { trainer, config, hooks } = this;
    const { iterations } = this.parts;
    const { findings } = this.fits;
    if (findings?.stopped) return findings.stopped;
    if (this.isDone && (await this.folder.metrics()).some(({ kind }) => kind === "test")) {
      hooks.onMessage(
        `${this.folder.path} is finished; to train on, give more iterations with --n-iters or --n-epochs`,
      );
      return { iteration: trainer.iteration, iterations };
    }
    if (iterations === 0)
      await this.save("last"); // fitted already
    else if (await this.good.isEmpty()) await this.keepGood();
    const until = Math.min(iterations, hooks.until ?? iterations);
    while (trainer.iteration < until && !hooks.signal.aborted) {
      const traces = await trainer.advance(this.schedule.stride(trainer.iteration, until));
      const at = trainer.iteration;
      const divergence = findDivergence(traces, at);
      if (divergence !== null) {
        await this.goBack(divergence);
        continue;
      }
      this.means.add(traces);
      await this.watch.metrics(traces, at);
      hooks.onProgress({ iteration: at, iterations, epoch: trainer.epoch, metrics: headline(meansOf(traces)) });
      const due = (every: number) => this.schedule.isDue(every, at);
      if (due(config.printEvery)) {
        await this.folder.log({ iteration: at, kind: "train", epoch: trainer.epoch, ...this.means.take() });
      }
      if (due(config.evalEvery)) await this.validate();
      if (config.plots && due(config.vizEvery)) await this.gallery.drawProgress(trainer.averagedState, at);
      if (due(config.ckptEvery)) {
        await this.keepGood();
        await this.save("last");
      } else if (this.schedule.isUnsaved) await this.save("last");
      if (config.saveEvery > 0 && at % config.saveEvery === 0) await this.save(`iteration-${padded(at)}`);
    }
    if (trainer.iteration < iterations) await this.save("last");
    else await this.finish();
    return { iteration: trainer.iteration, iterations };
  }

  /** With `--recover`, while f is sound: a checkpoint to go back to. */
  private async keepGood(): Promise<void> {
    if (!this.config.recover || this.wentBack || !this.watch.isFine) return;
    await this.good.keep(this.trainer.iteration, (name) => this.save(name));
  }

  /** Goes back from a divergence, where that is asked for and was not done before. @throws DivergenceError */
  private async goBack(divergence: Divergence): Promise<void> {
    const { config, good, trainer, folder, hooks } = this;
    const path = config.recover && !this.wentBack ? await good.before(divergence.iteration) : null;
    if (path === null) throw divergenceError(divergence, this.lastSaved, this.wentBack);
    const { snapshot, info } = await loadCheckpoint(path, trainer.snapshot);
    trainer.restore(snapshot);
    trainer.rateFactor *= RATE_FACTOR;
    const { iteration, rateFactor } = trainer;
    // The best checkpoint may be of iterations that are gone through anew: the next evaluation then takes its place.
    if (info.best?.iteration !== this.best?.iteration) this.best = null;
    this.means.state = info.means;
    this.watch.state = info.health;
    await folder.rewind(iteration);
    await good.rewind(iteration);
    const { iteration: diverged_at, name: term, value } = divergence;
    await folder.log({ iteration, kind: "recovery", diverged_at, term, value, rate_factor: rateFactor });
    await this.save("last"); // with the rates in it, so that a resumed run goes on with them
    hooks.onMessage(
      `training diverged: ${described(divergence)}; back to iteration ${iteration}, and on with ${rateFactor} times the learning rates`,
    );
  }

  private async validate(): Promise<void> {
    const { trainer, dataset, folder } = this;
    const { validation } = dataset.splits;
    if (validation.size === 0) return;
    const { iteration } = trainer;
    await this.fitTypicality();
    const { averagedState: state } = trainer;
    const { values, shares } = await report(
      this.evaluator,
      energyVariables(state),
      dataset,
      validation,
      this.tractable,
    );
    const names = dataset.classes ?? [];
    const drawn = shares && (await this.watch.classes(state, shares, names, iteration, this.isDone));
    await folder.log({ iteration, kind: "validation", ...values, ...drawn });
    const chosen = criterion(values);
    // A tie goes to the later: its learning rate is lower, and its generator has learned for longer.
    if (chosen !== null && (this.best === null || chosen[1] >= this.best.value)) {
      this.best = { name: chosen[0], value: chosen[1], iteration: trainer.iteration };
      await this.save("best");
    }
    const shown = ["accuracy", "ece", "log_likelihood"].filter((name) => values[name] !== undefined);
    const text = shown.map((name) => `${name} ${values[name]!.toFixed(4)}`).join(", ");
    if (shown.length > 0) this.hooks.onMessage(`iteration ${trainer.iteration}, validation: ${text}`);
  }

  /** From random numbers of the iteration's own: it is the same whether the run was resumed or not. */
  private async fitTypicality(): Promise<void> {
    const { typicality, trainer, dataset, config } = this;
    if (typicality === null || dataset.splits.validation.size < 2) return; // told at the start
    const rng = streams(config.seed).for(`typicality, iteration ${trainer.iteration}`);
    const fitted = await typicality.fit(energyVariables(trainer.averagedState), dataset, rng);
    trainer.amend({ typicality: fitted });
  }

  private get tractable(): boolean {
    return this.config.density !== "network";
  }

  private async save(name: CheckpointName): Promise<void> {
    const last = this.config.ckptPath ?? this.folder.checkpoint("last");
    const path = name === "last" ? last : this.folder.checkpoint(name);
    const { best, means, watch, dataset } = this;
    const info = { best, means: means.state, data: dataset.fingerprint, health: watch.state };
    await saveCheckpoint(path, this.trainer.snapshot, info, this.saved);
    if (this.lastSaved !== last) this.lastSaved = path;
    if (name === "last") this.schedule.saved();
  }

  /** The test split, once, with the checkpoint that validation chose. */
  private async finish(): Promise<void> {
    const { dataset, folder, hooks, trainer, best } = this;
    const own = trainer.snapshot;
    const evaluated = best !== null && best.iteration !== trainer.iteration ? folder.checkpoint("best") : null;
    if (evaluated !== null) trainer.restore((await loadCheckpoint(evaluated, own)).snapshot);
    const variables = energyVariables(trainer.averagedState);
    const { preprocessing } = dataset;
    const { test } = dataset.splits;
    const heldOut = this.fits.findings?.heldOut ?? null;
    const apart = withRowsApart(this.config, dataset);
    const density = await heldOutDensity(this.config, apart);
    const tested =
      (heldOut && { ...heldOut.report, logDensity: keptLogDensity(this.config, variables)! }) ??
      (test.size === 0 ? null : await report(this.evaluator, variables, dataset, test, this.tractable, density));
    const noise =
      tested === null || preprocessing.kind !== "image"
        ? null
        : await noiseDetection(this.evaluator, variables, dataset.shape, preprocessing.scaling, tested.logDensity);
    const odd =
      dataset.kind === "table"
        ? await outlierReport(apart, density ?? densityOf(this.evaluator, variables), this.given)
        : null;
    if (tested !== null) {
      const measured = noise === null ? {} : { ood_auroc_uniform: noise.auroc };
      const values = { ...tested.values, ...measured, ...(odd && outlierValues(odd)) };
      const chosen =
        heldOut !== null
          ? "rows held out"
          : best === null
            ? "last"
            : `validation ${best.name}, iteration ${best.iteration}`;
      await folder.log({ iteration: own.counters.iteration, kind: "test", chosen_by: chosen, ...values });
      const what =
        heldOut === null
          ? `test (checkpoint chosen by ${chosen})`
          : `${heldOut.rows} of ${heldOut.of} rows, predicted by networks that did not learn from them`;
      const text = summary({ ...tested.values, ...measured });
      if (text !== "") hooks.onMessage(`${what}: ${text}`);
    }
    if (odd !== null) for (const text of outlierMessages(odd)) hooks.onMessage(text);
    else if (dataset.kind === "table") hooks.onMessage(`note: ${noOutlierReport(apart.splits)}`);
    if (this.config.plots)
      await this.gallery.drawResult(trainer.averagedState, tested, noise?.noise ?? odd?.uniform ?? null);
    trainer.restore(own);
    hooks.onMessage(`everything is in ${folder.path}: metrics.jsonl, figures/, checkpoints/`);
  }
}

/**
 * Trains and writes everything into the run's folder.
 * @throws ConfigError where the folder holds anything that is neither resumed nor, with `overwrite`, a run to be replaced; FileError
 * where another process trains in it; DataError, DivergenceError
 */
export async function train(
  given: TrainConfig,
  hooks: Partial<TrainHooks> = {},
  { overwrite = false, ranks = null }: TrainOptions = {},
): Promise<TrainResult> {
  if (ranks !== null && ranks.rank > 0) return trainAlong(ranks);
  const config = overwrite ? given : await continuedBy(given);
  const resume = config.resume !== null;
  const folder = await RunFolder.claim(config.resume ?? config.saveDir, { resume, overwrite });
  return onEngineOf(config, async () => {
    let run: Run | null = null;
    const heard = { ...SILENT, ...hooks };
    const iteration = () => run?.iteration ?? null;
    try {
      const onMessage = (text: string) => {
        folder.say({ iteration: iteration(), text });
        heard.onMessage(text);
      };
      run = await Run.start(config, { ...heard, onMessage }, folder, ranks);
      const result = await run.train();
      const isDone = result.iteration >= result.iterations;
      const text = isDone ? "done" : `stopped at iteration ${result.iteration} of ${result.iterations}`;
      folder.say({ iteration: result.iteration, text, end: isDone ? "done" : "stopped" });
      return result;
    } catch (cause) {
      const end = cause instanceof DivergenceError ? "diverged" : "failed";
      folder.say({ iteration: iteration(), text: cause instanceof Error ? cause.message : String(cause), end });
      throw cause;
    } finally {
      await run?.release();
      await folder.release();
    }
  });
}
