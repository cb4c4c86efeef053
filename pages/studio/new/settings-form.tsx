/** All settings of training, found by a word; what is changed stands first. */
import { useId, useState } from "preact/hooks";
import type { OptionInfo, Options, SettingValue } from "../../../src/studio/api.js";
import { type Settings, written } from "../settings.js";

interface SettingsFormProps {
  readonly options: Options;
  readonly settings: Settings;
  /** Settings that stand elsewhere in the page. */
  readonly elsewhere: ReadonlySet<string>;
  /** @param value undefined for what the preset or the default says */
  readonly onChange: (name: string, value: SettingValue | undefined) => void;
}

export function SettingsForm({ options, settings, elsewhere, onChange }: SettingsFormProps) {
  const [search, setSearch] = useState("");
  const own = options.options.filter(({ name }) => !elsewhere.has(name));
  const isGiven = ({ name }: OptionInfo) => settings[name] !== undefined;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found =
    words.length === 0
      ? []
      : own.filter((option) => {
          const text = `${option.flag} ${option.name} ${option.group} ${option.help}`.toLowerCase();
          return !isGiven(option) && words.every((word) => text.includes(word));
        });
  return (
    <div class="settings-form">
      <div class="given-settings">
        {own.filter(isGiven).map((option) => (
          <SettingField key={option.name} option={option} value={settings[option.name]} onChange={onChange} />
        ))}
      </div>
      <p class="line-form">
        <label for="find-setting">Change another setting</label>
        <input
          id="find-setting"
          type="search"
          placeholder="batch, learning rate, seed …"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        {words.length > 0 && (
          <span class="quiet" role="status">
            {found.length === 0 ? "no such setting" : `${found.length} found`}
          </span>
        )}
      </p>
      {found.slice(0, 12).map((option) => (
        <SettingField key={option.name} option={option} value={undefined} onChange={onChange} />
      ))}
    </div>
  );
}

interface SettingFieldProps {
  readonly option: OptionInfo;
  readonly value: SettingValue | undefined;
  readonly onChange: SettingsFormProps["onChange"];
}

function SettingField({ option, value, onChange }: SettingFieldProps) {
  const id = useId();
  const { name, flag, help, min, max } = option;
  return (
    <div class={value === undefined ? "setting" : "setting given"}>
      <label for={id}>{flag}</label>
      <Control id={id} option={option} value={value} onChange={(next) => onChange(name, next)} />
      {value !== undefined && (
        <button type="button" class="plain" aria-label={`Take back ${flag}`} onClick={() => onChange(name, undefined)}>
          ✕
        </button>
      )}
      <span class="quiet help">
        {help} {range(min, max)}
        {option.default !== null && ` Default: ${written(option.default)}.`}
      </span>
    </div>
  );
}

const range = (min: number | null, max: number | null): string =>
  min !== null && max !== null
    ? `From ${min} to ${max}.`
    : min !== null
      ? `From ${min}.`
      : max !== null
        ? `Up to ${max}.`
        : "";

interface ControlProps {
  readonly id: string;
  readonly option: OptionInfo;
  readonly value: SettingValue | undefined;
  readonly onChange: (value: SettingValue | undefined) => void;
}

function Control({ id, option, value, onChange }: ControlProps) {
  const { type, choices } = option;
  if (type === "bool" || choices !== null) {
    const all = type === "bool" ? [true, false] : (choices ?? []);
    return (
      <select
        id={id}
        value={value === undefined ? "" : String(value)}
        onChange={(event) => onChange(all.find((each) => String(each) === event.currentTarget.value))}
      >
        <option value="">as it is</option>
        {all.map((each) => (
          <option key={String(each)} value={String(each)}>
            {typeof each === "boolean" ? (each ? "yes" : "no") : each}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      id={id}
      type="text"
      inputMode={type === "int" || type === "float" ? "decimal" : "text"}
      spellcheck={false}
      value={textOf(value)}
      placeholder={option.default === null ? "" : written(option.default)}
      onChange={(event) => onChange(parsed(option, event.currentTarget.value))}
    />
  );
}

function textOf(value: SettingValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (!Array.isArray(value)) return String(value);
  return value.length === 0 ? NONE : value.join(" ");
}

/** An empty list. */
const NONE = "none";

/** A text as the option's type; what is no number is sent as it is, and refused in words. */
function parsed({ type }: OptionInfo, text: string): SettingValue | undefined {
  if (text.trim() === "") return undefined;
  const number = (part: string) => (Number.isFinite(Number(part)) ? Number(part) : part);
  if (type === "int" || type === "float") return number(text.trim());
  if ((type === "numbers" || type === "strings") && text.trim() === NONE) return [];
  if (type === "numbers")
    return text
      .trim()
      .split(/[\s,]+/)
      .map(number);
  return type === "strings" ? text.trim().split(/\s+/) : text.trim();
}
