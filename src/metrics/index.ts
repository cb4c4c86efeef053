/** Measures of predictions and densities: pure functions of numbers. */
export * from "./bootstrap.js";
export * from "./calibration.js";
export * from "./classification.js";
export * from "./classifier.js";
export * from "./detection.js";
export * from "./grid.js";
export * from "./soft-labels.js";
export * from "./temperature.js";
