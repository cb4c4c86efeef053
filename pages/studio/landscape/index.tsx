/** The log-density that a run learned, as a map. */
import { useEffect, useState } from "preact/hooks";
import type { RunDetail } from "../../../src/studio/api.js";
import type { Landscape } from "../../../src/studio/ask-api.js";
import { counted, shown } from "../../shared/numbers.js";
import { ChooseRun } from "../choose-run.js";
import { address } from "../route.js";
import { pathOf } from "../run/use-run.js";
import { ask } from "../server.js";
import type { ViewProps } from "../views.js";
import { ColourScale } from "./colour-scale.js";
import { CHAINS, DATA, type Layers, SAMPLES } from "./draw.js";
import { LandscapeMap } from "./map.js";
import { PlaneChoice } from "./plane-choice.js";
import { LandscapeSurface } from "./solid.js";
import "../parts.css";
import "./landscape.css";

export function LandscapeView({ route }: ViewProps) {
  const [id] = route.rest;
  if (id === undefined)
    return (
      <ChooseRun view="landscape" title="Landscape">
        Of which run? The log-density that it learned is drawn as a map, with data, samples and chains on it.
      </ChooseRun>
    );
  return <Looking key={id} id={id} />;
}

const LAYERS: readonly (readonly [name: keyof Layers, title: string, colour: string | null])[] = [
  ["contours", "contours", null],
  ["data", "training data", DATA],
  ["samples", "the generator's samples", SAMPLES],
  ["chains", "MALA chains", CHAINS],
];

const isStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function Looking({ id }: { readonly id: string }) {
  const path = `/api/landscape/${encodeURIComponent(id)}`;
  const [found, setFound] = useState<Landscape | null>(null);
  const [name, setName] = useState("");
  const [problem, tell] = useState<string | null>(null);
  const [checkpoint, setCheckpoint] = useState<string | null>(null);
  const [plane, setPlane] = useState("principal");
  const [busy, setBusy] = useState(true);
  const [layers, setLayers] = useState<Layers>({ contours: true, data: true, samples: true, chains: true });
  useEffect(() => {
    ask<RunDetail>(pathOf(id)).then(
      (run) => setName(run.name),
      () => {},
    );
  }, [id]);
  useEffect(() => {
    let current = true;
    setBusy(true);
    const query = new URLSearchParams({ plane, ...(checkpoint !== null && { checkpoint }) });
    ask<Landscape>(`${path}?${query}`)
      .then(
        (next) => {
          if (!current) return;
          setFound(next);
          tell(null);
        },
        (error: Error) => current && tell(error.message),
      )
      .finally(() => current && setBusy(false));
    return () => {
      current = false;
    };
  }, [path, checkpoint, plane]);

  return (
    <>
      <header class="view-head">
        <h1>Landscape of {name || "the run"}</h1>
        {found !== null && found.iteration > 0 && <span class="quiet">iteration {counted(found.iteration)}</span>}
        <a href={address("runs", [id])}>The run</a>
        <a href={address("ask", [id])}>Ask the model</a>
      </header>
      {problem !== null && (
        <p class="warning" role="alert">
          The landscape cannot be drawn: {problem}
        </p>
      )}
      <p class="quiet" role="status">
        {busy ? "The density is computed …" : ""}
      </p>
      {found !== null && (
        <div class="landscape">
          <section class="panel" aria-label="Map">
            <Moving found={found} layers={layers} setLayers={setLayers} />
          </section>
          <div class="landscape-side">
            <section class="panel" aria-labelledby="landscape-when">
              <h2 id="landscape-when">When</h2>
              <Checkpoints found={found} onChoose={setCheckpoint} />
              <ColourScale
                range={found.range}
                title={found.normalised ? "log p(x), in nats" : "f(x) in nats: log p(x) up to a constant"}
              />
              {found.notes.map((note) => (
                <p key={note} class="note">
                  {note}
                </p>
              ))}
              {found.plane !== "whole" && (
                <p class="quiet">
                  Colours are f on the plane itself; points lie beside it, and are drawn where they are seen at a right
                  angle.
                </p>
              )}
              {found.acceptance !== null && (
                <p class="quiet">
                  Chains begin at samples; {shown(100 * found.acceptance, 3)} % of their proposals are accepted.
                </p>
              )}
            </section>
            {found.plane !== "whole" && <PlaneChoice path={path} plane={plane} onChoose={setPlane} />}
          </div>
        </div>
      )}
    </>
  );
}

