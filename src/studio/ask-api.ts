/** What passes between server and page where a model is asked, its landscape is drawn, and a table is prepared for training: types alone. */

/** GET /api/ask/:id: what the model takes, and what it is compared with. */
export interface AskModel {
  readonly kind: "table" | "points" | "image";
  /** Of its data. */
  readonly name: string;
  readonly iteration: number;
  readonly classes: readonly string[] | null;
  /** Of tables and points; empty for pictures. */
  readonly columns: readonly AskColumn[];
  /** A row to begin with, much like the training rows: values by column. */
  readonly row: Readonly<Record<string, string>>;
  readonly image: { readonly channels: 1 | 3; readonly size: number } | null;
  /** Log-densities of data held out; null where there are none. */
  readonly heldout: HeldOut | null;
  /** What the model cannot say, and why. */
  readonly notes: readonly string[];
}

export type AskColumn =
  | {
      readonly kind: "number";
      readonly name: string;
      /** Of training rows, in the column's own units. */
      readonly min: number;
      readonly max: number;
      /** From one position of a slider to the next. */
      readonly step: number;
    }
  | { readonly kind: "category"; readonly name: string; readonly levels: readonly string[] };

export interface HeldOut {
  /** Ends of the histogram's axis, and heights of its bins: shares of the examples. */
  readonly range: readonly [number, number];
  readonly shares: readonly number[];
  readonly count: number;
  /** Below it an input is flagged; null where there are too few examples for the rate. */
  readonly threshold: number | null;
  /** Share of data like the training data that is flagged. */
  readonly rate: number;
}

/** POST /api/ask/:id/row {@link AskedRow}, /pixels {@link AskedPixels}, /picture {@link AskedUpload}, and a row of a scored table: what the model says. */
export interface Answer {
  readonly class: string | null;
  /** Calibrated, in the order of the classes. */
  readonly probabilities: readonly { readonly name: string; readonly value: number }[] | null;
  /** Null where it is no finite number. */
  readonly logDensity: number | null;
  /** Share of held-out data that is likelier. */
  readonly surprise: number | null;
  readonly unusual: boolean | null;
  /** Columns that make it unlikely, with their shares; null where it cannot be said. */
  readonly why: readonly { readonly column: string; readonly share: number }[] | null;
  readonly notes: readonly string[];
  readonly nearest: Nearest | null;
  readonly picture: AskedPicture | null;
}

/** Training rows most like it, nearest first. */
export type Nearest =
  | { readonly kind: "rows"; readonly rows: readonly Readonly<Record<string, string>>[] }
  /** Addresses of pictures, with the data inside. */
  | { readonly kind: "pictures"; readonly pictures: readonly string[] };

export interface AskedPicture {
  /** As the model sees it: an address with the data inside. */
  readonly seen: string;
  readonly size: number;
  /** By row: what f wins where the pixel's surroundings are replaced by theirs; above 0 what is there makes the picture unlikely. */
  readonly gains: readonly number[];
}

export interface AskedRow {
  /** As text, by column; empty for missing. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface AskedPixels {
  /** Brightness from 0 (black) to 255, row by row, of a grey picture of the model's size. */
  readonly pixels: readonly number[];
}

/** A file that was given to the studio (POST /api/uploads). */
export interface AskedUpload {
  readonly upload: string;
}

/** POST /api/ask/:id/table {@link AskedUpload}: scoring begins. GET /api/scored/:key: how far it is. GET /api/scored/:key/csv: the file, when it is done. */
export interface ScoredTable {
  readonly key: string;
  /** As it was called. */
  readonly name: string;
  readonly state: "scoring" | "done" | "failed";
  /** Why it failed. */
  readonly problem: string | null;
  readonly rows: number;
  /** Of about how many; null where that is not known. */
  readonly about: number | null;
  readonly bad: number;
  readonly unusual: number;
  readonly notes: readonly string[];
  /** More rows than are shown: the most surprising ones are. The file that is downloaded has all. */
  readonly shown: number;
}

