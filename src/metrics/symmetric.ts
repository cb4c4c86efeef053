/** Eigenvalues and eigenvectors of symmetric matrices, in double precision. */

export interface Eigen {
  /** Descending, `n`. */
  readonly values: Float64Array;
  /** Row i is the unit eigenvector of value i: `n × n`, row by row. */
  readonly vectors: Float64Array;
}

/**
 * A = Vᵀ diag(λ) V for a symmetric `n × n` matrix given row by row: Householder's reduction to tridiagonal form, then the QL
 * algorithm with implicit shifts (Golub & Van Loan, "Matrix Computations", section 8.3). O(n³).
 * @throws RangeError where the matrix is not square or holds what is not a number.
 */
export function eigenSymmetric(matrix: ArrayLike<number>, n: number): Eigen {
  const { diagonal, off, reflections } = tridiagonal(checked(matrix, n), n);
  const basis = basisOf(reflections, n);
  diagonalize(diagonal, off, basis, n);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(basis.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/**
 * The eigenvalues alone, in no order, in less time.
 * @throws RangeError where the matrix is not square or holds what is not a number.
 */
export function eigenvaluesSymmetric(matrix: ArrayLike<number>, n: number): Float64Array {
  const { diagonal, off } = tridiagonal(checked(matrix, n), n);
  diagonalize(diagonal, off, null, n);
  return diagonal;
}

/** A copy. */
function checked(matrix: ArrayLike<number>, n: number): Float64Array {
  if (matrix.length !== n * n) throw new RangeError(`${matrix.length} elements are no ${n} × ${n} matrix`);
  const a = Float64Array.from(matrix);
  if (!a.every(Number.isFinite)) throw new RangeError("the matrix holds what is not a finite number");
  return a;
}

/** A = Qᵀ T Q with T tridiagonal, by reflections I - 2 v vᵀ that clear one column after the other. Overwrites `a`. */
function tridiagonal(a: Float64Array, n: number) {
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  const reflections: (Float64Array | null)[] = [];
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = a[k * n + k]!;
    const first = k + 1;
    const v = new Float64Array(n);
    for (let i = first; i < n; i++) v[i] = a[i * n + k]!;
    const norm = length(v);
    const tail = length(v.subarray(first + 1));
    if (tail === 0) {
      off[k] = v[first]!;
      reflections.push(null);
      continue;
    }
    off[k] = v[first]! > 0 ? -norm : norm;
    v[first] = v[first]! - off[k]!;
    const scale = 1 / length(v);
    for (let i = first; i < n; i++) v[i] = v[i]! * scale;
    // (I - 2vvᵀ) A (I - 2vvᵀ) = A - 2 v wᵀ - 2 w vᵀ with w = A v - (vᵀ A v) v
    const w = new Float64Array(n);
    let projection = 0;
    for (let i = first; i < n; i++) {
      let sum = 0;
      for (let j = first; j < n; j++) sum += a[i * n + j]! * v[j]!;
      w[i] = sum;
      projection += sum * v[i]!;
    }
    for (let i = first; i < n; i++) w[i] = w[i]! - projection * v[i]!;
    for (let i = first; i < n; i++) {
      const [vi, wi] = [2 * v[i]!, 2 * w[i]!];
      for (let j = first; j < n; j++) a[i * n + j] = a[i * n + j]! - vi * w[j]! - wi * v[j]!;
    }
    reflections.push(v);
  }
  diagonal[n - 1] = a[n * n - 1]!;
  return { diagonal, off, reflections };
}

/** Q of {@link tridiagonal}. */
function basisOf(reflections: readonly (Float64Array | null)[], n: number): Float64Array {
  // A = H₀ … H_last T H_last … H₀, so Q = H_last … H₀: built row by row, each reflection from the right.
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (let k = reflections.length - 1; k >= 0; k--) {
    const v = reflections[k];
    if (!v) continue;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += basis[i * n + j]! * v[j]!;
      for (let j = k + 1; j < n; j++) basis[i * n + j] = basis[i * n + j]! - 2 * sum * v[j]!;
    }
  }
  return basis;
}

/** Turns the tridiagonal matrix (`diagonal`, `off`) into its eigenvalues, rotating the rows of a basis along. */
function diagonalize(diagonal: Float64Array, off: Float64Array, basis: Float64Array | null, n: number): void {
  const [d, e] = [diagonal, off];
  // Beside rounding of the whole matrix: neighbours that are zero themselves, as in singular covariances, would ask for no end.
  const rounding = Number.EPSILON * d.reduce((most, v, i) => Math.max(most, Math.abs(v) + Math.abs(e[i]!)), 0);
  const negligible = (i: number) => Math.abs(e[i]!) <= rounding;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < n - 1 && !negligible(m)) m++;
      if (m === l) break;
      if (sweep === 60) throw new RangeError("the eigenvalues do not converge");
      // Wilkinson's shift: the eigenvalue of the leading 2 × 2 block that is nearer to its corner.
      const half = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      const root = Math.sqrt(half * half + 1);
      let g = d[m]! - d[l]! + e[l]! / (half + (half >= 0 ? root : -root));
      let [sine, cosine, shift] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] = d[i + 1]! - shift;
          e[m] = 0;
          break;
        }
        [sine, cosine] = [f / r, g / r];
        g = d[i + 1]! - shift;
        const t = (d[i]! - g) * sine + 2 * cosine * b;
        shift = sine * t;
        d[i + 1] = g + shift;
        g = cosine * t - b;
        if (basis !== null) rotate(basis, n, i, sine, cosine);
      }
      if (i >= l) continue;
      d[l] = d[l]! - shift;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** Rotates rows i and i + 1. */
function rotate(basis: Float64Array, n: number, i: number, sine: number, cosine: number): void {
  const [upper, lower] = [basis.subarray(i * n, (i + 1) * n), basis.subarray((i + 1) * n, (i + 2) * n)];
  for (let k = 0; k < n; k++) {
    const [u, v] = [upper[k]!, lower[k]!];
    lower[k] = sine * u + cosine * v;
    upper[k] = cosine * u - sine * v;
  }
}

function length(v: Float64Array): number {
  let sum = 0;
  for (const x of v) sum += x * x;
  return Math.sqrt(sum);
}