interface MovingProps {
  readonly found: Landscape;
  readonly layers: Layers;
  readonly setLayers: (layers: Layers) => void;
}

/** Moments of the chains in a second. */
const PACE = 9;

function Moving({ found, layers, setLayers }: MovingProps) {
  const moments = found.chains?.length ?? 0;
  const [moment, setMoment] = useState(0);
  const [plays, play] = useState(!isStill());
  const [solid, makeSolid] = useState(false);
  const moves = plays && layers.chains && moments > 1;
  useEffect(() => {
    if (!moves) return;
    const timer = setInterval(() => setMoment((old) => (old + 1) % (moments + PACE)), 1000 / PACE);
    return () => clearInterval(timer);
  }, [moves, moments]);
  const at = Math.min(moment, moments - 1);
  const outside = found.chains?.[at]?.filter((place) => !isOnMap(found, place)).length ?? 0;
  const there = { contours: true, data: found.data.length > 0, samples: found.samples !== null, chains: moments > 0 };
  return (
    <>
      <fieldset class="layers">
        <legend class="visually-hidden">How it is drawn</legend>
        <label>
          <input type="radio" name="drawn-as" checked={!solid} onChange={() => makeSolid(false)} /> map
        </label>
        <label>
          <input type="radio" name="drawn-as" checked={solid} onChange={() => makeSolid(true)} /> surface
        </label>
      </fieldset>
      {solid ? (
        <LandscapeSurface found={found} layers={layers} moment={at} />
      ) : (
        <LandscapeMap found={found} layers={layers} moment={at} />
      )}
      <fieldset class="layers">
        <legend class="visually-hidden">What is drawn</legend>
        {LAYERS.filter(([layer]) => there[layer] && !(solid && layer === "contours")).map(([layer, title, colour]) => (
          <label key={layer}>
            <input
              type="checkbox"
              checked={layers[layer]}
              onChange={(event) => setLayers({ ...layers, [layer]: event.currentTarget.checked })}
            />
            {colour !== null && <span class="dot" style={{ background: colour }} aria-hidden="true" />} {title}
          </label>
        ))}
      </fieldset>
      {moments > 1 && (
        <div class="moments">
          <button type="button" aria-pressed={plays} onClick={() => play(!plays)}>
            {plays ? "❚❚ Pause" : "▶ Play"}
          </button>
          <label for="chain-moment">Step of the chains</label>
          <input
            id="chain-moment"
            type="range"
            min="0"
            max={moments - 1}
            value={at}
            onInput={(event) => {
              play(false);
              setMoment(event.currentTarget.valueAsNumber);
            }}
          />
          <output for="chain-moment">
            {at}
            {outside > 0 && `: ${outside} of ${found.chains![at]!.length} have left the map`}
          </output>
        </div>
      )}
    </>
  );
}

const isOnMap = ({ x, y }: Landscape, [s, t]: readonly [number, number]): boolean =>
  s >= x.min && s <= x.max && t >= y.min && t <= y.max;

function Checkpoints(props: { readonly found: Landscape; readonly onChoose: (checkpoint: string) => void }) {
  const { found, onChoose } = props;
  const { checkpoints, checkpoint } = found;
  const kept = checkpoints.filter(({ iteration }) => iteration !== null);
  const others = checkpoints.filter(({ iteration }) => iteration === null);
  const at = kept.findIndex(({ name }) => name === checkpoint);
  return (
    <div class="checkpoints">
      {kept.length > 1 && (
        <p>
          <label for="checkpoint">Iteration</label>
          <input
            id="checkpoint"
            type="range"
            min="0"
            max={kept.length - 1}
            value={at < 0 ? kept.length - 1 : at}
            aria-valuetext={at < 0 ? checkpoint : `iteration ${kept[at]!.iteration}`}
            onInput={(event) => onChoose(kept[event.currentTarget.valueAsNumber]!.name)}
          />
          <output for="checkpoint">{counted(found.iteration)}</output>
        </p>
      )}
      <p>
        {others.map(({ name }) => (
          <button key={name} type="button" aria-pressed={checkpoint === name} onClick={() => onChoose(name)}>
            {name === "best" ? "Best" : "Last"}
          </button>
        ))}
      </p>
      {kept.length < 2 && (
        <p class="quiet">Train with --save-every for checkpoints on the way: the landscape can be seen as it grows.</p>
      )}
    </div>
  );
}
