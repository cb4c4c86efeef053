export * from "./dcgan.js";
export * from "./ensemble.js";
export * from "./mlp.js";
export * from "./mnist-classifier.js";
export type { OutputActivation } from "./output.js";
export * from "./resnet.js";
export * from "./toy.js";
export * from "./wide-resnet.js";
