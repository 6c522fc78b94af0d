import { setupServer } from "msw/node";

/** The network of a test: what a test does not answer is an error. */
export const server = setupServer();
