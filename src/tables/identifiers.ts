/** Numbers that only tell rows apart. */

/** Names that programs and people give to them: `id`, `user_id`, `Row number`, `Unnamed: 0`; `userId`. */
const NAME =
  /^(.*[_\s.-])?(id|idx|index|uid|uuid|guid|rowid|row([_\s.]?(number|num|no|nr|names?))?)$|^(nr|no|#|unnamed: ?\d+)$/i;
const CAMEL = /[a-z]I[dD]$/;
const NAMELESS = /^column\d+$/;

/** Whether a column is called like one. @param named whether the file names its columns: then one without a name is suspect */
export const hasIdentifierName = (name: string, named: boolean): boolean =>
  NAME.test(name) || CAMEL.test(name) || (named && NAMELESS.test(name));

interface WholeNumbers {
  readonly numbers: number;
  readonly odd: number;
  readonly whole: boolean;
  readonly min: number;
  readonly max: number;
}

/** Whole numbers that may be 0, 1, 2, … or 1, 2, 3, …, in any order. */
export const mayCountRows = ({ numbers, odd, whole, min, max }: WholeNumbers, rows: number): boolean =>
  whole && odd === 0 && numbers === rows && (min === 0 || min === 1) && max - min === rows - 1;