/** GET /api/scored/:key/rows?sort=surprise&order=desc&offset=0&count=50 */
export interface ScoredPage {
  /** Columns of the file, as they stand in `fields`. */
  readonly columns: readonly string[];
  readonly place: "line" | "row" | "file";
  readonly rows: readonly ScoredRow[];
  readonly total: number;
}

export interface ScoredRow {
  /** By which it is asked for again: GET /api/scored/:key/rows/:index answers with an {@link Answer}. */
  readonly index: number;
  readonly at: number | string;
  readonly fields: readonly (string | null)[];
  /** Why it could not be read: the rest is null then. */
  readonly problem: string | null;
  readonly note: string | null;
  readonly class: string | null;
  readonly probability: number | null;
  readonly logDensity: number | null;
  readonly surprise: number | null;
  readonly unusual: boolean | null;
}

export type Sort = "surprise" | "place" | "class" | "probability" | "logDensity";

/** GET /api/landscape/:id?checkpoint=best&plane=principal, or plane=3,17,255: rows of the reference. */
export interface Landscape {
  readonly checkpoints: readonly LandscapeCheckpoint[];
  readonly checkpoint: string;
  readonly iteration: number;
  /** What the plane is. `whole`: the model is of two dimensions. */
  readonly plane: "whole" | "principal" | "examples";
  readonly x: LandscapeAxis;
  readonly y: LandscapeAxis;
  /** Values along each side. */
  readonly side: number;
  /** Row by row from the bottom left; null where it is no finite number. */
  readonly logDensity: readonly (number | null)[];
  /** Whether log Z is subtracted; else known up to a constant. */
  readonly normalised: boolean;
  /** Of the colours: what lies below is drawn as the lowest. */
  readonly range: readonly [number, number];
  /** Points [x, y] on the plane, seen at a right angle. */
  readonly data: Points;
  readonly samples: Points | null;
  /** By moment: places of the chains. */
  readonly chains: readonly Points[] | null;
  /** Share of proposals that the chains accepted. */
  readonly acceptance: number | null;
  /** Of a plane through examples: where they are. */
  readonly examples: Points | null;
  readonly notes: readonly string[];
}
export type Points = readonly (readonly [number, number])[];

export interface LandscapeAxis {
  readonly title: string;
  readonly min: number;
  readonly max: number;
}

export interface LandscapeCheckpoint {
  readonly name: string;
  readonly iteration: number | null;
}

/** GET /api/landscape/:id/examples: training rows that a plane can go through. */
export interface LandscapeExamples {
  readonly rows: readonly {
    readonly index: number;
    readonly text: string;
    /** The address of a picture, with the data inside. */
    readonly picture: string | null;
  }[];
}

/** GET /api/sources: what can be learned. */
export interface Sources {
  readonly datasets: readonly {
    readonly name: string;
    readonly kind: "toy" | "image" | "table";
    readonly summary: string;
    readonly state: "built in" | "ready" | "partial" | "incomplete" | "missing";
  }[];
  /** Tables and folders of pictures below the studio's folders, as the server takes them. */
  readonly files: readonly { readonly path: string; readonly bytes: number | null }[];
}

/** POST /api/columns: what would be made of a table's columns, by the same functions as training. */
export interface ColumnsRequest {
  /** A file below the studio's folders, or `upload:ID`. */
  readonly table: string;
  readonly label: string | null;
  readonly ignore: readonly string[];
  readonly categorical: readonly string[];
  readonly numeric: readonly string[];
}

export interface TableColumns {
  /** How the file is made, and what a user should know of it. */
  readonly remarks: readonly string[];
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly becomes: "number" | "category" | "class" | "left out";
    readonly missing: number;
    /** Range or levels. */
    readonly content: string;
    readonly why: string;
  }[];
}
