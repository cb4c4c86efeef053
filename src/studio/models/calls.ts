/** What the process that holds models is asked to do, and what passes between it and the server. */
import type {
  Answer,
  AskedPixels,
  AskedRow,
  AskModel,
  ColumnsRequest,
  Landscape,
  LandscapeExamples,
  ScoredPage,
  ScoredTable,
  Sort,
  TableColumns,
} from "../ask-api.js";
import type { PlaneChoice } from "../landscape/landscape.js";

/** The folder of a run. */
interface OfRun {
  readonly run: string;
}

/** By name: what is asked for, and the answer. */
export interface Calls {
  readonly about: [OfRun, AskModel];
  readonly row: [OfRun & AskedRow, Answer];
  readonly pixels: [OfRun & AskedPixels, Answer];
  readonly picture: [OfRun & { readonly path: string }, Answer];
  /** Begins; {@link Calls.scored} says how far it is. */
  readonly score: [
    OfRun & { readonly key: string; readonly path: string; readonly out: string; readonly name: string },
    ScoredTable,
  ];
  readonly scored: [{ readonly key: string }, ScoredTable | null];
  readonly page: [
    {
      readonly key: string;
      readonly sort: Sort;
      readonly descending: boolean;
      readonly offset: number;
      readonly count: number;
    },
    ScoredPage | null,
  ];
  readonly scoredRow: [{ readonly key: string; readonly index: number }, Answer | null];
  readonly landscape: [OfRun & { readonly checkpoint: string | null; readonly plane: PlaneChoice }, Landscape];
  readonly examples: [OfRun, LandscapeExamples];
  readonly columns: [ColumnsRequest, TableColumns];
}

export type CallName = keyof Calls;
export type Asked<N extends CallName> = Calls[N][0];
export type Told<N extends CallName> = Calls[N][1];

/** How each is done. */
export type Handlers = { readonly [N in CallName]: (asked: Asked<N>) => Promise<Told<N>> };

/** To the process. */
export interface Request {
  readonly id: number;
  readonly name: CallName;
  readonly asked: unknown;
}

/** From it. */
export type Reply =
  | { readonly id: number; readonly told: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
