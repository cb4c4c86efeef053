/** What an option is: type, default, range, and what it says about itself. The options themselves are in `options.ts`. */
import type { Effect } from "./effects.js";

export type OptionValue = number | boolean | string | null | readonly number[] | readonly string[];

/** What is common to the options of all types. */
export interface OptionTraits {
  /** One or two sentences, without the default. */
  readonly help: string;
  /** How the value is called in help: `N`, `X`, `DIR`. */
  readonly value?: string;
  /** Other names, besides underscores for hyphens. */
  readonly aliases?: readonly string[];
  /** The runs on which it has an effect. Default: all. */
  readonly effect?: Effect;
  /** May change when a run is resumed. */
  readonly live?: boolean;
  /** The word for null, where null is a value: `auto`. */
  readonly nothing?: string;
  /** What null stands for, in help. */
  readonly otherwise?: string;
}

export interface Range {
  /** Inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** Exclusive. */
  readonly above?: number;
  readonly below?: number;
}

export interface Option<T extends OptionValue = OptionValue> extends OptionTraits, Range {
  readonly type: "int" | "float" | "bool" | "string" | "choice" | "numbers" | "strings";
  readonly default: T;
  readonly choices?: readonly (string | number)[];
}

type Nullable = { readonly nothing: string };

export function int(value: number, traits: OptionTraits & Range): Option<number>;
export function int(value: null, traits: OptionTraits & Range & Nullable): Option<number | null>;
export function int(value: number | null, traits: OptionTraits & Range): Option<number | null> {
  return { type: "int", value: "N", default: value, ...traits };
}

export function float(value: number, traits: OptionTraits & Range): Option<number>;
export function float(value: null, traits: OptionTraits & Range & Nullable): Option<number | null>;
export function float(value: number | null, traits: OptionTraits & Range): Option<number | null> {
  return { type: "float", value: "X", default: value, ...traits };
}

export function bool(value: boolean, traits: OptionTraits): Option<boolean>;
export function bool(value: null, traits: OptionTraits & Nullable): Option<boolean | null>;
export function bool(value: boolean | null, traits: OptionTraits): Option<boolean | null> {
  return { type: "bool", default: value, ...traits };
}

/** Text that may be absent. */
export const string = (traits: OptionTraits & { readonly value: string }): Option<string | null> => ({
  type: "string",
  default: null,
  nothing: "none",
  ...traits,
});

export function choice<const C extends string | number>(
  value: C,
  choices: readonly C[],
  traits: OptionTraits,
): Option<C>;
export function choice<const C extends string | number>(
  value: null,
  choices: readonly C[],
  traits: OptionTraits & Nullable,
): Option<C | null>;
export function choice<const C extends string | number>(
  value: C | null,
  choices: readonly C[],
  traits: OptionTraits,
): Option<C | null> {
  return { type: "choice", value: choices.join("|"), default: value, choices, ...traits };
}

/** `--name 1 2 3` or `--name 1,2,3`; `none` for an empty list. */
export const numbers = (value: readonly number[], traits: OptionTraits & Range): Option<readonly number[]> => ({
  type: "numbers",
  value: "X …",
  default: value,
  ...traits,
});

export const strings = (
  traits: OptionTraits & { readonly value: string; readonly default?: readonly string[] },
): Option<readonly string[]> => ({
  type: "strings",
  default: [],
  ...traits,
});
