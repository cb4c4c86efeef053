/** The first chapter: densities in the plane, trained while one looks. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Scene } from "../draw/landscape.js";
import { MOST_POINTS, rounded } from "../settings/points.js";
import { type Method, runKey, type Settings } from "../settings/settings.js";
import { METHOD_TEXTS } from "../text/methods.js";
import { LandscapePicture } from "./canvas.js";
import { Curve } from "./curve.js";
import { DataPicker } from "./data-picker.js";
import { ENTROPIES } from "./entropies.js";
import { stateAt } from "./history.js";
import { Iteration } from "./iteration.js";
import { Pad } from "./pad.js";
import { Runs, type Told } from "./runs.js";
import { MethodsForm, NumbersForm, ShownForm } from "./settings-form.js";
import { type Motion, Transport } from "./transport.js";

/** Points that a density can be learned from. */
const FEWEST = 10;
/** How long a step of slow motion is looked at. */
const LOOK = 1100;
/** Between what is read out. */
const SAY_EVERY = 5000;

const DATA_ALONE = ["data"] as const;

interface Props {
  readonly settings: Settings;
  readonly onChange: (change: Partial<Settings>) => void;
}

export function PlaneChapter({ settings, onChange }: Props) {
  const [, redraw] = useState(0);
  const runs = useRef<Runs | null>(null);
  const waiting = useRef(false);
  // What several workers tell before the next picture of the screen is drawn once.
  runs.current ??= new Runs(() => {
    if (waiting.current) return;
    waiting.current = true;
    requestAnimationFrame(() => {
      waiting.current = false;
      redraw((n) => n + 1);
    });
  });
  const [motion, setMotion] = useState<Motion>("still");
  const [at, setAt] = useState<number | null>(null);
  const [phase, setPhase] = useState<number | null>(null);
  const [drawing, setDrawing] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [drawn, setDrawn] = useState<readonly number[]>([]);
  const { methods, focus } = settings;
  const trainable = settings.data !== "points" || settings.points.length >= 2 * FEWEST;
  const key = `${runKey(settings)} ${attempt}`;

  // A change of what a run depends on begins all runs anew; another choice of methods only those that are new.
  const begun = useRef("");
  useEffect(() => {
    const store = runs.current!;
    const same = begun.current === key;
    if (!same) {
      store.endAll();
      begun.current = key;
      setMotion("still");
      setAt(null);
      setPhase(null);
    }
    if (trainable) store.begin(settings);
    else store.endAll();
    if (same && motion === "running") store.order(methods, { kind: "run" });
    redraw((n) => n + 1);
  }, [key, methods.join(), trainable]);
  useEffect(() => () => runs.current?.endAll(), []);

  const told = (method: Method): Told => runs.current!.told(method);
  const mine = told(focus);
  // Methods take their own time for an iteration: the slider is of the one that is shown large.
  const last = mine.frames.at(-1)?.iteration ?? 0;
  const ready = trainable && methods.every((m) => told(m).state !== "loading");
  const frame = stateAt(mine.frames, at);

  const move = (next: Motion) => {
    setMotion(next);
    setAt(null);
    setPhase(null);
    const store = runs.current!;
    store.order(methods, { kind: next === "running" ? "run" : "pause" });
    if (next === "running") store.forgetParts();
  };
  const step = () => {
    setMotion("still");
    setAt(null);
    runs.current!.order(methods, { kind: "step" });
    setPhase(0);
  };

  // Slow motion: draw, weigh, move, the landscape after them, and the next iteration.
  const { parts } = mine;
  useEffect(() => {
    if (motion !== "slow") return;
    if (parts === null) return runs.current!.order([focus], { kind: "step" });
    const timers = [0, 1, 2].map((k) => setTimeout(() => setPhase(k), k * LOOK));
    timers.push(setTimeout(() => setPhase(null), 3 * LOOK));
    timers.push(setTimeout(() => runs.current!.order([focus], { kind: "step" }), 3.6 * LOOK));
    return () => timers.forEach(clearTimeout);
  }, [motion, parts, focus]);

  const own = settings.data === "points" || drawing;
  const drawnPoints = useMemo(() => Float32Array.from(drawn), [drawn]);
  const shownData = drawing ? drawnPoints : mine.data;
  const openPhase = phase !== null && parts !== null && at === null && !drawing ? parts.phases[phase]! : null;
  const ownPoints = useMemo(() => Float32Array.from(settings.points), [settings.points]);
  const sceneOf = (method: Method): Scene => ({
    frame: drawing ? null : stateAt(told(method).frames, at),
    data: own && shownData.length === 0 ? ownPoints : method === focus || drawing ? shownData : told(method).data,
    shown: settings.shown,
    layers: drawing ? DATA_ALONE : settings.layers,
    phase: method === focus ? openPhase : null,
  });
  const scene = useMemo(
    () => sceneOf(focus),
    [frame, settings.shown, settings.layers, openPhase, drawing, drawn, mine.data, focus, settings.points],
  );
  const draw = (points: readonly number[], done: boolean) => {
    const next = [...drawn, ...rounded(points)].slice(0, 2 * MOST_POINTS);
    setDrawn(next);
    if (done) onChange({ data: "points", points: next });
  };
  const toggleDrawing = (on: boolean) => {
    setDrawing(on);
    if (!on) return;
    move("still");
    setDrawn(settings.points);
    if (settings.data !== "points") onChange({ data: "points", points: [] });
  };

  const entropy = settings.data === "points" ? null : ENTROPIES[settings.data];
  const curves = Object.fromEntries(methods.map((m) => [m, told(m).curve]));
  return (
    <>
      <p class="lead">
        A landscape f over the plane rises where there are data and falls where there are none, until e<sup>f</sup> is
        their density. Start it, and watch four methods learn the same data.
      </p>
      <div class="workbench">
        <div class="stage">
          <Pad
            scene={scene}
            onDraw={drawing ? draw : null}
            label={`Landscape of ${METHOD_TEXTS[focus].name} on ${settings.data}, after ${frame?.iteration ?? 0} iterations${nllText(frame?.nll, entropy)}.`}
          />
          <Transport
            motion={motion}
            ready={ready && !drawing}
            iteration={at ?? last}
            last={last}
            onMotion={move}
            onStep={step}
            onReset={() => setAttempt((n) => n + 1)}
            onIteration={(iteration) => {
              if (motion !== "still") move("still");
              setAt(iteration);
            }}
          />
          {!trainable && <p class="note">Draw or paste {FEWEST} points or more.</p>}
          <section class="methods" aria-label="Methods">
            {methods.map((method) => (
              <button
                key={method}
                type="button"
                class={`method ${method}`}
                aria-pressed={method === focus}
                onClick={() => {
                  onChange({ focus: method });
                  setPhase(null);
                }}
              >
                <MethodCard told={told(method)} scene={sceneOf(method)} method={method} at={at} entropy={entropy} />
              </button>
            ))}
          </section>
        </div>
        <div class="controls">
          <DataPicker settings={settings} drawing={drawing} onChange={onChange} onDrawing={toggleDrawing} />
          <ShownForm settings={settings} onChange={onChange} />
          <MethodsForm settings={settings} onChange={onChange} />
          <NumbersForm settings={settings} engine={mine.engine} onChange={onChange} />
        </div>
      </div>
      <section aria-labelledby="curve-title">
        <h2 id="curve-title">How far from the truth</h2>
        <p class="quiet">
          {entropy === null
            ? "Points of your own have no known entropy: the curve is the NLL of the points themselves, with p normalised over a grid on [−5, 5]². Low is good, until it is learned by heart."
            : "NLL of 2,000 points that were not trained on, with p normalised over a grid on [−5, 5]². It cannot fall below the data's entropy, but for the chance of which points these are (about 0.02)."}
        </p>
        <Curve curves={curves} entropy={entropy} iteration={at} />
      </section>
      <Iteration method={focus} parts={parts} phase={phase} onPhase={setPhase} />
      <LiveText
        text={`${METHOD_TEXTS[focus].name}, iteration ${frame?.iteration ?? 0}${nllText(frame?.nll, entropy)}`}
      />
    </>
  );
}

