// The example's page imports the loader from this path.
export * from "../../../../build-support/runtime/loader.mjs";
