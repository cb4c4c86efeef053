/**
 * Several tensors as one position. Samplers move one tensor per chain; a joint space, such as the latent z and the noise ε of
 * a generator's output g(z) + σ ε, is their concatenation.
 *
 * @example
 * // MALA in the joint latent space of (z, ε), z [B, k] and ε [B, 3, 32, 32]
 * const logDensity = (joint: Tensor) => {
 *   const [z, epsilon] = unpack(joint, [[k], [3, 32, 32]]);
 *   return f(add(decode(z), mul(epsilon, sigma)));
 * };
 * const start = pack([z, epsilon]); // [B, k + 3072]
 */
import { concat, flatten, reshape, type Shape, ShapeError, sizeOf, slice, type Tensor } from "../graph/index.js";

/** Parts `[B, …event]` flattened and joined: `[B, Σ sizes]`. */
export const pack = (parts: readonly Tensor[]): Tensor =>
  concat(
    parts.map((part) => flatten(part)),
    1,
  );

/**
 * The parts of a joint position `[B, Σ sizes]`, given the shapes of their events: the inverse of {@link pack}.
 * @throws ShapeError where the sizes do not add up.
 */
export function unpack<const E extends readonly Shape[]>(joint: Tensor, events: E): { [I in keyof E]: Tensor } {
  const [batch, width] = joint.shape;
  const total = events.reduce((n, event) => n + sizeOf(event), 0);
  if (joint.rank !== 2 || width !== total) {
    throw new ShapeError("unpack", `${joint} does not hold rows of ${total} elements`);
  }
  let start = 0;
  const parts = events.map((event) => {
    const end = start + sizeOf(event);
    const part = reshape(slice(joint, null, { start, end }), [batch!, ...event]);
    start = end;
    return part;
  });
  return parts as { [I in keyof E]: Tensor };
}
