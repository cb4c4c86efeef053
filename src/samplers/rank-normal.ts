/** Ranks turned into normal scores: makes diagnostics work for heavy tails (Vehtari et al. 2021, section 4.1). */

/** Values of several chains by rank r among all of them: Φ⁻¹((r - 3/8) / (S + 1/4)), ties by their average rank. */
export function rankNormalize(chains: readonly ArrayLike<number>[]): Float64Array[] {
  const scores = chains.map((chain) => new Float64Array(chain.length));
  const entries = chains.flatMap((chain, c) => Array.from(chain, (value, i) => ({ value, c, i })));
  entries.sort((a, b) => a.value - b.value);
  for (let first = 0; first < entries.length; ) {
    let next = first + 1;
    while (next < entries.length && entries[next]!.value === entries[first]!.value) next++;
    const rank = (first + 1 + next) / 2;
    const score = normalQuantile((rank - 3 / 8) / (entries.length + 1 / 4));
    for (const { c, i } of entries.slice(first, next)) scores[c]![i] = score;
    first = next;
  }
  return scores;
}

/** Evaluates a polynomial, lowest coefficient first. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, c) => sum * x + c, 0);

/** Φ⁻¹(p), to about 7 digits: Wichura (1988), algorithm AS 241, PPND7. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const top = polynomial([3.3871327179, 50.434271938, 159.29113202, 59.10937472], r);
    return (q * top) / polynomial([1, 17.895169469, 78.757757664, 67.1875636], r);
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p)));
  const near = r <= 5;
  const x = near ? r - 1.6 : r - 5;
  const size = near
    ? polynomial([1.4234372777, 2.75681539, 1.3067284816, 0.17023821103], x) /
      polynomial([1, 0.7370016425, 0.12021132975], x)
    : polynomial([6.657905115, 3.081226386, 0.42868294337, 0.017337203997], x) /
      polynomial([1, 0.24197894225, 0.012258202635], x);
  return Math.sign(q) * size;
}
