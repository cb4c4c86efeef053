/** The activation of all energy functions of the paper. */
import { leakyRelu, type Tensor } from "../../graph/index.js";

/** LeakyReLU with slope 0.2. */
export const leaky = (x: Tensor): Tensor => leakyRelu(x, 0.2);
