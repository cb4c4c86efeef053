/** Lines of equal value through a grid, by marching squares: segments between places on the edges of cells. */

/** [x, y, x, y] in cells, from the bottom left. */
export type Segment = readonly [number, number, number, number];

/** @param values row by row from the bottom left; null where there is none: no line goes there */
export function contour(values: readonly (number | null)[], side: number, level: number): Segment[] {
  const segments: Segment[] = [];
  const at = (i: number, j: number) => values[i * side + j] ?? null;
  for (let i = 0; i + 1 < side; i++)
    for (let j = 0; j + 1 < side; j++) {
      const corners = [at(i, j), at(i, j + 1), at(i + 1, j + 1), at(i + 1, j)];
      if (!corners.every((value) => value !== null)) continue;
      const [a, b, c, d] = corners as [number, number, number, number];
      // Where the line crosses the cell's edges, bottom, right, top, left: values lie in the middles of their cells.
      const [x, y] = [j + 0.5, i + 0.5];
      const crossings: (readonly [number, number])[] = [];
      const cross = (p: number, q: number, place: (share: number) => readonly [number, number]) => {
        if (p < level !== q < level) crossings.push(place((level - p) / (q - p)));
      };
      cross(a, b, (t) => [x + t, y]);
      cross(b, c, (t) => [x + 1, y + t]);
      cross(d, c, (t) => [x + t, y + 1]);
      cross(a, d, (t) => [x, y + t]);
      for (let k = 0; k + 1 < crossings.length; k += 2) segments.push([...crossings[k]!, ...crossings[k + 1]!]);
    }
  return segments;
}