const nllText = (nll: number | undefined, entropy: number | null): string =>
  nll === undefined ? "" : `: ${nll.toFixed(2)} nats${entropy === null ? "" : `, entropy ${entropy.toFixed(2)}`}`;

interface CardProps {
  readonly told: Told;
  readonly scene: Scene;
  readonly method: Method;
  readonly at: number | null;
  readonly entropy: number | null;
}

function MethodCard({ told, scene, method, at, entropy }: CardProps) {
  const frame = stateAt(told.frames, at);
  // Drawn anew where something of it changed, not with every frame of the others.
  const kept = useMemo(() => ({ ...scene, phase: null }), [scene.frame, scene.data, scene.shown, scene.layers]);
  const pace = frame !== null && frame.pace > 0 ? `, ${frame.pace.toFixed(1)} ms each` : "";
  return (
    <>
      <LandscapePicture scene={kept} label="" />
      <b>{METHOD_TEXTS[method].name}</b>
      <span class="quiet figures">
        {told.state === "failed"
          ? "failed"
          : frame === null
            ? "loading …"
            : `${frame.nll.toFixed(2)} nats${entropy === null ? "" : ` (${signed(frame.nll - entropy)})`}`}
      </span>
      <span class="quiet figures">{frame !== null && `${frame.iteration} iterations${pace}`}</span>
      {told.state === "failed" && <span class="warning">{told.why}</span>}
    </>
  );
}

const signed = (v: number): string => `${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(2)}`;

/** Read out now and then, not at every frame. */
function LiveText({ text }: { readonly text: string }) {
  const [said, say] = useState("");
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    const timer = setInterval(() => say(latest.current), SAY_EVERY);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {said}
    </p>
  );
}
