/** What a user says of a file of a table. */
import { bool, choice, string, strings } from "./option.js";

/** How a file of a table is to be read where it does not tell, for training and scoring alike. */
export const READING = {
  delimiter: string({
    value: "CHAR",
    otherwise: "as it is",
    help: "What separates the fields of a text: , ; | or tab.",
  }),
  header: bool(null, {
    nothing: "auto",
    otherwise: "as it is",
    help: "Whether the first line names the columns (--no-header: it does not).",
  }),
  decimal: choice(null, [".", ","], { nothing: "auto", otherwise: "as it is", help: "The decimal sign of a text." }),
  missing: strings({
    value: "TEXT …",
    help: "What stands for missing values, beside an empty field, NA, NaN, null and the like.",
  }),
  encoding: string({
    value: "NAME",
    otherwise: "as it is",
    help: "Of a text, like utf-16le, windows-1252 or shift_jis.",
  }),
};
