/** What is shown, which methods train, and every number; all of it is in the address. */
import { useState } from "preact/hooks";
import { inRange, NUMBER_NAMES, type NumberName, rangeOf } from "../settings/numbers.js";
import { LAYERS, type LayerName, METHODS, type Settings } from "../settings/settings.js";
import { METHOD_TEXTS } from "../text/methods.js";

interface Props {
  readonly settings: Settings;
  readonly engine: string;
  readonly onChange: (change: Partial<Settings>) => void;
}

const LAYER_NAMES: Readonly<Record<LayerName, string>> = {
  data: "data",
  samples: "samples",
  grid: "generator as a grid of z",
  score: "arrows of ∇f",
  entropy: "entropy gradient c",
};

const toggled = <T,>(all: readonly T[], chosen: readonly T[], value: T): readonly T[] =>
  all.filter((v) => (v === value ? !chosen.includes(v) : chosen.includes(v)));

export function ShownForm({ settings, onChange }: Omit<Props, "engine">) {
  return (
    <fieldset class="panel">
      <legend>Shown</legend>
      <div class="choices" role="radiogroup" aria-label="Colours show">
        {(["logp", "p"] as const).map((shown) => (
          <label key={shown}>
            <input type="radio" name="shown" checked={settings.shown === shown} onChange={() => onChange({ shown })} />{" "}
            {shown === "p" ? "p(x)" : "log p(x)"}
          </label>
        ))}
      </div>
      <div class="choices">
        {LAYERS.map((layer) => (
          <label key={layer}>
            <input
              type="checkbox"
              checked={settings.layers.includes(layer)}
              onChange={() => onChange({ layers: toggled(LAYERS, settings.layers, layer) })}
            />{" "}
            <span class={`ink ${layer}`}>{LAYER_NAMES[layer]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function MethodsForm({ settings, onChange }: Omit<Props, "engine">) {
  return (
    <fieldset class="panel">
      <legend>Methods, side by side</legend>
      <div class="choices">
        {METHODS.map((method) => (
          <label key={method}>
            <input
              type="checkbox"
              checked={settings.methods.includes(method)}
              onChange={() => {
                const methods = toggled(METHODS, settings.methods, method);
                if (methods.length === 0) return;
                onChange({ methods, focus: methods.includes(settings.focus) ? settings.focus : methods[0]! });
              }}
            />{" "}
            {METHOD_TEXTS[method].name} <span class="quiet">· {METHOD_TEXTS[method].short}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function NumbersForm({ settings, engine, onChange }: Props) {
  const [copied, setCopied] = useState(false);
  const change = (name: NumberName, text: string) => {
    if (text === "") return;
    onChange({ numbers: { ...settings.numbers, [name]: inRange(name, Number(text)) } });
  };
  const relevant = NUMBER_NAMES.filter((name) => {
    const { of } = rangeOf(name);
    return of === undefined || settings.methods.includes(of);
  });
  return (
    <details class="panel">
      <summary>Settings</summary>
      <p class="quiet">Changing one begins training anew. The address of this page holds them all.</p>
      <div class="numbers-form">
        {relevant.map((name) => {
          const { label, symbol, min, max, step, of } = rangeOf(name);
          return (
            <label key={name} class="field">
              <span>
                {of !== undefined && <span class="quiet">{METHOD_TEXTS[of].name}: </span>}
                {label}
                {symbol !== undefined && <i> {symbol}</i>}
              </span>
              <input
                type="number"
                {...{ min, max, step }}
                value={settings.numbers[name]}
                onChange={(event) => change(name, event.currentTarget.value)}
              />
            </label>
          );
        })}
      </div>
      <label class="choice">
        <input type="checkbox" checked={settings.base} onChange={() => onChange({ base: !settings.base })} /> f starts
        from a Gaussian of the data
      </label>
      <label class="field">
        <span>Computed by</span>
        <select
          value={settings.engine}
          onChange={(event) => onChange({ engine: event.currentTarget.value === "webgpu" ? "webgpu" : "wasm" })}
        >
          <option value="wasm">WebAssembly</option>
          <option value="webgpu" disabled={!("gpu" in navigator)}>
            WebGPU{"gpu" in navigator ? "" : " (not in this browser)"}
          </option>
        </select>
      </label>
      <p class="quiet">{engine}</p>
      <button
        type="button"
        onClick={() => {
          void navigator.clipboard?.writeText(location.href).then(() => setCopied(true));
        }}
      >
        {copied ? "Copied" : "Copy the link to this run"}
      </button>
    </details>
  );
}
