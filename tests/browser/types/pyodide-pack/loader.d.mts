// Where the example's page imports it from.
export * from "../../../../build-support/runtime/loader.mjs";
