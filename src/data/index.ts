/** Data sets, file formats, augmentation, batching, download. For Node; `web.ts` has what runs in a web page. */
export { DATASETS, type DatasetEntry, type Download, type LoadOptions } from "./catalog.js";
export { type Checksum, type DownloadOptions, download, hashFile, type Progress } from "./fetch.js";
export {
  type DatasetStatus,
  dataRoot,
  datasetEntry,
  fetchDataset,
  fetchFiles,
  listDatasets,
  loadDataset,
} from "./registry.js";
export { type ImageFolderOptions, loadCelebA, loadImageFolder } from "./sets/image-folder.js";
export * from "./web.js";
