/** Contour lines of a field on a grid, by marching squares: pieces of lines, unjoined. */

/**
 * `[x, y, x', y', …]` in units of the grid: the middle of cell (column, row) is (column, row).
 * @param values `[side²]`, row by row
 */
export function contour(values: ArrayLike<number>, side: number, level: number): Float32Array {
  const lines: number[] = [];
  for (let row = 0; row + 1 < side; row++)
    for (let column = 0; column + 1 < side; column++) {
      const corner = (dx: number, dy: number) => values[(row + dy) * side + column + dx]!;
      // Around the square: bottom left, bottom right, top right, top left.
      const around = [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ] as const;
      const crossings: [number, number][] = [];
      around.forEach(([x, y], i) => {
        const [u, v] = around[(i + 1) % 4]!;
        const [a, b] = [corner(x, y), corner(u, v)];
        if (a < level === b < level) return;
        const share = (level - a) / (b - a);
        crossings.push([column + x + share * (u - x), row + y + share * (v - y)]);
      });
      // Two crossings are a line; four are a saddle, as two lines.
      for (let i = 0; i + 1 < crossings.length; i += 2) lines.push(...crossings[i]!, ...crossings[i + 1]!);
    }
  return Float32Array.from(lines);
}
