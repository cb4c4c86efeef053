/** The second chapter: a classifier of digits that is a density as well, trained in the page. */
import { useEffect, useRef, useState } from "preact/hooks";
import digitsFile from "../../../data/digits.csv.gz?url";
import { engineChoice } from "../plane/runs.js";
import type { Settings } from "../settings/settings.js";
import { JemText } from "../text/jem.js";
import { blank } from "./brush.js";
import { DigitPad, paintDigit } from "./pad.js";
import { type Answer, type DigitsNews, type DigitsOrder, ENOUGH, PIXELS, type Progress, WHITE } from "./protocol.js";
import { SurpriseChart } from "./surprise-chart.js";

interface Props {
  readonly settings: Settings;
  readonly onChange: (change: Partial<Settings>) => void;
}

/** Less likely than all but so many of a hundred digits: then probabilities say little. */
const UNLIKE = 0.99;

export function DigitsChapter({ settings }: Props) {
  const worker = useRef<Worker | null>(null);
  const [examples, setExamples] = useState<readonly (readonly number[])[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [why, setWhy] = useState("");
  const [running, setRunning] = useState(false);
  const [pixels, setPixels] = useState<readonly number[]>(blank);
  const [attempt, setAttempt] = useState(0);
  const order = (what: DigitsOrder) => worker.current?.postMessage(what);

  useEffect(() => {
    const made = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "digits" });
    worker.current = made;
    made.addEventListener("message", ({ data: news }: MessageEvent<DigitsNews>) => {
      if (news.kind === "ready") setExamples(news.examples);
      else if (news.kind === "answer") setAnswer(news.answer);
      else if (news.kind === "failed") setWhy(news.why);
      else {
        setProgress(news.progress);
        if (news.progress.iteration === ENOUGH) setRunning(false);
      }
    });
    made.addEventListener("error", ({ message }) => setWhy(message || "the worker did not start"));
    const { numbers } = settings;
    const engine = engineChoice({ ...settings, methods: ["vera"] });
    made.postMessage({
      kind: "begin",
      file: new URL(digitsFile, location.href).href,
      seed: numbers.seed,
      engine,
    } satisfies DigitsOrder);
    return () => made.terminate();
  }, [attempt]);

  // Asked anew with every drawing, and as the model learns.
  useEffect(() => {
    if (progress !== null) order({ kind: "ask", pixels });
  }, [pixels, progress]);

  const toggle = () => {
    setRunning(!running);
    order({ kind: running ? "pause" : "run" });
  };
  const anew = () => {
    setRunning(false);
    setProgress(null);
    setAnswer(null);
    setAttempt((n) => n + 1);
  };
  const trained = progress !== null && progress.iteration > 0;
  return (
    <>
      <p class="lead">
        One network tells which digit a drawing is, how sure that is, and how usual such a drawing is at all. It trains
        here, on 1,258 digits of 8×8 pixels, in less than a minute; then draw.
      </p>
      <div class="workbench">
        <div class="stage">
          <div class="transport">
            <div class="buttons">
              <button type="button" class="primary" disabled={progress === null} onClick={toggle}>
                {running ? "Pause" : trained ? "Train on" : "Train it"}
              </button>
              <button type="button" onClick={anew}>
                Begin anew
              </button>
            </div>
            <label class="timeline">
              <span>
                Iteration <b>{progress?.iteration ?? 0}</b>
              </span>
              <progress max={ENOUGH} value={progress?.iteration ?? 0} />
            </label>
          </div>
          {why !== "" && <p class="warning">{why}</p>}
          {progress !== null && (
            <p class="figures">
              {trained
                ? `Of 359 test digits ${(100 * progress.accuracy).toFixed(1)} % are told rightly; probabilities are off by ${(100 * progress.ece).toFixed(1)} points on average (T = ${progress.temperature.toFixed(2)}); ${(progress.spent / 1000).toFixed(0)} s of training.`
                : "Not trained yet: it knows nothing."}
            </p>
          )}
          <div class="digit-work">
            <div>
              <DigitPad pixels={pixels} onChange={setPixels} />
              <div class="buttons">
                <button type="button" onClick={() => setPixels(blank())}>
                  Clear
                </button>
                <button
                  type="button"
                  disabled={examples.length === 0}
                  onClick={() => setPixels(examples[Math.floor(Math.random() * examples.length)]!)}
                >
                  A test digit
                </button>
                <button
                  type="button"
                  onClick={() =>
                    setPixels(Array.from({ length: PIXELS }, () => Math.floor(Math.random() * (WHITE + 1))))
                  }
                >
                  Noise
                </button>
              </div>
            </div>
            {answer !== null && progress !== null && <Verdict answer={answer} trained={trained} />}
          </div>
          {answer !== null && trained && (
            <SurpriseChart heldout={progress.heldout} logDensity={answer.logDensity} surprise={answer.surprise} />
          )}
          {trained && (
            <section aria-labelledby="drawn-title">
              <h2 id="drawn-title">What its generator draws</h2>
              <Samples samples={progress.samples} />
            </section>
          )}
        </div>
        <JemText />
      </div>
    </>
  );
}

function Verdict({ answer, trained }: { readonly answer: Answer; readonly trained: boolean }) {
  const { probabilities, surprise } = answer;
  const best = probabilities.indexOf(Math.max(...probabilities));
  const unlike = surprise >= UNLIKE;
  const text = !trained
    ? "Train it first."
    : unlike
      ? "Like no digit that it knows."
      : `A ${best}, with probability ${(100 * probabilities[best]!).toFixed(0)} %.`;
  return (
    <div class={unlike && trained ? "verdict unlike" : "verdict"}>
      <p role="status">
        <b>{text}</b>
        {trained && <span class="quiet"> {(100 * surprise).toFixed(0)} % of digits held out are more usual.</span>}
      </p>
      <table>
        <caption class="visually-hidden">Probability of each digit</caption>
        <tbody>
          {probabilities.map((p, digit) => (
            <tr key={String(digit)}>
              <th scope="row">{digit}</th>
              <td class="bar-cell">
                <span class="bar-fill" style={{ width: `${100 * p}%` }} />
              </td>
              <td>{(100 * p).toFixed(0)} %</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Samples({ samples }: { readonly samples: Float32Array }) {
  const count = samples.length / PIXELS;
  return (
    <div class="digit-samples" role="img" aria-label={`${count} digits that the generator drew`}>
      {Array.from({ length: count }, (_, i) => (
        <Sample key={String(i)} pixels={samples.subarray(i * PIXELS, (i + 1) * PIXELS)} />
      ))}
    </div>
  );
}

function Sample({ pixels }: { readonly pixels: Float32Array }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context)
      paintDigit(
        context,
        pixels.map((v) => (v + 1) / 2),
        1,
      );
  }, [pixels]);
  return <canvas ref={canvas} width={8} height={8} aria-hidden />;
}
